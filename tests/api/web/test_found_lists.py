"""Lists narrowed to a cohort or a person's own, searched and exported; ways from names to pages."""

import re
from datetime import timedelta
from html import unescape
from urllib.parse import quote

import httpx
import pytest

from api.web.kit.filters import PersonKeys
from api.web.kit.seal import AddressSeal
from api.web.kit.table import ROWS
from api.web.kit.table_filters import MOST_CHOICES
from api.web.kit.thing_pages import RELATED_ROWS
from infra.bootstrap import App
from infra.readside.projector import catch_up
from projections.kernel.paging import Paging
from projections.people.people import PERSON_LIST
from projections.teaching.cohorts import COHORT_LIST
from projections.trainees.cohort_roster import TRAINEE_LIST
from services.kernel.context import Role
from tests.api.web.visiting import fresh, hidden, log_in
from tests.browser.story import COHORT, PASSWORD, Told, join, tell
from tests.situation import (
    batch_opened,
    enrolled,
    manager_changed,
    ordered,
    passed_gate,
    went_live,
)

ROW = re.compile(r'<tr data-id="([^"]+)"')
MANAGER = "M02"
MANY = 61


@pytest.fixture(scope="module")
async def told(app: App) -> Told:
    told = await tell(app, "FOUND")
    day = told.live_on
    await told.does(
        batch_opened("B-02", on=day),
        enrolled("U1", cohort="B-02", name="王芳", on=day, manager="M03"),
        passed_gate("U1", on=day),
        went_live("U1", on=day),
        *(ordered("U1", f"LONG-{n:02}", on=day + timedelta(days=n)) for n in range(13)),
        *(
            enrolled(who, cohort="B-02", name="秦明", on=day, manager="M03")
            for who in ("U2", "E10010")
        ),
        ordered("U2", "1001", on=day),
    )
    await catch_up(app, told.principal.tenant)
    return told


@pytest.fixture
async def managers(app: App, told: Told) -> dict[str, str]:
    """The ids of the managers by their names."""
    rows = (await app.lists(told.principal).page(PERSON_LIST, Paging(), staff=True)).rows
    return {row.name: row.person_id for row in rows}


@pytest.fixture
async def cohort(app: App, told: Told) -> str:
    row = await app.lists(told.principal).get(COHORT_LIST, code=COHORT)
    assert row is not None
    return row.cohort_id


async def test_people_are_narrowed_to_a_cohort_by_its_id_or_its_code(
    browser: httpx.AsyncClient, cohort: str
) -> None:
    found = [(await browser.get(f"/trainees?cohort={text}")).text for text in (cohort, COHORT)]
    assert [len(ROW.findall(page)) for page in found] == [20, 20]
    assert f'<option value="{cohort}" selected>第一期 {COHORT}</option>' in found[1]


async def test_a_manager_is_chosen_without_a_name_in_an_address(
    browser: httpx.AsyncClient, managers: dict[str, str]
) -> None:
    page = (await browser.get("/trainees")).text
    person = managers[MANAGER]
    assert f'<option value="{person}">{MANAGER}</option>' in page
    for sent in (person, MANAGER):
        data = {"csrf": hidden(page, "csrf"), "manager": sent}
        address = (await browser.post("/trainees", data=data)).headers["location"]
        assert address == f"/trainees?manager={person}"
    found = (await browser.get(address)).text
    assert len(ROW.findall(found)) == 10
    assert not re.search(rf'(?:href|action)="[^"]*{MANAGER}', found)


async def test_a_name_that_nobody_has_is_told_and_stands_in_no_address(
    browser: httpx.AsyncClient,
) -> None:
    page = (await browser.get("/trainees")).text
    sent = {"csrf": hidden(page, "csrf"), "manager": "Nobody"}
    address = (await browser.post("/trainees", data=sent)).headers["location"]
    assert "Nobody" not in address
    answer = await browser.get(address)
    assert answer.status_code == 422
    assert "找不到所填的名称" in answer.text


