"""What became of a fact is said beside it: corrected and withdrawn are two things."""

import re
from datetime import timedelta
from decimal import Decimal

import httpx

from infra.bootstrap import App
from infra.readside.projector import catch_up
from projections.trainees.cohort_roster import TRAINEE_LIST
from tests.api.web.visiting import hidden, log_in
from tests.batches import handover_withdrawn
from tests.browser.story import Told, join
from tests.carrying import record
from tests.situation import (
    batch_handed_over,
    batch_opened,
    complaint_filed,
    complaint_withdrawn,
    enrolled,
    enrolment_corrected,
    leaving_corrected,
    left,
    manager_changed,
    order_corrected,
    order_reassigned,
    order_voided,
    ordered,
    passed_gate,
    post_changed,
    transferred,
    went_live,
    withdrawn,
)

LINE = re.compile(r'<li id="p\d+" data-topic="([^"]+)".*?</li>', re.DOTALL)


async def _id(app: App, told: Told, who: str) -> str:
    row = await app.lists(told.principal).get(TRAINEE_LIST, employee_no=who)
    assert row is not None
    return row.trainee_id


async def _lines(http: httpx.AsyncClient, told: Told, who: str) -> dict[str, str]:
    """The entries of somebody's record, the first recorded of each topic."""
    thing = await _id(told.app, told, who)
    page = (await (await log_in(http, told.email)).get(f"/trainees/{thing}")).text
    http.cookies.clear()
    return {found[1]: found[0] for found in LINE.finditer(page)}


async def test_a_leaving_that_was_taken_back_is_withdrawn_and_an_enrolment_corrected(
    http: httpx.AsyncClient, app: App
) -> None:
    told = await join(app, "BECAME")
    on = told.live_on
    await told.does(
        batch_opened("A1", on=on),
        enrolled("E1", on=on, manager="王主管"),
        enrolment_corrected("E1", on=on, manager="赵主管"),
        left("E1", on=on),
        leaving_corrected("E1", on=on + timedelta(days=1)),
        withdrawn("E1", 3),
    )
    await catch_up(app, told.principal.tenant)
    lines = await _lines(http, told, "E1")
    said = {
        topic: next((word for word in ("已更正", "已撤销") if f">{word}<" in line), None)
        for topic, line in lines.items()
    }
    assert said == {
        "person.registered": None,
        "trainee.enrolled": "已更正",
        "trainee.enrolment_corrected": None,
        "trainee.left": "已撤销",
        "trainee.leaving_corrected": "已撤销",
        "trainee.fact_withdrawn": None,
    }


async def test_what_a_token_recorded_is_told_as_of_an_integration(
    http: httpx.AsyncClient, app: App
) -> None:
    told = await join(app, "PROGRAM")
    issued = await app.tokens.issue(role="training_manager", partner="PROGRAM", days=1)
    program = await app.accounts.principal_of_token(issued.token)
    assert program is not None
    on = told.live_on
    await record(app, program, batch_opened("A1", on=on), enrolled("E1", on=on))
    await catch_up(app, told.principal.tenant)
    line = (await _lines(http, told, "E1"))["trainee.enrolled"]
    assert "系统接口" in line and "系统对接" in line
    assert "手工录入" not in line and str(issued.token_id) not in line


async def test_a_correction_says_what_was_and_what_is(http: httpx.AsyncClient, app: App) -> None:
    told = await join(app, "WAS")
    on = told.live_on
    await told.does(
        batch_opened("A1", on=on),
        enrolled("E1", on=on, manager="王主管"),
        enrolment_corrected("E1", on=on + timedelta(days=1), manager="赵主管"),
    )
    await catch_up(app, told.principal.tenant)
    lines = await _lines(http, told, "E1")
    corrected = lines["trainee.enrolment_corrected"]
    assert re.search(r"<del>王主管</del>\s*<a [^>]+>赵主管<", corrected)
    assert corrected.count("<del>") == 2
    assert "<del>" not in lines["trainee.enrolled"]


async def test_a_correction_says_what_it_changed_and_nothing_else(
    http: httpx.AsyncClient, app: App
) -> None:
    told = await join(app, "ONLY")
    on = told.live_on
    await told.does(
        batch_opened("A1", on=on),
        enrolled("E1", on=on, manager="王主管"),
        ordered("E1", "N1", on=on),
        enrolment_corrected("E1", on=on, manager=""),
        enrolment_corrected("E1", on=on, manager="赵主管"),
        enrolment_corrected("E1", on=on, post="customer_service"),
        order_corrected("N1", on=on, amount=Decimal(80)),
    )
    await catch_up(app, told.principal.tenant)
    thing = await _id(app, told, "E1")
    page = (await (await log_in(http, told.email)).get(f"/trainees/{thing}")).text
    http.cookies.clear()
    said = [
        re.findall(r'<span class="quiet">([^<]+)</span> (?:<del>([^<]*)</del> )?', line[0])
        for line in LINE.finditer(page)
        if line[1] in ("trainee.enrolment_corrected", "trainee.order_corrected")
    ]
    assert said == [
        [("订单号", ""), ("金额（元）", "—"), ("原因", "")],
        [("岗位", "销售"), ("原因", "")],
        [("主管", "—"), ("原因", "")],
        [("主管", "王主管"), ("原因", "")],
    ]


