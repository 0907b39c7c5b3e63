"""What restated a submitted figure is told beside it: of whom, what was recorded, and why."""

import re
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


async def restated(
    browser: httpx.AsyncClient, app: App, told: Told, kpi: str = "average_orders"
) -> str:
    await react(app, told.principal)
    await catch_up(app, told.principal.tenant)
    page = (await browser.get("/submissions")).text
    return page[page.index(f'data-restated="{kpi}"') :].partition("</details>")[0]


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


async def test_records_that_moved_nothing_are_counted_in_one_line_and_stand_last_on_their_page(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    day = told.live_on + timedelta(days=1)
    await submit(app, told.principal, str(told.month))
    await told.does(
        ordered("T01", "MORE-1", on=day),
        ordered(WITHOUT_AN_ORDER, "FIRST-1", on=day),
        ordered(WITHOUT_AN_ORDER, "MORE-2", on=day),
    )
    causes = await restated(browser, app, told, "order_rate")
    assert causes.count("data-cause") == 1 and "原因 1 个" in causes
    found = re.search(r'href="([^"]+/order_rate)">另有 2 条相关记录未改变数值', causes)
    assert found
    page = (await browser.get(found[1])).text
    first, *others = page.split("data-cause")[1:]
    assert "分子 +1" in first and ["数值不变" in one for one in others] == [True, True]
