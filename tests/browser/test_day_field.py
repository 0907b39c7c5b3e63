"""A day is typed or chosen, in the language of the page and by keyboard alone."""

import re
from datetime import timedelta

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Opens
from tests.browser.story import Told
from tests.browser.test_board import board_of, group


@pytest.mark.parametrize("spelling", ["%Y-%m-%d", "%Y/%m/%d", "%Y%m%d"])
async def test_a_day_is_typed_in_every_usual_spelling(
    visit: Opens, told: Told, spelling: str
) -> None:
    page = await board_of(await visit(locale="en-US"), told)
    await page.locator("#filter-on").focus()
    await page.keyboard.type(f"{told.live_on:{spelling}}")
    await page.keyboard.press("Enter")
    await expect(group(page, str(told.month))).to_contain_text("Provisional")
    await expect(page.locator("#filter-on")).to_have_value(f"{told.live_on}")


async def test_a_day_is_chosen_by_keyboard_in_the_language_of_the_page(
    visit: Opens, told: Told
) -> None:
    visitor = await visit(locale="en-US")
    page = await board_of(visitor, told)
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    await page.get_by_role("link", name="中文").click()
    on = page.locator("#filter-on")
    await on.fill(f"{told.live_on + timedelta(days=1)}")
    await on.press("Enter")
    await expect(page).to_have_url(re.compile("on="))
    assert not any("/calendar.js" in address for address in fetched)

    await on.press("Tab")
    await expect(page.get_by_role("button", name="打开日历").first).to_be_focused()
    await page.keyboard.press("Enter")
    calendar = page.locator("#filter-on-calendar")
    await expect(calendar.get_by_role("button", name="上个月")).to_be_visible()
    await expect(calendar.get_by_text(f"{told.live_on.year}年", exact=True)).to_be_visible()
    assert any("/calendar.js" in address for address in fetched)
    focused = "day => document.activeElement.shadowRoot?.activeElement?.ariaLabel === day"
    await page.wait_for_function(focused, arg=f"{told.live_on.month}月2日")
    await page.keyboard.press("ArrowLeft")
    await page.wait_for_function(focused, arg=f"{told.live_on.month}月1日")
    await page.keyboard.press("Enter")
    await expect(calendar).to_be_hidden()
    await expect(on).to_have_value(f"{told.live_on}")
    await expect(on).to_be_focused()
    await expect(page).to_have_url(re.compile(f"on={told.live_on}"))


async def test_escape_leaves_the_calendar_and_the_day_alone(visit: Opens, told: Told) -> None:
    page = await board_of(await visit(), told)
    button = page.get_by_role("button", name="打开日历").first
    await button.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("#filter-on-calendar calendar-month")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.locator("#filter-on-calendar")).to_be_hidden()
    await expect(button).to_be_focused()
    await expect(page.locator("#filter-on")).to_have_value("")


async def test_an_instant_keeps_the_time_that_was_typed(visit: Opens, told: Told) -> None:
    page = await board_of(await visit(), told)
    known = page.locator("#filter-known")
    await known.fill("2026/01/01 9:30")
    await known.press("Enter")
    await expect(page.locator(".past")).to_contain_text("09:30")
    await expect(known).to_have_value("2026-01-01 09:30")


async def test_a_day_that_cannot_be_read_is_said_and_stays(visit: Opens, told: Told) -> None:
    page = await board_of(await visit(errors_expected=True), told)
    on = page.locator("#filter-on")
    await on.fill("28/11/2026")
    await on.press("Enter")
    await expect(page.locator("#filters").get_by_role("alert")).to_contain_text("28/11/2026")
    await expect(on).to_have_value("28/11/2026")


async def test_without_scripts_the_text_alone_works(visit: Opens, told: Told) -> None:
    await board_of(await visit(), told)
    visitor = await visit(java_script_enabled=False)
    await visitor.log_in(told)
    page = visitor.page
    await expect(page.get_by_role("button", name="打开日历")).to_have_count(0)
    await page.fill("#filter-on", f"{told.live_on:%Y/%m/%d}")
    await page.get_by_role("button", name="查看").click()
    await expect(group(page, str(told.month))).to_contain_text("暂定")