async def test_of_many_cohorts_the_latest_are_suggested_and_one_is_typed(
    http: httpx.AsyncClient, app: App
) -> None:
    told = await join(app, fresh("MANY"))
    await told.does(*(batch_opened(f"C-{n:02}", on=told.live_on) for n in range(MANY)))
    await told.does(enrolled("V1", cohort="C-07", name="李静", on=told.live_on))
    await catch_up(app, told.principal.tenant)
    await log_in(http, told.email)
    page = (await http.get("/trainees")).text
    assert '<datalist id="known-cohort">' in page
    sent = {"csrf": hidden(page, "csrf"), "cohort": "c-07"}
    found = (await http.get((await http.post("/trainees", data=sent)).headers["location"])).text
    assert 'value="C-07" form="filters"' in found
    assert len(ROW.findall(found)) == 1
    http.cookies.clear()


async def test_a_found_list_is_exported_in_its_order_and_tells_no_name_in_its_address(
    browser: httpx.AsyncClient,
) -> None:
    page = (await browser.get("/trainees")).text
    sent = {"csrf": hidden(page, "csrf"), "search": "t0", "sort": "-employee_no"}
    found = (
        await browser.get((await browser.post("/trainees", data=sent)).headers["location"])
    ).text
    (address,) = re.findall(r'href="(/trainees/list[.]csv[^"]*)"', found)
    assert not re.search(r"(?:\b|%3D)t0\b", address)
    lines = (await browser.get(unescape(address))).text.splitlines()
    assert [line.split(",")[0] for line in lines[1:]] == [f"T0{n}" for n in range(9, 0, -1)]
    assert (await browser.get("/trainees/list.xlsx?search=t07")).status_code == 422


async def test_a_search_is_cut_at_the_length_that_its_field_has(
    browser: httpx.AsyncClient,
) -> None:
    page = (await browser.get("/trainees")).text
    sent = {"csrf": hidden(page, "csrf"), "search": "x" * 60_000}
    address = (await browser.post("/trainees", data=sent)).headers["location"]
    assert len(address) < 400
    assert f'value="{"x" * 100}"' in (await browser.get(address)).text


async def test_a_name_in_a_table_leads_to_its_cohort_or_its_people(
    browser: httpx.AsyncClient, cohort: str, managers: dict[str, str]
) -> None:
    page = (await browser.get("/trainees?sort=employee_no")).text
    assert f'<a href="/cohorts/{cohort}">{COHORT}</a>' in page
    assert f'<a href="/trainees?manager={managers[MANAGER]}">{MANAGER}</a>' in page


@pytest.mark.parametrize(
    ("by", "address"),
    [
        ("cohort", "/cohorts/named?name=B-02"),
        ("manager", "/trainees?manager={}"),
    ],
)
async def test_a_row_of_the_board_leads_to_its_cohort_or_its_people(
    browser: httpx.AsyncClient, managers: dict[str, str], by: str, address: str
) -> None:
    address = address.format(managers["M03"])
    assert f'<a href="{address}">' in (await browser.get(f"/?by={by}")).text
    answer = await browser.get(address, follow_redirects=True)
    assert answer.status_code == 200
    assert "王芳" in answer.text


async def test_a_code_that_nothing_has_leads_to_no_page(browser: httpx.AsyncClient) -> None:
    assert (await browser.get(f"/cohorts/named?name={quote('无')}")).status_code == 404


async def test_a_position_that_is_not_recorded_yet_is_told_on_lists_and_things(
    browser: httpx.AsyncClient, cohort: str
) -> None:
    for path in ("/trainees", "/scheme", f"/cohorts/{cohort}"):
        assert "数据版本 999999 尚不存在" in (await browser.get(f"{path}?known=999999")).text


