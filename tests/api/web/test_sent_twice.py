"""A form that is sent twice is one command, whatever the first did to what it is about."""

import re
from datetime import timedelta

import httpx
import pytest

from infra.bootstrap import App
from infra.readside.projector import catch_up
from projections.trainees.cohort_roster import TRAINEE_LIST
from tests.api.web.visiting import fresh, hidden
from tests.browser.story import Told, join
from tests.situation import batch_opened, enrolled, left, passed_gate, went_live

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


@pytest.fixture
async def told(app: App) -> Told:
    told = await join(app, fresh("TWICE"))
    on = told.live_on
    await told.does(
        *(batch_opened("A1", on=on), enrolled("E1", on=on)),
        *(passed_gate("E1", on=on), went_live("E1", on=on)),
    )
    await catch_up(app, told.principal.tenant)
    return told


async def trainee(app: App, told: Told) -> str:
    row = await app.lists(told.principal).get(TRAINEE_LIST, employee_no="E1")
    assert row is not None
    return f"/trainees/{row.trainee_id}"


async def send_twice(
    browser: httpx.AsyncClient, app: App, told: Told, address: str, **typed: str
) -> list[httpx.Response]:
    page = (await browser.get(address)).text
    sent = dict(HIDDEN.findall(page)) | typed
    answers = []
    for _ in range(2):
        answers.append(await browser.post(address, data=sent))
        await catch_up(app, told.principal.tenant)
    return answers


async def test_a_correction_that_moves_its_fact_to_another_day_is_made_once(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    went_live_as = 4  # After the enrolment and the two exams.
    address = f"{await trainee(app, told)}/correct-go-live?fact={went_live_as}"
    day = str(told.live_on + timedelta(days=1))
    before = await app.log.position(told.principal.tenant)
    answers = await send_twice(browser, app, told, address, on=day, reason="录错")
    assert [answer.status_code for answer in answers] == [303, 303]
    assert await app.log.position(told.principal.tenant) == before + 1


async def test_who_rejoins_does_so_once_though_the_number_means_the_later_enrolment_by_then(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    await told.does(left("E1", on=told.live_on))
    await catch_up(app, told.principal.tenant)
    address = f"{await trainee(app, told)}/rejoin-trainee"
    day = str(told.live_on + timedelta(days=1))
    answers = await send_twice(
        browser, app, told, address, cohort="A1", entered_on=day, confirmed="yes"
    )
    assert [answer.status_code for answer in answers] == [303, 303]
    first, second = [answer.headers["location"].partition("?")[0] for answer in answers]
    assert first == second
    assert (await browser.get(address)).status_code == 422


async def test_a_form_that_was_sent_and_then_changed_is_not_saved_without_a_word(
    browser: httpx.AsyncClient, told: Told
) -> None:
    page = (await browser.get("/cohorts/new")).text
    sent = {"csrf": hidden(page, "csrf"), "key": hidden(page, "key"), "name": "二期"}
    sent["opened_on"] = str(told.live_on)
    assert (await browser.post("/cohorts/new", data=sent | {"code": "A2"})).status_code == 303
    changed = await browser.post("/cohorts/new", data=sent | {"code": "A3"})
    assert changed.status_code == 422
    assert "这次填写的内容还没有保存" in changed.text
    again = sent | {"code": "A3", "key": hidden(changed.text, "key")}
    assert (await browser.post("/cohorts/new", data=again)).status_code == 303
