"""The forms of submissions: sent twice they do it once, and what was typed stays."""

import re
from datetime import timedelta

import httpx
import pytest

from infra.bootstrap import App
from infra.readside.projector import catch_up
from projections.kernel.paging import Paging
from projections.reporting.submissions import SUBMISSION_LIST, SubmissionRow
from tests.api.web.visiting import fresh, hidden, log_in
from tests.browser.story import WITHOUT_AN_ORDER, Told, tell
from tests.situation import ordered, scheme_published
from tests.submitting import react, submit

NOTE = "补录的订单，已核对"


@pytest.fixture
async def told(app: App) -> Told:
    """A month that was submitted, and touched by an order since."""
    told = await tell(app, fresh("TOUCHED"))
    await submit(app, told.principal, str(told.month))
    closed_on = told.live_on + timedelta(days=1)
    await told.does(ordered(WITHOUT_AN_ORDER, "LATE-1", on=closed_on))
    await react(app, told.principal)
    await catch_up(app, told.principal.tenant)
    return told


async def month_of(app: App, told: Told) -> SubmissionRow:
    await catch_up(app, told.principal.tenant)
    (row,) = (await app.lists(told.principal).page(SUBMISSION_LIST, Paging(2))).rows
    return row


async def test_a_refused_acknowledgement_keeps_its_note_and_says_what_is_missing(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    address = f"/submissions/{(await month_of(app, told)).submission_id}/acknowledge"
    page = (await browser.get(address)).text
    assert "12/18" in page and "13/18" in page
    sent = {"csrf": hidden(page, "csrf"), "key": hidden(page, "key"), "note": NOTE}
    refused = await browser.post(address, data=sent)
    assert refused.status_code == 422
    assert NOTE in refused.text
    assert "请核对后勾选确认" in refused.text
    blank = await browser.post(address, data=sent | {"note": " ", "confirmed": "yes"})
    assert blank.status_code == 422
    assert 'id="field-note-error"' in blank.text
    assert (await month_of(app, told)).is_restated


async def test_a_restatement_lists_the_figures_that_changed_and_names_the_others(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    page = (await browser.get("/submissions")).text
    assert 'data-restated="order_rate"' in page and "数值不变" not in page
    address = f"/submissions/{(await month_of(app, told)).submission_id}/acknowledge"
    form = (await browser.get(address)).text
    sent = {"csrf": hidden(form, "csrf"), "key": hidden(form, "key"), "note": NOTE}
    until = {"as_seen": hidden(form, "as_seen"), "confirmed": "yes"}
    assert (await browser.post(address, data=sent | until)).status_code == 303
    await told.does(ordered(WITHOUT_AN_ORDER, "LATE-3", on=told.live_on + timedelta(days=2)))
    await react(app, told.principal)
    await month_of(app, told)
    page = (await browser.get("/submissions")).text
    latest = page[page.index('data-restatement="2"') : page.index('data-restatement="1"')]
    assert 'data-restated="average_orders"' in latest
    assert 'data-restated="order_rate"' not in latest
    assert "数值不变" in latest and "/2/order_rate" in latest


async def test_a_version_of_the_scheme_is_a_cause_that_leads_to_it_and_says_why(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    await told.does(scheme_published(str(told.month), window_days=1))
    await react(app, told.principal)
    row = await month_of(app, told)
    for address in ("/submissions", f"/submissions/{row.submission_id}/1/order_rate"):
        page = (await browser.get(address)).text
        assert re.search(r'<a href="/scheme/1">[^<]*第 1 版', page)
        assert re.search(r"发布新版考核细则<br><small[^>]*>原因：[^<]+</small>", page)


async def test_an_acknowledgement_sent_twice_is_one(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    row = await month_of(app, told)
    address = f"/submissions/{row.submission_id}/acknowledge"
    page = (await browser.get(address)).text
    names = ("csrf", "key", "as_seen")
    sent = {name: hidden(page, name) for name in names} | {"note": NOTE}
    answers = [await browser.post(address, data=sent | {"confirmed": "yes"}) for _ in range(2)]
    assert [one.status_code for one in answers] == [303, 303]
    (restatement,) = (await month_of(app, told)).restatements
    assert restatement.note == NOTE


async def test_what_was_restated_after_the_form_was_opened_is_shown_and_not_acknowledged(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    address = f"/submissions/{(await month_of(app, told)).submission_id}/acknowledge"
    page = (await browser.get(address)).text
    names = ("csrf", "key", "as_seen")
    sent = {name: hidden(page, name) for name in names} | {"note": NOTE, "confirmed": "yes"}
    await told.does(ordered(WITHOUT_AN_ORDER, "LATE-2", on=told.live_on + timedelta(days=1)))
    await react(app, told.principal)
    await catch_up(app, told.principal.tenant)
    refused = await browser.post(address, data=sent)
    assert refused.status_code == 422
    assert "又有新的指标更正" in refused.text and NOTE in refused.text
    assert "原因 2 个" not in page and "原因 2 个" in refused.text
    assert (await month_of(app, told)).is_restated
    again = sent | {name: hidden(refused.text, name) for name in names}
    assert int(again["as_seen"]) > int(sent["as_seen"])
    assert (await browser.post(address, data=again)).status_code == 303
    assert not (await month_of(app, told)).is_restated


async def test_a_report_asked_for_twice_is_one_and_another_month_is_another(
    browser: httpx.AsyncClient, told: Told
) -> None:
    page = (await browser.get("/submissions")).text
    sent = {"csrf": hidden(page, "csrf"), "key": hidden(page, "key")}
    months = [str(told.month), str(told.month), str(told.month.next())]
    asked = [await browser.post("/submissions/reports", data=sent | {"month": m}) for m in months]
    first, second, other = [one.headers["location"] for one in asked]
    assert first == second != other


async def test_what_never_said_how_far_it_was_seen_acknowledges_nothing(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    address = f"/submissions/{(await month_of(app, told)).submission_id}/acknowledge"
    page = (await browser.get(address)).text
    sent = {"csrf": hidden(page, "csrf"), "key": hidden(page, "key"), "note": NOTE}
    answer = await browser.post(address, data=sent | {"confirmed": "yes"})
    assert answer.status_code == 422 and "在页面打开之后又有新的指标更正" in answer.text
    assert (await month_of(app, told)).is_restated


async def test_where_nothing_is_restated_there_is_no_form_to_acknowledge_it(
    browser: httpx.AsyncClient, app: App
) -> None:
    quiet = await tell(app, fresh("QUIET"))
    await submit(app, quiet.principal, str(quiet.month))
    row = await month_of(app, quiet)
    await log_in(browser, quiet.email)
    answer = await browser.get(f"/submissions/{row.submission_id}/acknowledge")
    assert answer.status_code == 422 and "没有待确认的指标更正" in answer.text
