"""What restated a submitted figure is told beside it: of whom, what was recorded, and why."""

from datetime import timedelta

import httpx
import pytest

from infra.bootstrap import App
from infra.readside.projector import catch_up
from services.execute import execute
from services.trainees.correction import CorrectOrder
from tests.api.web.visiting import fresh
from tests.browser.story import WITHOUT_AN_ORDER, Told, tell
from tests.infra.work.undoing import PEOPLE, imported, person, undone
from tests.situation import ordered
from tests.submitting import react, submit


@pytest.fixture
async def told(app: App) -> Told:
    return await tell(app, fresh("CAUSES"))


async def restated(browser: httpx.AsyncClient, app: App, told: Told) -> str:
    await react(app, told.principal)
    await catch_up(app, told.principal.tenant)
    page = (await browser.get("/submissions")).text
    return page[page.index('data-restated="average_orders"') :].partition("</details>")[0]


async def test_of_an_import_that_was_undone_stands_who_what_and_why(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    on = told.live_on
    roster = f"{PEOPLE}Q1,王小美,B-01,{on},{on},90,合格,通过,好\n"
    job = await imported(app, told.principal, roster)
    gone = (await person(app, told.principal, "Q1")).id
    await submit(app, told.principal, str(told.month))
    assert (await undone(app, told.principal, job))["undone"]
    causes = await restated(browser, app, told)
    assert f'<a href="/trainees/{gone}">王小美 Q1</a>' in causes
    missing = ("上岗", "导入错了文件", "撤销导入")
    assert [word for word in missing if word not in causes] == []


async def test_a_correction_stands_with_its_reason_and_with_whom_it_is_about(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    day = told.live_on + timedelta(days=1)
    await told.does(ordered(WITHOUT_AN_ORDER, "ON-1", on=day))
    await submit(app, told.principal, str(told.month))
    late = CorrectOrder("ON-1", day + timedelta(days=60), "日期登记错了")
    await execute(app.context(told.principal), late)
    causes = await restated(browser, app, told)
    who = (await person(app, told.principal, WITHOUT_AN_ORDER)).id
    assert f'<a href="/trainees/{who}">&lt;b&gt;新人&lt;/b&gt;T13 T13</a>' in causes
    assert "日期登记错了" in causes and "手工录入" in causes