async def test_an_order_that_was_given_away_names_whose_it_was_and_is(
    http: httpx.AsyncClient, app: App
) -> None:
    told = await join(app, "GIVEN")
    on = told.live_on
    await told.does(
        batch_opened("A1", on=on),
        *(enrolled(who, on=on) for who in ("E1", "E2")),
        ordered("E1", "N1", on=on),
        order_reassigned("N1", to="E2", on=on),
        complaint_filed("E1", "C1", on=on),
    )
    await catch_up(app, told.principal.tenant)
    giver, receiver = [await _lines(http, told, who) for who in ("E1", "E2")]
    ids = {who: await _id(app, told, who) for who in ("E1", "E2")}
    assert f'href="/trainees/{ids["E2"]}"' in giver["trainee.order_reassigned"]
    assert f'href="/trainees/{ids["E1"]}"' in receiver["trainee.order_taken_over"]
    assert "承诺返点" in giver["trainee.complaint_filed"]


async def test_the_records_behind_a_figure_say_what_was_recorded_and_what_became_of_it(
    http: httpx.AsyncClient, app: App
) -> None:
    told = await join(app, "BEHIND")
    on = told.live_on
    await told.does(
        batch_opened("A1", on=on),
        enrolled("E1", on=on),
        ordered("E1", "N1", on=on),
        left("E1", on=on),
        withdrawn("E1", 3),
    )
    await catch_up(app, told.principal.tenant)
    positions = range(1, await app.log.position(told.principal.tenant) + 1)
    address = f"/figures/facts?positions={','.join(map(str, positions))}"
    page = await (await log_in(http, told.email)).get(address)
    http.cookies.clear()
    rows = [row for row in page.text.split("<tr")[1:] if "出单" in row or "离职" in row]
    assert any("N1" in row for row in rows)
    assert [">已撤销<" in row for row in rows] == [False, True, False]


async def test_an_order_of_before_the_go_live_that_was_voided_is_told_as_voided(
    http: httpx.AsyncClient, app: App
) -> None:
    told = await join(app, "VOIDED")
    on = told.live_on
    await told.does(
        batch_opened("A1", on=on),
        enrolled("E1", on=on),
        ordered("E1", "N1", on=on),
        passed_gate("E1", on=on),
        went_live("E1", on=on + timedelta(days=1)),
        order_voided("N1", on=on),
    )
    await catch_up(app, told.principal.tenant)
    thing = await _id(app, told, "E1")
    page = (await (await log_in(http, told.email)).get(f"/trainees/{thing}")).text
    http.cookies.clear()
    table = page[page.index("<tbody>") : page.index("</tbody>")]
    assert "已作废" in table and "早于上岗" in table


async def test_a_leaver_s_order_says_of_what_it_counts(http: httpx.AsyncClient, app: App) -> None:
    told = await join(app, "LEAVER")
    on = told.live_on
    live = (passed_gate("E1", on=on), went_live("E1", on=on), ordered("E1", "N1", on=on))
    await told.does(batch_opened("A1", on=on), enrolled("E1", on=on), *live)
    await catch_up(app, told.principal.tenant)
    thing = await _id(app, told, "E1")
    await log_in(http, told.email)
    said = "计入平均出单数，不计入出单率"
    assert said not in (await http.get(f"/trainees/{thing}")).text
    await told.does(left("E1", on=on + timedelta(days=5)))
    await catch_up(app, told.principal.tenant)
    page = (await http.get(f"/trainees/{thing}")).text
    http.cookies.clear()
    assert said in page[page.index("<tbody>") : page.index("</tbody>")]


