"""A name that is typed whole where a number or code is asked names the one thing that bears it."""

import re

import httpx
import pytest

from api.web.kit import bearers
from infra.bootstrap import App
from infra.readside.projector import catch_up
from projections.kernel.paging import Paging
from projections.trainees.cohort_roster import TRAINEE_LIST
from projections.trainees.orders import ORDER_LIST
from tests.api.web.test_sent_twice import HIDDEN
from tests.api.web.visiting import fresh
from tests.browser.story import Told, join
from tests.situation import batch_opened, enrolled, left, passed_gate, went_live

CHOICE = re.compile(r'name="meant\.(\w+)" value="([^"]+)"> ([^<]+)<')
SEVERAL = "名为“李娜”的有 2 个，请选择其中一个，或填写编号。"


@pytest.fixture(scope="module")
async def told(app: App) -> Told:
    """王芳 is E1 and 秦明 E4; E2 and E3 are both called 李娜, and E3 has left."""
    told = await join(app, fresh("NAMED"))
    on = told.live_on
    await told.does(
        batch_opened("B-1", name="九月批", on=on),
        *(batch_opened("B-2", name="十月批", on=on), batch_opened("B-3", name="十月批", on=on)),
        *(
            enrolled("E1", cohort="B-1", name="王芳", on=on),
            enrolled("E4", cohort="B-1", name="秦明", on=on),
        ),
        *(passed_gate("E1", on=on), went_live("E1", on=on)),
        *(enrolled("E2", cohort="B-1", name="李娜", on=on), passed_gate("E2", on=on)),
        went_live("E2", on=on),
        *(enrolled("E3", cohort="B-2", name="李娜", on=on), left("E3", on=on)),
    )
    await catch_up(app, told.principal.tenant)
    return told


async def sold(browser: httpx.AsyncClient, told: Told, no: str, **typed: str) -> httpx.Response:
    page = (await browser.get("/orders/new")).text
    sent = dict(HIDDEN.findall(page)) | {"order_no": no, "closed_on": str(told.live_on)}
    return await browser.post("/orders/new", data=sent | typed)


async def seller_of(app: App, told: Told, no: str) -> str | None:
    await catch_up(app, told.principal.tenant)
    reader = app.lists(told.principal)
    order = await reader.get(ORDER_LIST, order_no=no)
    return order and order.employee_no


async def test_an_order_is_that_persons_who_alone_bears_the_name(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    answer = await sold(browser, told, "N1", employee_no=" 王 芳 ")
    assert answer.status_code == 303
    assert await seller_of(app, told, "N1") == "E1"


async def test_a_form_that_is_sent_twice_with_a_name_is_carried_out_once(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    page = (await browser.get("/orders/new")).text
    sent = dict(HIDDEN.findall(page)) | {"order_no": "N2", "closed_on": str(told.live_on)}
    before = await app.log.position(told.principal.tenant)
    for _ in range(2):
        answer = await browser.post("/orders/new", data=sent | {"employee_no": "王芳"})
        assert answer.status_code == 303
    assert await app.log.position(told.principal.tenant) == before + 1


async def test_who_bears_a_name_of_several_is_offered_and_nothing_that_was_typed_is_lost(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    answer = await sold(browser, told, "N3", employee_no="李娜", product="宽带")
    assert answer.status_code == 422
    assert SEVERAL in answer.text
    assert "没有工号" not in answer.text
    assert 'name="employee_no" id="field-employee_no" value="李娜"' in answer.text
    assert 'value="宽带"' in answer.text
    offered = {number: said for _, number, said in CHOICE.findall(answer.text)}
    assert set(offered) == {"E2", "E3"}
    for number, words in (("E2", ("李娜", "B-1", "在岗")), ("E3", ("李娜", "B-2", "离职"))):
        assert [word for word in (number, *words) if word not in offered[number]] == []
    chosen = await sold(
        browser, told, "N3", employee_no="李娜", product="宽带", **{"meant.employee_no": "E2"}
    )
    assert chosen.status_code == 303
    assert await seller_of(app, told, "N3") == "E2"


async def test_whoever_was_chosen_before_another_number_is_typed_is_not_meant(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    typed = {"employee_no": "E1", "meant.employee_no": "E2"}
    assert (await sold(browser, told, "N4", **typed)).status_code == 303
    assert await seller_of(app, told, "N4") == "E1"


async def test_of_a_name_that_more_may_bear_than_were_looked_at_one_is_chosen(
    browser: httpx.AsyncClient, app: App, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bearers, "LARGEST_PAGE", 1)
    answer = await sold(browser, told, "N6", employee_no="李娜")
    assert answer.status_code == 422
    assert "名为“李娜”的可能不止这些，请选择其中一个，或填写编号。" in answer.text
    [(_, number, _)] = CHOICE.findall(answer.text)
    typed = {"employee_no": "李娜", "meant.employee_no": number}
    assert (await sold(browser, told, "N6", **typed)).status_code == 303
    csrf = {"csrf": dict(HIDDEN.findall((await browser.get("/orders")).text))["csrf"]}
    narrowed = await browser.post("/orders", data=csrf | {"trainee": "李娜"})
    assert "可能不止这些" in (await browser.get(narrowed.headers["location"])).text


async def test_a_name_that_nobody_bears_is_refused_as_a_number(
    browser: httpx.AsyncClient, told: Told
) -> None:
    answer = await sold(browser, told, "N5", employee_no="李")
    assert answer.status_code == 422
    assert "meant." not in answer.text and "李" in answer.text


async def test_a_cohort_is_meant_by_its_name_where_that_is_one_cohorts(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    page = (await browser.get("/sessions/new")).text
    sent = dict(HIDDEN.findall(page)) | {"code": "C1", "topics": "产品", "kind": "induction"}
    sent |= {"planned_on": str(told.live_on)}
    several = await browser.post("/sessions/new", data=sent | {"cohort": "十月批"})
    assert {number for _, number, _ in CHOICE.findall(several.text)} == {"B-2", "B-3"}
    done = await browser.post("/sessions/new", data=sent | {"cohort": "九月批"})
    assert done.status_code == 303


async def test_a_new_persons_number_may_be_anybodys_name(
    browser: httpx.AsyncClient, told: Told
) -> None:
    page = (await browser.get("/trainees/new")).text
    sent = dict(HIDDEN.findall(page)) | {"cohort": "B-1", "employee_no": "秦明", "name": "赵敏"}
    answer = await browser.post("/trainees/new", data=sent | {"entered_on": str(told.live_on)})
    assert answer.status_code == 303


async def test_a_list_is_narrowed_to_the_one_who_bears_a_name(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    rows = (await app.lists(told.principal).page(TRAINEE_LIST, Paging(9))).rows
    csrf = {"csrf": dict(HIDDEN.findall((await browser.get("/orders")).text))["csrf"]}
    one = await browser.post("/orders", data=csrf | {"trainee": "王芳"})
    its = {row.trainee_id for row in rows if row.name == "王芳"}
    assert one.headers["location"] in {f"/orders?trainee={trainee}" for trainee in its}
    several = await browser.post("/orders", data=csrf | {"trainee": "李娜"})
    assert "李娜" not in several.headers["location"]
    assert SEVERAL in (await browser.get(several.headers["location"])).text
