"""Who enters a name that another thing has is led to that thing."""

import re

import httpx
import pytest

from infra.bootstrap import App
from infra.readside.projector import catch_up
from projections.kernel.paging import Paging
from projections.teaching.cohorts import COHORT_LIST
from projections.trainees.cohort_roster import TRAINEE_LIST
from tests.api.web.test_sent_twice import HIDDEN
from tests.api.web.visiting import fresh
from tests.browser.story import Told, join
from tests.situation import batch_opened, enrolled, ordered


@pytest.fixture(scope="module")
async def told(app: App) -> Told:
    told = await join(app, fresh("TAKEN"))
    await told.does(
        batch_opened("B-1", name="九月批"), enrolled("XA 001", cohort="B-1", name="王晓明")
    )
    await catch_up(app, told.principal.tenant)
    return told


async def test_whose_number_it_is_stands_beside_it_however_it_was_spelt(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    (row,) = (await app.lists(told.principal).page(TRAINEE_LIST, Paging(1))).rows
    page = (await browser.get("/trainees/new")).text
    sent = {"cohort": "B-1", "employee_no": "xa001", "name": "李娜", "entered_on": "2026-05-18"}
    answer = await browser.post("/trainees/new", data=dict(HIDDEN.findall(page)) | sent)
    assert answer.status_code == 422 and "工号 xa001 已被使用" in answer.text
    link = f'<a href="/trainees/{row.trainee_id}">查看 王晓明 XA 001 · B-1'
    assert link in answer.text


async def test_which_cohort_has_the_code_stands_beside_it(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    (row,) = (await app.lists(told.principal).page(COHORT_LIST, Paging(1))).rows
    page = (await browser.get("/cohorts/new")).text
    sent = {"code": "b-1", "name": "又一批", "opened_on": "2026-05-18"}
    answer = await browser.post("/cohorts/new", data=dict(HIDDEN.findall(page)) | sent)
    assert answer.status_code == 422
    assert f'<a href="/cohorts/{row.cohort_id}">查看 九月批 B-1</a>' in answer.text


async def test_by_whom_an_order_with_the_number_was_closed_stands_beside_it_in_either_form(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    await told.does(ordered("XA 001", "DD-1001", on=told.live_on))
    await catch_up(app, told.principal.tenant)
    (row,) = (await app.lists(told.principal).page(TRAINEE_LIST, Paging(1))).rows
    for form_at in ("/orders/new", f"/trainees/{row.trainee_id}/record-order"):
        page = (await browser.get(form_at)).text
        sent = {"employee_no": "XA 001", "order_no": "dd-1001", "closed_on": "2026-05-19"}
        answer = await browser.post(form_at, data=dict(HIDDEN.findall(page)) | sent)
        assert answer.status_code == 422 and "订单号 DD-1001 已被使用" in answer.text
        home = f'<a href="/trainees/{row.trainee_id}?order=DD-1001'
        assert re.search(
            rf'{re.escape(home)}[^"]*">查看 DD-1001 · 王晓明 · XA 001</a>', answer.text
        )