async def test_a_change_says_what_was_before_and_what_is(http: httpx.AsyncClient, app: App) -> None:
    told = await join(app, "CHANGED")
    on = told.live_on
    await told.does(
        *(batch_opened(code, on=on) for code in ("A1", "B2")),
        enrolled("E1", on=on, manager="王主管"),
        transferred("E1", to="B2", on=on),
        manager_changed("E1", to="赵主管", on=on),
        post_changed("E1", to="customer_service", on=on),
        enrolled("E2", on=on, manager="王主管"),
        manager_changed("E2", to=None, on=on),
        batch_opened("C3", on=on, training_manager="周班"),
        batch_handed_over("C3", to="吴班", on=on),
    )
    await catch_up(app, told.principal.tenant)
    lines = await _lines(http, told, "E1")
    assert re.search(r"<del>A1</del>\s*B2", lines["trainee.cohort_transferred"])
    changed = lines["trainee.manager_changed"]
    assert re.search(r"<del>王主管</del>\s*<a [^>]+>赵主管<", changed)
    assert re.search(r"<del>销售</del>\s*客服", lines["trainee.post_changed"])
    anew = {topic for topic, line in lines.items() if "不能更正；如填错，请撤销后重新登记" in line}
    assert anew == lines.keys() - {"person.registered", "trainee.enrolled"}
    removed = (await _lines(http, told, "E2"))["trainee.manager_changed"]
    assert re.search(r"<del>王主管</del>\s*—", removed)
    await log_in(http, told.email)
    page = (await http.get("/cohorts/named?name=C3", follow_redirects=True)).text
    lines = {found[1]: found[0] for found in LINE.finditer(page)}
    assert re.search(r"<del>周班</del>\s*<a [^>]+>吴班<", lines["cohort.handed_over"])
    http.cookies.clear()


async def test_what_was_typed_wrong_of_a_batch_is_mended_beside_its_line(
    http: httpx.AsyncClient, app: App
) -> None:
    told = await join(app, "MENDED")
    on = told.live_on
    await told.does(
        batch_opened("C3", on=on, name="三期", training_manager="周班"),
        batch_handed_over("C3", to="吴班", on=on),
    )
    await catch_up(app, told.principal.tenant)
    await log_in(http, told.email)
    page = (await http.get("/cohorts/named?name=C3", follow_redirects=True)).text
    lines = {found[1]: found[0] for found in LINE.finditer(page)}
    (mending,) = re.findall(r'href="([^"]+correct-cohort-opening[^"]+)"', lines["cohort.opened"])
    form = (await http.get(mending)).text
    assert re.search(r'name="name"[^>]* value="三期"', form)
    assert re.search(r'name="trial_required" value="no"[^>]* checked', form)
    typed = {
        "name": "三期甲班",
        "opened_on": str(on),
        "trial_required": "yes",
        "training_manager": "",
        "reason": "录错",
    }
    sent = {name: hidden(form, name) for name in ("csrf", "key", "as_seen")}
    assert (await http.post(mending, data=sent | typed)).status_code == 303
    await told.does(handover_withdrawn("C3", was_on=on))
    await catch_up(app, told.principal.tenant)
    page = (await http.get("/cohorts/named?name=C3", follow_redirects=True)).text
    lines = {found[1]: found[0] for found in LINE.finditer(page)}
    assert re.search(r"<del>三期</del>\s*三期甲班", lines["cohort.opening_corrected"])
    assert re.search(r"<del>周班</del>\s*—", lines["cohort.opening_corrected"])
    handed_over = lines["cohort.handed_over"]
    assert "superseded" in handed_over and "?fact=" not in handed_over
    assert "<h1>三期甲班" in page
    http.cookies.clear()


async def test_what_is_over_is_marked_and_offers_nothing(http: httpx.AsyncClient, app: App) -> None:
    told = await join(app, "OVER")
    on = told.live_on
    await told.does(
        batch_opened("A1", on=on),
        *(enrolled(who, on=on) for who in ("E1", "E2", "E3")),
        ordered("E1", "N1", on=on),
        order_voided("N1", on=on),
        complaint_filed("E1", "C1", on=on),
        complaint_withdrawn("C1", on=on),
        ordered("E2", "N2", on=on),
        order_reassigned("N2", to="E3", on=on),
        order_reassigned("N2", to="E2", on=on),
    )
    await catch_up(app, told.principal.tenant)
    lines = await _lines(http, told, "E1")
    assert ">已作废<" in lines["trainee.order_closed"]
    assert ">已撤回<" in lines["trainee.complaint_filed"]
    stands = {"trainee.enrolled", "trainee.order_voided", "trainee.complaint_withdrawn"}
    assert {topic for topic, line in lines.items() if "?fact=" in line} == stands
    given, passed = [await _lines(http, told, who) for who in ("E2", "E3")]
    assert ">已转给他人<" in given["trainee.order_closed"]
    assert "?fact=" not in given["trainee.order_closed"]
    assert "?fact=" in given["trainee.order_taken_over"]
    assert ">已转给他人<" in passed["trainee.order_taken_over"]
