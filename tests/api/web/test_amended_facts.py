"""A form about a recorded fact shows which it is, and says what is missing by its label."""

import re
from datetime import timedelta

import httpx
import pytest

from infra.bootstrap import App
from infra.readside.projector import catch_up
from projections.trainees.cohort_roster import TRAINEE_LIST
from tests.api.web.visiting import fresh, hidden
from tests.browser.story import Told, join
from tests.situation import (
    batch_opened,
    complaint_filed,
    enrolled,
    enrolment_corrected,
    left,
    ordered,
    passed_gate,
    went_live,
)

ABOUT = re.compile(r'<p class="given amended">.*?</p>', re.DOTALL)
ERROR = re.compile(r'id="(?:field-)?([a-z_]+)-error"[^>]*>([^<]+)<')


@pytest.fixture
async def told(app: App) -> Told:
    told = await join(app, fresh("AMENDED"))
    on = told.live_on
    await told.does(
        *(batch_opened("A1", on=on), enrolled("E1", on=on), enrolled("E2", on=on)),
        *(passed_gate("E1", on=on), went_live("E1", on=on)),
        *(ordered("E1", "N1", on=on, product="宽带"), complaint_filed("E1", "C1", on=on)),
        left("E1", on=on),
    )
    await catch_up(app, told.principal.tenant)
    return told


async def page_of(app: App, told: Told, who: str) -> str:
    row = await app.lists(told.principal).get(TRAINEE_LIST, employee_no=who)
    assert row is not None
    return f"/trainees/{row.trainee_id}"


async def refused(browser: httpx.AsyncClient, address: str, **typed: str) -> str:
    """The form at an address, as it comes back with what was typed."""
    page = (await browser.get(address)).text
    sent = {"csrf": hidden(page, "csrf"), "key": hidden(page, "key")}
    answer = await browser.post(address, data=sent | typed)
    assert answer.status_code == 422
    return answer.text


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("void-order", ["出单", "N1", "宽带"]),
        ("reassign-order", ["出单", "N1", "宽带"]),
        ("withdraw-complaint", ["投诉违规", "C1", "承诺返点"]),
        ("withdraw-fact", ["离职", "年"]),
    ],
)
async def test_what_is_taken_back_stands_above_its_form(
    browser: httpx.AsyncClient, app: App, told: Told, path: str, says: list[str]
) -> None:
    thing = await page_of(app, told, "E1")
    found = re.search(rf"{thing}/{path}\?fact=\d+", (await browser.get(thing)).text)
    assert found
    about = ABOUT.search((await browser.get(found[0])).text)
    assert about
    assert [word for word in says if word not in about[0]] == []


async def test_what_is_missing_is_called_as_its_field_and_said_together_with_the_tick(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    address = f"{await page_of(app, told, 'E2')}/transfer-trainee"
    assert dict(ERROR.findall(await refused(browser, address, cohort=" "))) == {
        "cohort": "请填写转入批次编号。",
        "on": "请填写转入日期。",
        "reason": "请填写原因。",
        "confirmed": "请核对后勾选确认。",
    }


async def test_a_tick_stays_while_what_is_refused_stands_beside_its_field(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    address = f"{await page_of(app, told, 'E2')}/transfer-trainee"
    shown = await refused(browser, address, confirmed="yes")
    assert re.search(r'id="field-confirmed" checked', shown)


async def test_a_choice_that_was_not_made_is_asked_for_by_its_label(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    address = f"{await page_of(app, told, 'E2')}/record-exam-result"
    errors = dict(ERROR.findall(await refused(browser, address, on=str(told.live_on))))
    assert {"请选择", "请填写"} >= {said[:3] for said in errors.values()}
    assert errors["kind"].startswith("请选择")


async def test_what_a_correction_says_holds_and_each_blank_field_says_that_there_is_none(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    address = f"{await page_of(app, told, 'E2')}/correct-enrolment?fact=1"
    form = (await browser.get(address)).text
    assert "工号和批次不能在这里更正" in form
    labels = dict(re.findall(r'<label for="field-([a-z_]+)"(.*?)</label>', form))
    assert [name for name, label in labels.items() if "留空表示没有" in label] == [
        *("manager", "phone", "mail"),
    ]
    assert all("required" in labels[name] for name in ("entered_on", "post", "name", "reason"))
    typed = dict.fromkeys(labels, "") | {"reason": "录错"}
    assert dict(ERROR.findall(await refused(browser, address, **typed))) == {
        "entered_on": "请填写入训日期。",
        "post": "请选择岗位。",
        "name": "请填写姓名。",
    }
    typed |= {"entered_on": str(told.live_on), "post": "sales", "name": "乙"}
    sent = {name: hidden(form, name) for name in ("csrf", "key", "as_seen")}
    assert (await browser.post(address, data=sent | typed)).status_code == 303
    await catch_up(app, told.principal.tenant)
    row = await app.lists(told.principal).get(TRAINEE_LIST, employee_no="E2")
    assert row and (row.name, row.manager_id) == ("乙", None)


async def test_a_second_correction_begins_with_what_the_first_left_as_it_was(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    await told.does(enrolment_corrected("E2", on=told.live_on - timedelta(days=1)))
    await catch_up(app, told.principal.tenant)
    thing = await page_of(app, told, "E2")
    form = (await browser.get(f"{thing}/correct-enrolment?fact=1")).text
    name = re.search(r'<input name="name"[^>]*value="([^"]*)"', form)
    row = await app.lists(told.principal).get(TRAINEE_LIST, employee_no="E2")
    assert name and row and name[1] == row.name
