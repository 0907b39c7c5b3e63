"""All figures and the scorecard in a real browser, now and as they were."""

import re

from playwright.async_api import Page, expect

from tests.browser.conftest import Opens, Visitor
from tests.browser.story import Told
from tests.browser.test_board import PHONE, board_of


async def page_of(visitor: Visitor, told: Told, path: str) -> Page:
    """A page of the partner whose figures are there."""
    await board_of(visitor, told)
    await visitor.page.goto(f"{visitor.site}{path}")
    return visitor.page


async def test_shows_every_figure_and_says_what_has_no_source(visit: Opens, told: Told) -> None:
    page = await page_of(await visit(), told, "/figures/all")
    await expect(page.locator('.tile[data-kpi="order_rate"]')).to_contain_text("12/18")
    attendance = page.locator('.tile[data-kpi="attendance_rate"]')
    await expect(attendance).to_contain_text("暂无数据（系统尚不能登记）")
    await expect(attendance.locator("a.figure")).to_have_count(0)
    await expect(page.locator('[data-line="went_live"]')).to_contain_text("18")


async def test_opens_days_to_their_curve_and_spread(visit: Opens, told: Told) -> None:
    page = await page_of(await visit(), told, "/figures/all")
    await page.locator('.tile[data-kpi="days_to_first_order"] a.figure').click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.locator("[data-chart][data-drawn]")).to_have_count(2)
    await expect(dialog.locator('[data-section="counted"] tbody')).to_have_count(13)
    await dialog.get_by_text("数字表").first.click()
    await expect(dialog.get_by_role("table").first).to_be_visible()
    await dialog.locator('[data-section="counted"] [data-records]').first.click()
    await expect(dialog.locator('[data-section="counted"] .facts').first).to_contain_text("出单")


async def test_opens_a_class_figure_that_counts_nothing_in_words(visit: Opens, told: Told) -> None:
    page = await page_of(await visit(), told, "/figures/all")
    card = page.locator('.tile[data-kpi="class_opened_on_time"]')
    await expect(card).to_contain_text("暂无到期班次")


async def test_scorecard_leaves_35_undefined_and_rescales_nothing(visit: Opens, told: Told) -> None:
    page = await page_of(await visit(), told, f"/scorecard?month={told.month}")
    await expect(page.locator(".card-total")).to_contain_text("已定义 65 分")
    await expect(page.locator('[data-part="undefined"]')).to_contain_text("未定义 35 分")
    order_rate = page.locator('[data-line="1.1"]')
    await expect(order_rate).to_contain_text("12/18")
    await expect(order_rate).to_contain_text("目标值尚未设定")
    await expect(order_rate).to_contain_text("未评")


async def test_pinned_state_says_so_and_leads_back_to_now(visit: Opens, told: Told) -> None:
    page = await page_of(await visit(), told, "/figures/all")
    await page.get_by_role("link", name="锁定当前数据").click()
    await expect(page).to_have_url(re.compile(r"known=\d+"))
    await expect(page.locator(".past")).to_contain_text("正在查看历史数据")
    await page.fill("#filter-known", "1")
    await page.locator("#filter-known").blur()
    await expect(page.locator(".past")).to_contain_text("数据版本 1")
    await expect(page.get_by_role("heading", name="当时还没有新人")).to_be_visible()
    await page.get_by_role("link", name="返回当前数据").click()
    await expect(page.locator(".past")).to_have_count(0)
    await expect(page.locator('.tile[data-kpi="order_rate"]')).to_contain_text("12/18")


async def test_a_draft_on_a_phone_shows_both_figures_and_who_moved(
    visit: Opens, told: Told
) -> None:
    visitor = await visit(viewport=PHONE, has_touch=True, is_mobile=True)
    page = await page_of(visitor, told, f"/what-if?month={told.month}")
    order_rate = page.locator('[data-kpi="order_rate"]')
    await expect(order_rate).to_contain_text("不涉及任何人员")
    await page.select_option("#draft-leaver_rule", "counted")
    await expect(page).to_have_url(re.compile("leaver_rule=counted"))
    await expect(order_rate).to_contain_text("12/18")
    await expect(order_rate).to_contain_text("13/18")
    await order_rate.locator("summary").first.click()
    await expect(order_rate.locator("tbody")).to_have_count(1)
    await expect(order_rate.locator("tbody")).to_contain_text("统计期内离职")


async def test_new_pages_fit_a_phone(visit: Opens, told: Told) -> None:
    visitor = await visit(viewport=PHONE, has_touch=True, is_mobile=True, locale="en-GB")
    for path in ("/figures/all", "/scorecard", "/submissions", "/what-if", "/?known=1"):
        page = await page_of(visitor, told, path)
        assert await page.evaluate("() => document.documentElement.scrollWidth") <= PHONE["width"]
        # The page is left first: what it still asks for would be refused without its cookies.
        await page.goto("about:blank")
        await visitor.page.context.clear_cookies()
