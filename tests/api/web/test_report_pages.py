"""What the page of a report says before its figures are pinned for ever."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import httpx
import pytest
from litestar import Litestar

from api.auth import SYSTEM
from api.web.pages.submitting import LOOKED_AT
from domain.kernel.values import Month
from infra.bootstrap import App
from infra.readside.projector import catch_up
from services.reading import figures
from tests.api.web.visiting import fresh, hidden, log_in
from tests.browser.story import Told, join
from tests.situation import (
    batch_opened,
    enrolled,
    left,
    ordered,
    passed_gate,
    scheme_published,
    went_live,
)
from tests.submitting import RENDER, rendered_by_worker, report


def today_of(told: Told) -> date:
    return datetime.now(ZoneInfo(told.principal.zone)).date()


async def live_today(app: App, code: str) -> Told:
    """A partner of whom somebody went live today."""
    told = await join(app, fresh(code))
    today = today_of(told)
    await told.does(
        batch_opened("NOW", name="本期", on=today),
        enrolled("N1", cohort="NOW", name="新人", on=today),
        passed_gate("N1", on=today),
        went_live("N1", on=today),
    )
    return told


@pytest.fixture(scope="module")
async def told(app: App) -> Told:
    return await live_today(app, "REPORTS")


async def test_before_anybody_is_live_it_is_said_what_makes_figures(
    http: httpx.AsyncClient, app: App
) -> None:
    told = await join(app, fresh("TRAINING"))
    await told.does(batch_opened("NEW", name="本期"), enrolled("N1", cohort="NEW", name="新人"))
    await catch_up(app, told.principal.tenant)
    await log_in(http, told.email)
    for address in ("/", "/submissions"):
        page = (await http.get(address)).text
        assert 'id="nobody-live"' in page and 'href="/trainees?status=in_training"' in page
    assert "生成报表" not in page
    await told.does(passed_gate("N1", on=today_of(told)), went_live("N1", on=today_of(told)))
    await catch_up(app, told.principal.tenant)
    for address in ("/", "/submissions"):
        page = (await http.get(address)).text
        assert 'id="nobody-live"' not in page
    assert "生成报表" in page


async def test_a_month_whose_people_all_left_is_offered_and_its_report_found_until_submitted(
    http: httpx.AsyncClient, app: App
) -> None:
    told = await join(app, fresh("GONE"))
    today = today_of(told)
    month = str(Month.of(today))
    await told.does(
        scheme_published(month, denominator="employed"),
        batch_opened("NOW", name="本期", on=today),
        enrolled("N1", cohort="NOW", name="新人", on=today),
        passed_gate("N1", on=today),
        went_live("N1", on=today),
        left("N1", on=today),
    )
    await catch_up(app, told.principal.tenant)
    await log_in(http, told.email)
    assert f'<option value="{month}"' in (await http.get("/submissions")).text
    await asked_and_cancelled(app, told, month, LOOKED_AT - 1)
    made = await report(app, told.principal, month)
    address = await rendered_by_worker(app, told.principal, made)
    assert f'href="{address}"' in (await http.get("/submissions")).text
    failed = await report(app, told.principal, month)
    await rendered_by_worker(app, told.principal, failed, error="job_failed")
    page = (await http.get("/submissions")).text
    waiting = page[page.index('id="waiting"') : page.index("</article>")]
    assert waiting.count("<li>") == 1 and f'href="{address}"' in waiting and "失败" in waiting
    assert "更早生成的报表" in waiting
    sent = {"csrf": hidden((await http.get(address)).text, "csrf"), "confirmed": "yes"}
    for _ in ("once", "sent again by going back"):
        assert (await http.post(address, data=sent)).status_code == 303
    await catch_up(app, told.principal.tenant)
    page = (await http.get("/submissions")).text
    assert page.count("data-vintage=") == 1 and address not in page
    http.cookies.clear()


async def asked_and_cancelled(app: App, told: Told, month: str, times: int) -> None:
    for _ in range(times):
        payload = {"report_id": "report-other", "month": month}
        job = await app.jobs.create_job(told.principal.tenant, RENDER, payload)
        await app.jobs.cancel_job(told.principal.tenant, job.id)


@pytest.mark.parametrize("notes_provisional", [True, False])
async def test_figures_that_may_change_are_confirmed_also_where_the_report_did_not_note_them(
    browser: httpx.AsyncClient, app: App, told: Told, notes_provisional: bool
) -> None:
    month = str(Month.of(today_of(told)))
    made = await report(app, told.principal, month, notes_provisional=notes_provisional)
    address = await rendered_by_worker(app, told.principal, made)
    page = (await browser.get(address)).text
    assert "仍要上报暂定数字" in page and "已确定" not in page
    for scripts, status in (({}, 422), ({"hx-request": "true", "hx-boosted": "true"}, 200)):
        sent = {"csrf": hidden(page, "csrf")}
        answer = await browser.post(address, data=sent, headers=scripts)
        assert answer.status_code == status and "请先勾选确认" in answer.text


async def test_what_was_recorded_since_a_report_was_made_shows_before_it_is_submitted(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    today = today_of(told)
    made = await report(app, told.principal, str(Month.of(today)))
    address = await rendered_by_worker(app, told.principal, made)
    assert "生成后又有录入" not in (await browser.get(address)).text
    await told.does(ordered("N1", "SINCE-1", on=today))
    await catch_up(app, told.principal.tenant)
    page = (await browser.get(address)).text
    row = page[page.index('data-kpi="order_rate"') :]
    assert "0/1" in (row := row[: row.index("</tr>")]) and "现为" in row and "1/1" in row
    assert "生成后又有录入" in page and "生成新报表" in page and 'name="confirmed"' in page


async def test_a_report_that_takes_too_long_to_compare_is_shown_and_submitted_and_then_not_compared(
    http: httpx.AsyncClient, web: Litestar, app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = await live_today(app, "LONG")
    today = today_of(told)
    await catch_up(app, told.principal.tenant)
    await log_in(http, told.email)
    made = await report(app, told.principal, str(Month.of(today)))
    address = await rendered_by_worker(app, told.principal, made)
    monkeypatch.setattr(figures, "MOST_LOOKS_HERE", -1)
    monkeypatch.setattr(web.state[SYSTEM].evaluators, "deadline", 0.0)
    page = (await http.get(address)).text
    assert "未能与现在的数字核对" in page and 'data-kpi="order_rate"' in page
    sent = {"csrf": hidden(page, "csrf"), "confirmed": "yes"}
    assert (await http.post(address, data=sent)).status_code == 303
    await catch_up(app, told.principal.tenant)
    page = (await http.get(address)).text
    assert "未能与现在的数字核对" not in page and 'data-kpi="order_rate"' in page
    http.cookies.clear()
