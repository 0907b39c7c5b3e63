"""The scheme in a real browser: targets from a month on, looked at, published, and scored by."""

import re

from playwright.async_api import Page, expect

from infra.bootstrap import App
from tests.browser.accessibility import barriers
from tests.browser.conftest import Opens
from tests.browser.story import Told, tell
from tests.browser.test_board import PHONE, board_of


async def tab_to(page: Page, selector: str) -> None:
    """Presses Tab until the focus is there."""
    for _ in range(150):
        if await page.evaluate("one => document.activeElement.matches(one)", selector):
            return
        await page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {selector}")


async def write(page: Page, name: str, text: str) -> None:
    await tab_to(page, f'[name="{name}"]')
    await page.keyboard.press("Control+a")
    await page.keyboard.type(text)


async def test_targets_are_set_from_a_month_on_by_keyboard_alone(visit: Opens, app: App) -> None:
    told = await tell(app, "SCHEME-KEYS")
    visitor = await visit()
    page = await board_of(visitor, told)
    await page.goto(f"{visitor.site}/scheme")
    await expect(page.get_by_role("row", name="默认细则")).to_contain_text("生效中")
    await tab_to(page, 'a[href="/scheme/new"]')
    await page.keyboard.press("Enter")
    await expect(page.locator(":focus")).to_have_attribute("name", "effective_from")

    month = page.locator('[name="effective_from"]')
    while await month.input_value() > str(told.month):
        await page.keyboard.press("ArrowUp")
    await write(page, "lines.0.criteria.0.target", "2/3")
    await write(page, "lines.1.criteria.0.target", "一点五")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("alert")).to_contain_text("已填内容均已保留")
    await expect(page.locator(":focus")).to_have_attribute("name", "lines.1.criteria.0.target")
    await expect(page.locator(".htmx-swapping, .htmx-settling, .htmx-added")).to_have_count(0)
    await write(page, "lines.1.criteria.0.target", "1.5")
    await page.keyboard.press("Enter")

    await expect(page.get_by_role("heading", name="发布前核对")).to_be_visible()
    await expect(page.locator("main")).to_be_focused()
    assert await barriers(page) == []
    total = page.locator('[data-line="total"]')
    await expect(total).to_contain_text("10 / 65")
    await expect(total).to_contain_text("25 / 65")
    await tab_to(page, "[name=confirmed]")
    await page.keyboard.press("Space")
    await tab_to(page, "[name=act][value=publish]")
    await page.keyboard.press("Enter")

    await expect(page).to_have_url(re.compile(r"/scheme/1\?done="))
    await expect(page.get_by_role("status")).to_contain_text("已保存")
    await expect(page.locator('[data-version="1"]')).to_contain_text("杜玉璇")
    await page.go_back()
    await expect(page).to_have_url(re.compile("/scheme/new$"))
    await page.go_forward()
    await tab_to(page, 'a[href="/scorecard"]:not([aria-current]):not(nav a)')
    await page.keyboard.press("Enter")
    await expect(page.locator('tbody[data-line="1.1"]')).to_contain_text("≥ 2/3")
    await expect(page.locator('tbody[data-line="1.1"]')).to_contain_text("15")
    await expect(page.locator('tbody[data-line="1.2"]')).to_contain_text("≥ 1.5")
    await expect(page.locator('a[href="/scheme/1"]')).to_contain_text("第 1 版")


async def test_a_line_is_added_and_published_without_scripts(visit: Opens, app: App) -> None:
    told = await tell(app, "SCHEME-PLAIN")
    await board_of(await visit(), told)
    visitor = await visit(java_script_enabled=False, errors_expected=True)
    await visitor.log_in(told)
    page = visitor.page
    await page.goto(f"{visitor.site}/scheme/new")
    await page.fill('[name="parameters.window_days"]', "45")
    await page.get_by_role("button", name="添加考核项").click()
    await page.fill('[name="lines.5.code"]', "3.1")
    await page.fill('[name="lines.5.name"]', "留存")
    await page.fill('[name="lines.5.weight"]', "35")
    await page.select_option('[name="lines.5.criteria.0.kpi"]', label="30天留存率")
    await page.fill('[name="lines.5.criteria.0.target"]', "90%")
    await page.get_by_role("button", name="移除考核项 2.3").click()
    await page.get_by_role("button", name="查看指标变化").last.click()
    await expect(page.locator('tbody[data-line="3.1"]')).to_contain_text("≥ 90%")
    await page.get_by_role("button", name="返回修改").click()
    await expect(page.locator('[name="parameters.window_days"]')).to_have_value("45")
    await page.fill('[name="lines.4.weight"]', "30")
    await page.get_by_role("button", name="查看指标变化").last.click()
    await page.get_by_role("button", name="发布自").click()
    await expect(page.locator("#confirmed-error")).to_contain_text("勾选确认")
    await page.get_by_label("我已核对").check()
    await page.get_by_role("button", name="发布自").click()
    await expect(page.locator('[data-version="1"]')).to_contain_text("本渠道商")
    await expect(page.locator('tbody[data-line="3.1"]')).to_contain_text("30")
    await expect(page.locator('tbody[data-line="2.3"]')).to_have_count(0)
    await expect(page.locator('tbody[data-line="undefined"]')).to_contain_text("15")


async def test_the_pages_of_the_scheme_fit_a_phone(visit: Opens, told: Told) -> None:
    visitor = await visit(viewport=PHONE, has_touch=True, is_mobile=True, locale="en-GB")
    page = await board_of(visitor, told)
    for path in ("/scheme", "/scheme/0", "/scheme/new"):
        await page.goto(f"{visitor.site}{path}")
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert await page.evaluate("() => document.documentElement.scrollWidth") <= PHONE["width"]
    await page.select_option('[name="parameters.leaver_rule"]', "counted")
    await page.get_by_role("button", name="See what would change").last.click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Check before publishing")
    assert await page.evaluate("() => document.documentElement.scrollWidth") <= PHONE["width"]
    moved = page.locator('[data-kpi="order_rate"]')
    await moved.locator("summary").click()
    await expect(moved.get_by_role("row", name="T16")).to_be_visible()
