"""Beside what was recorded of a person stands its withdrawal; what was withdrawn says so."""

import re
from datetime import timedelta

import httpx
import pytest

from api.web.kit.resource import name_of
from api.web.pages.resources import RESOURCES
from infra.bootstrap import App
from infra.readside.projector import catch_up
from projections.teaching.cohorts import COHORT_LIST
from projections.trainees.cohort_roster import TRAINEE_LIST
from tests.api.web.visiting import fresh, hidden
from tests.browser.story import Told, join
from tests.situation import (
    NAMES,
    batch_opened,
    complaint_filed,
    enrolled,
    examined,
    held_off,
    judged,
    manager_changed,
    order_reassigned,
    order_voided,
    ordered,
    passed_gate,
    spot_checked,
    went_live,
    withdrawn,
)

LINE = re.compile(r'<li id="p\d+" data-topic="trainee\.([^"]+)".*?</li>', re.DOTALL)


@pytest.fixture
async def told(app: App) -> Told:
    told = await join(app, fresh("WITHDRAWN"))
    await told.does(batch_opened("A1", on=told.live_on), enrolled("E1", on=told.live_on))
    return told


async def id_of(app: App, told: Told, who: str) -> str:
    await catch_up(app, told.principal.tenant)
    row = await app.lists(told.principal).get(TRAINEE_LIST, employee_no=who)
    assert row is not None
    return row.trainee_id