async def test_of_many_orders_the_latest_stand_on_the_page_of_a_person_and_the_rest_behind_them(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    row = await app.lists(told.principal).get(TRAINEE_LIST, employee_no="U1")
    assert row is not None
    address = f"/trainees/{row.trainee_id}"
    first = (await browser.get(address)).text
    assert _orders(first) == [f"LONG-{n:02}" for n in range(12, 2, -1)]
    (following,) = re.findall(r'href="([?][^"]*from=10)" rel="next"', first)
    assert _orders((await browser.get(address + unescape(following))).text) == [
        f"LONG-{n:02}" for n in range(2, -1, -1)
    ]


async def test_the_number_of_an_order_leads_to_who_has_it_and_where_it_stands(
    browser: httpx.AsyncClient,
) -> None:
    page = (await browser.get("/trainees")).text
    sent = {"csrf": hidden(page, "csrf"), "search": "long-01"}
    asked = (await browser.post("/trainees", data=sent)).headers["location"]
    found = await browser.get(asked, follow_redirects=True)
    assert "王芳" in found.text
    assert re.search(r'aria-current="true"><td>LONG-01\b', found.text)


@pytest.mark.parametrize(
    ("narrowed", "people"), [({}, 1), ({"status": "left"}, 0), ({"manager": "M03"}, 1)]
)
async def test_a_number_of_an_order_in_that_of_a_person_leads_to_both(
    browser: httpx.AsyncClient, app: App, told: Told, narrowed: dict[str, str], people: int
) -> None:
    page = (await browser.get("/trainees")).text
    sent = {"csrf": hidden(page, "csrf"), "search": "1001", **narrowed}
    answer = await browser.get((await browser.post("/trainees", data=sent)).headers["location"])
    assert answer.status_code == 200
    assert len(ROW.findall(answer.text)) == people
    row = await app.lists(told.principal).get(TRAINEE_LIST, employee_no="U2")
    assert row is not None
    assert f'<a href="/trainees/{row.trainee_id}?order=1001">秦明 U2</a>' in answer.text
    assert "订单 1001 属于" in answer.text


async def test_a_name_that_another_log_in_sealed_is_told_as_such(
    browser: httpx.AsyncClient,
) -> None:
    sealed = AddressSeal("another").close("王")
    answer = await browser.get("/trainees", params={"manager": sealed})
    assert answer.status_code == 422
    assert "查找的内容已失效" in answer.text
    assert "找不到" not in answer.text


async def test_of_many_people_the_commonest_are_suggested_and_any_is_found(
    http: httpx.AsyncClient, app: App
) -> None:
    told = await join(app, fresh("CHIEFS"))
    on, chiefs = told.live_on, [f"主管{n:02}" for n in range(MANY)]
    people = [(f"X{n:02}", chief) for n, chief in enumerate([*chiefs, *chiefs[:MOST_CHOICES]])]
    await told.does(
        batch_opened("B-01", on=on),
        *(enrolled(who, cohort="B-01", on=on, manager=chief) for who, chief in people),
    )
    await catch_up(app, told.principal.tenant)
    page = (await (await log_in(http, told.email)).get("/trainees")).text
    (known,) = re.findall(r'<datalist id="known-manager">(.*?)</datalist>', page, re.DOTALL)
    assert re.findall(r'value="([^"]+)"', known) == chiefs[:MOST_CHOICES]
    sent = {"csrf": hidden(page, "csrf"), "manager": chiefs[-1]}
    found = await http.get((await http.post("/trainees", data=sent)).headers["location"])
    assert len(ROW.findall(found.text)) == 1
    http.cookies.clear()


@pytest.mark.parametrize(
    "address", ["/figures/members?kpi=entered&by=month", "/what-if?window_days=1"]
)
async def test_from_a_figure_of_the_past_names_lead_to_pages_of_then(
    browser: httpx.AsyncClient, told: Told, address: str
) -> None:
    then = f"on={told.live_on + timedelta(days=60)}"
    page = (await browser.get(f"{address}&{then}")).text
    links = re.findall(r'<a href="(/(?:trainees|cohorts)/[^"]+)">', page)
    assert {link.split("/")[1] for link in links} == {"trainees", "cohorts"}
    assert all(then in link for link in links)


def _orders(page: str) -> list[str]:
    """The orders of a person's page, as they stand in the table."""
    return re.findall(r"<tr[^>]*><td>(LONG-\d+)", page)


@pytest.mark.parametrize(
    ("days", "said"), [(-1, "这一单不计入指标：早于上岗"), (31, "这一单不计入指标：超出统计期")]
)
async def test_an_order_that_does_not_count_is_told_when_it_is_saved(
    browser: httpx.AsyncClient, app: App, told: Told, days: int, said: str
) -> None:
    row = await app.lists(told.principal).get(TRAINEE_LIST, employee_no="T01")
    assert row is not None
    path = f"/trainees/{row.trainee_id}/record-order"
    page = (await browser.get(path)).text
    sent = {"csrf": hidden(page, "csrf"), "key": hidden(page, "key"), "order_no": f"OUT{days}"}
    closed_on = str(told.live_on + timedelta(days=days))
    answer = await browser.post(path, data=sent | {"closed_on": closed_on})
    await catch_up(app, told.principal.tenant)
    assert said in (await browser.get(answer.headers["location"])).text


async def test_who_may_not_see_the_board_is_led_to_the_first_page_of_the_menu(
    http: httpx.AsyncClient, app: App, told: Told
) -> None:
    partner = await app.accounts.organisation_of(told.principal.tenant)
    assert partner is not None
    email = "assistant@found.example"
    await app.accounts.create_user(
        email=email, name="陈助理", role=Role.ASSISTANT, password=PASSWORD, partner="FOUND"
    )
    await log_in(http, email)
    answer = await http.get("/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/trainees")
    http.cookies.clear()


async def test_a_number_of_a_person_is_hidden_until_it_is_asked_for(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    page = (await browser.get("/trainees/new")).text
    sent = {"csrf": hidden(page, "csrf"), "key": hidden(page, "key"), "employee_no": "W1"}
    sent |= {"name": "赵敏", "cohort": "B-02", "entered_on": str(told.live_on)}
    answer = await browser.post("/trainees/new", data=sent | {"phone": "13800000013"})
    await catch_up(app, told.principal.tenant)
    shown = (await browser.get(answer.headers["location"])).text
    assert "<summary><span>138****0013</span></summary>13800000013" in shown


async def test_of_the_past_people_are_narrowed_to_who_managed_them_then(
    http: httpx.AsyncClient, app: App
) -> None:
    told = await join(app, fresh("MANAGED"))
    day = told.live_on
    await told.does(
        batch_opened("B-01", on=day),
        enrolled("Y1", cohort="B-01", name="周宁", on=day, manager="钱主管"),
        manager_changed("Y1", on=day + timedelta(days=9), to="孙主管"),
    )
    await catch_up(app, told.principal.tenant)
    await log_in(http, told.email)
    then = (await http.get(f"/trainees?on={day}")).text
    (address,) = re.findall(r'<a href="([^"]*)">钱主管</a>', then)
    assert len(ROW.findall((await http.get(unescape(address))).text)) == 1
    key = PersonKeys(app.settings.secret_key, told.principal.tenant).of("钱主管")
    assert (await http.get(f"/trainees?manager={key}")).status_code == 422
    http.cookies.clear()


async def test_of_many_people_the_page_of_a_cohort_says_how_many_it_shows_and_where_the_rest_is(
    http: httpx.AsyncClient, app: App
) -> None:
    told = await join(app, fresh("LARGE"))
    await told.does(batch_opened("B-01", on=told.live_on))
    people = (f"Z{n:02}" for n in range(RELATED_ROWS + 1))
    await told.does(*(enrolled(who, cohort="B-01", on=told.live_on) for who in people))
    await catch_up(app, told.principal.tenant)
    await log_in(http, told.email)
    page = (await http.get("/cohorts/named?name=B-01", follow_redirects=True)).text
    assert len(ROW.findall(page)) == RELATED_ROWS
    assert "第 1–50 条，共 51 条" in page
    (rest,) = re.findall(r'href="([^"]*)" rel="next">查看全部 51 条', page)
    assert "共 51 条" in (await http.get(unescape(rest))).text
    http.cookies.clear()


@pytest.mark.parametrize("counted", [500, 20], ids=["few enough", "more than are counted"])
async def test_a_page_says_which_rows_of_how_many_it_shows_now_and_of_a_moment(
    http: httpx.AsyncClient, app: App, monkeypatch: pytest.MonkeyPatch, counted: int
) -> None:
    monkeypatch.setattr("api.web.kit.table.MOST_COUNTED", counted)
    told = await join(app, fresh("NUMBERED"))
    people = [enrolled(f"Z{n:03}", cohort="B-01", on=told.live_on) for n in range(2 * ROWS + 1)]
    await told.does(batch_opened("B-01", on=told.live_on), *people)
    await catch_up(app, told.principal.tenant)
    await log_in(http, told.email)
    for times in ({}, {"on": str(told.live_on)}):
        asked, numbers = {**times, "sort": "-employee_no"}, []
        for _ in range(3):
            page = (await http.get("/trainees", params=asked)).text
            numbers += re.findall("第 [0-9]+–[0-9]+ 条，共 [0-9+]+ 条", page)
            asked |= {"after": re.findall(r'name="after" value="([^"]+)"', page)[-1:]}
        assert numbers == [
            f"第 1–50 条，共 {'101' if counted == 500 else '50+'} 条",
            f"第 51–100 条，共 {'101' if counted == 500 else '100+'} 条",
            "第 101–101 条，共 101 条",
        ]
    http.cookies.clear()