async def test_every_fact_that_nothing_rests_on_can_be_withdrawn(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    on = told.live_on
    await told.does(
        manager_changed("E1", to="赵主管", on=on),
        judged("E1", passed=True, on=on),
        passed_gate("E1", on=on),
        went_live("E1", on=on),
        spot_checked("E1", "basics", passed=True, on=on),
        ordered("E1", "N1", on=on),
        complaint_filed("E1", "C1", on=on),
        held_off("E1", on=on),
    )
    page = (await browser.get(f"/trainees/{await id_of(app, told, 'E1')}")).text
    offered = {found[1]: "/withdraw-fact?fact=" in found[0] for found in LINE.finditer(page)}
    assert {topic for topic, is_offered in offered.items() if not is_offered} == {
        "enrolled",
        "went_live",
    }
    assert len(offered) == 10


async def test_beside_what_others_rest_on_stands_which_is_to_be_withdrawn_first(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    on = told.live_on
    await told.does(passed_gate("E1", on=on), went_live("E1", on=on), held_off("E1", on=on))
    thing = f"/trainees/{await id_of(app, told, 'E1')}"
    page = (await browser.get(thing)).text
    lines = {found[1]: found[0] for found in LINE.finditer(page)}
    place = re.search(r'id="(p\d+)"', lines["held_off_post"])
    assert place
    day = f"{on.year}年{on.month}月{on.day}日"
    for topic in ("enrolled", "went_live"):
        assert f'撤销前，请先撤销 <a href="#{place[1]}">{day} 停岗</a>' in lines[topic]
    assert "请先撤销" not in lines["held_off_post"] + lines["drill_recorded"]


async def test_an_order_that_another_has_by_now_leads_to_what_became_of_it(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    on = told.live_on
    await told.does(
        enrolled("E2", on=on),
        ordered("E1", "N1", on=on),
        order_reassigned("N1", to="E2", on=on),
        order_voided("N1", on=on),
    )
    thing = await id_of(app, told, "E1")
    lines = {
        found[1]: found[0]
        for found in LINE.finditer((await browser.get(f"/trainees/{thing}")).text)
    }
    link = re.search(r'请先撤销 <a href="([^"]+)">[^<]*订单作废<', lines["order_reassigned"])
    assert link and link[1].startswith("#p")


async def test_a_withdrawn_order_leaves_its_line_with_who_and_why(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    await told.does(ordered("E1", "N1", on=told.live_on))
    thing = f"/trainees/{await id_of(app, told, 'E1')}"
    link = re.search(rf"{thing}/withdraw-fact\?fact=2", (await browser.get(thing)).text)
    assert link
    form = (await browser.get(link[0])).text
    assert "N1" in form
    sent = {name: hidden(form, name) for name in ("csrf", "key", "as_seen")}
    unconfirmed = await browser.post(link[0], data=sent | {"reason": "重复录入"})
    assert unconfirmed.status_code == 422
    done = await browser.post(link[0], data=sent | {"reason": "重复录入", "confirmed": "yes"})
    assert done.status_code == 303
    await catch_up(app, told.principal.tenant)
    page = (await browser.get(thing)).text
    lines = {found[1]: found[0] for found in LINE.finditer(page)}
    assert ">已撤销<" in lines["order_closed"]
    assert "withdraw-fact" not in lines["order_closed"] + lines["fact_withdrawn"]
    assert [
        word for word in ("出单", "N1", "重复录入") if word not in lines["fact_withdrawn"]
    ] == []
    again = await browser.get(link[0])
    assert again.status_code == 422


async def test_every_withdrawal_is_confirmed_and_stands_out() -> None:
    unmarked = [
        name_of(command)
        for resource in RESOURCES.all
        for command in (*resource.commands, *resource.amendment)
        if name_of(command).startswith("withdraw_") and command not in resource.removing
    ]
    assert unmarked == []


async def test_a_withdrawn_enrolment_is_in_no_list_and_its_page_says_so(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    thing = await id_of(app, told, "E1")
    known = await app.log.position(told.principal.tenant)
    await told.does(withdrawn("E1", 1), enrolled("E1", on=told.live_on + timedelta(days=1)))
    again = await id_of(app, told, "E1")
    assert again != thing
    page = (await browser.get(f"/trainees/{thing}")).text
    assert f"<h1>{NAMES[0]} E1 " in page and "已撤销" in page
    assert [found[1] for found in LINE.finditer(page)] == ["fact_withdrawn", "enrolled"]
    listed = (await browser.get("/trainees")).text
    assert f"/trainees/{again}" in listed
    assert f"/trainees/{thing}" not in listed
    assert '<a href="/trainees/new">' in page
    past = (await browser.get(f"/trainees/{thing}?known={known}")).text
    assert [found[1] for found in LINE.finditer(past)] == ["enrolled"]
    assert (await browser.get("/trainees/trainee-0")).status_code == 404


async def test_the_form_that_withdraws_says_at_once_what_is_to_be_withdrawn_first(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    await told.does(passed_gate("E1", on=told.live_on))
    form_at = f"/trainees/{await id_of(app, told, 'E1')}/withdraw-fact?fact=1"
    refused = await browser.get(form_at)
    assert "以此为前提；请先撤销该记录" in refused.text


async def test_a_go_live_that_is_withdrawn_tells_how_many_orders_count_no_more(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    on = told.live_on
    await told.does(passed_gate("E1", on=on), went_live("E1", on=on))
    await told.does(ordered("E1", "N1", on=on), ordered("E1", "N2", on=on))
    thing = f"/trainees/{await id_of(app, told, 'E1')}"
    lines = {found[1]: found[0] for found in LINE.finditer((await browser.get(thing)).text)}
    fact = re.search(r"withdraw-fact\?fact=(\d+)", lines["went_live"])
    assert fact
    form_at = f"{thing}/withdraw-fact?fact={fact[1]}"
    form = (await browser.get(form_at)).text
    sent = {name: hidden(form, name) for name in ("csrf", "key", "as_seen")}
    done = await browser.post(form_at, data=sent | {"reason": "误录", "confirmed": "yes"})
    page = (await browser.get(done.headers["location"])).text
    assert "已登记的 2 单有效订单不再计入指标" in page


async def test_a_result_that_a_go_live_rests_on_says_so_before_it_is_withdrawn_and_afterwards(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    on, no_more, warning = told.live_on, "上岗时未通过：", "此人凭这项结果上岗"
    await told.does(examined("E1", "written", passed=False, on=on), passed_gate("E1", on=on))
    await told.does(went_live("E1", on=on))
    thing = f"/trainees/{await id_of(app, told, 'E1')}"
    failed, written, drill, _ = (f"{thing}/withdraw-fact?fact={fact}" for fact in range(2, 6))
    forms = {at: (await browser.get(at)).text for at in (failed, written, drill)}
    assert [at for at, form in forms.items() if warning in form] == [written, drill]
    assert warning in (await browser.get(f"{thing}/correct-exam-result?fact=3")).text
    assert no_more not in (await browser.get(thing)).text

    sent = {name: hidden(forms[written], name) for name in ("csrf", "key", "as_seen")}
    done = await browser.post(written, data=sent | {"reason": "误录", "confirmed": "yes"})
    page = (await browser.get(done.headers["location"])).text
    assert "此人的上岗登记仍在，但上岗时笔试未通过" in page and f"{no_more}笔试" in page

    await told.does(examined("E1", "written", on=on))
    await catch_up(app, told.principal.tenant)
    assert no_more not in (await browser.get(thing)).text


async def test_a_cohort_that_was_opened_by_mistake_is_withdrawn_in_its_form(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    await told.does(batch_opened("A2", on=told.live_on, name="误开批"))
    await catch_up(app, told.principal.tenant)
    pages = {}
    for code in ("A1", "A2"):
        row = await app.lists(told.principal).get(COHORT_LIST, code=code)
        assert row is not None
        pages[code] = f"/cohorts/{row.cohort_id}"
    form_at = {code: f"{page}/withdraw-cohort-opening?fact=1" for code, page in pages.items()}
    for code, page in pages.items():
        assert form_at[code] in (await browser.get(page)).text
    refused = await browser.get(form_at["A1"])
    assert "批次 A1 有 1 人的入训或转批次记录（如工号 E1）" in refused.text
    assert 'name="reason"' not in refused.text and f'<a href="{pages["A1"]}">返回' in refused.text
    form = (await browser.get(form_at["A2"])).text
    sent = {name: hidden(form, name) for name in ("csrf", "key", "as_seen")}
    done = await browser.post(form_at["A2"], data=sent | {"reason": "误开", "confirmed": "yes"})
    assert done.status_code == 303
    await catch_up(app, told.principal.tenant)
    page = (await browser.get(pages["A2"])).text
    assert "误开批" in page and "此批次为误开，已撤销" in page
    listed = (await browser.get("/cohorts")).text
    assert pages["A1"] in listed and pages["A2"] not in listed


async def test_who_entered_before_the_cohort_opened_is_told_of_once_that_is_saved(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    await catch_up(app, told.principal.tenant)
    for days, is_told in ((-1, True), (0, False)):
        form = (await browser.get("/trainees/new")).text
        on = str(told.live_on + timedelta(days=days))
        sent = {"cohort": "A1", "employee_no": f"B{days}", "name": "李娜", "entered_on": on}
        sent |= {name: hidden(form, name) for name in ("csrf", "key")} | {"post": "sales"}
        done = await browser.post("/trainees/new", data=sent)
        await catch_up(app, told.principal.tenant)
        page = (await browser.get(done.headers["location"])).text
        assert ("入训日期早于该批次的开班日期" in page) == is_told
