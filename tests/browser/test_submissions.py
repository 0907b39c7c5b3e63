"""Submitting a month in a real browser, and what became of it."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.async_api import Page, expect

from infra.bootstrap import App
from tests.browser.accessibility import barriers
from tests.browser.conftest import Opens, Visitor
from tests.browser.story import WITHOUT_AN_ORDER, Told, join, tell
from tests.browser.test_board import PHONE, board_of
from tests.situation import batch_opened, enrolled, ordered, passed_gate, went_live
from tests.submitting import submit

CHECKED = "我已核对，确认此操作不可撤销"


async def report_of(page: Page, told: Told) -> None:
    """Has the month's report made, and waits for it."""
    await page.select_option("#report-month", str(told.month))
    await page.get_by_role("button", name="生成报表").click()
    await expect(page.get_by_text("报表已生成")).to_be_visible(timeout=60_000)


async def test_a_month_is_submitted_restated_acknowledged_and_submitted_again(
    visit: Opens, app: App
) -> None:
    told = await tell(app, "SUBMITS")
    visitor = await visit()
    page = await board_of(visitor, told)
    await page.get_by_role("link", name="上报").click()
    await expect(page.get_by_role("heading", name="还没有上报")).to_be_visible()

    await report_of(page, told)
    await page.get_by_label(CHECKED).check()
    await page.get_by_role("button", name="上报").click()
    month = page.locator(f'[data-month="{told.month}"]')
    await expect(month.locator('[data-vintage="1"]')).to_contain_text("12/18")
    await expect(month).to_contain_text("无待确认更正")

    closed_on = told.live_on + timedelta(days=1)
    await told.does(ordered(WITHOUT_AN_ORDER, "LATE-1", on=closed_on))
    restated = month.locator('[data-restated="order_rate"]')
    for _ in range(60):
        await page.reload()
        if await restated.count():
            break
        await page.wait_for_timeout(500)
    await expect(restated).to_contain_text("12/18")
    await expect(restated).to_contain_text("13/18")
    cause = restated.locator("[data-cause]")
    await page.emulate_media(media="print")
    await expect(cause).to_be_visible()
    await page.emulate_media(media="screen")
    await expect(cause).to_be_hidden()
    await restated.locator("summary").first.click()
    await expect(cause).to_have_count(1)
    await expect(cause).to_contain_text("<b>新人</b>T13")
    await expect(cause).to_contain_text("分子 +1")
    await cause.get_by_role("link", name="原始记录").click()
    await expect(cause.locator(".facts")).to_contain_text("杜玉璇")
    assert await barriers(page) == []

    submission = await month.get_attribute("id")
    await page.goto(f"{visitor.site}/submissions/{submission}/1/order_rate")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("出单率的更正")
    await expect(page.locator("[data-cause]")).to_have_count(1)
    await page.get_by_role("link", name="返回上报").click()

    await report_of(page, told)
    await expect(page.get_by_text("请先确认")).to_be_visible()
    await expect(page.get_by_role("button", name="重新上报")).to_be_hidden()
    await page.get_by_role("link", name="查看上报").click()
    await month.get_by_role("link", name="确认更正").click()
    await expect(page.locator(".given")).to_contain_text("13/18")
    assert await barriers(page) == []
    await page.get_by_label("核对说明").fill("补录的订单，已核对")
    await page.get_by_label(CHECKED).check()
    await page.get_by_role("button", name="确认更正").click()
    await expect(month).to_contain_text("补录的订单，已核对")
    await expect(month).to_contain_text("已确认，待重新上报")
    await month.get_by_role("button", name="生成新报表").click()
    await expect(page.get_by_text("报表已生成")).to_be_visible(timeout=60_000)
    await page.get_by_label(CHECKED).check()
    await page.get_by_role("button", name="重新上报").click()
    await expect(month.locator('[data-vintage="2"]')).to_contain_text("13/18")
    await expect(month.locator('[data-vintage="1"]')).to_contain_text("12/18")


async def test_a_provisional_month_is_submitted_only_after_it_was_confirmed(
    visit: Opens, app: App
) -> None:
    told = await join(app, "PROVISIONAL")
    today = datetime.now(ZoneInfo(told.principal.zone)).date()
    await told.does(
        batch_opened("NOW", name="本期", on=today),
        enrolled("N1", cohort="NOW", name="新人", on=today),
        passed_gate("N1", on=today),
        went_live("N1", on=today),
    )
    page = (await signed_in(await visit(errors_expected=True), told)).page
    await expect(page.locator("#board tbody")).to_contain_text("暂定", timeout=20_000)
    await page.get_by_role("link", name="上报", exact=True).click()
    await expect(page.locator("#report-month option")).to_have_count(1)
    await page.get_by_role("button", name="生成报表").click()
    await expect(page.get_by_text("报表已生成")).to_be_visible(timeout=60_000)
    await expect(page.get_by_text("尚未确定")).to_be_visible()
    await expect(page.locator('[data-kpi="order_rate"]')).to_contain_text("暂定")

    report = page.url
    await page.get_by_role("button", name="上报").click()
    await expect(page.get_by_role("alert")).to_contain_text("请先勾选确认")
    await page.get_by_label("仍要上报暂定数字").check()
    await page.get_by_role("button", name="上报").click()
    await expect(page.locator('[data-vintage="1"] [data-kpi="order_rate"]')).to_contain_text("暂定")

    await page.go_back()
    await expect(page).to_have_url(report)
    await page.reload()
    await expect(page.get_by_text("这份报表已上报")).to_be_visible()
    await expect(page.get_by_role("button", name="上报")).to_be_hidden()
    await page.get_by_role("link", name="上报", exact=True).click()
    await expect(page.locator("[data-vintage]")).to_have_count(1)


async def test_months_without_newcomers_are_not_offered(visit: Opens, app: App) -> None:
    page = (await signed_in(await visit(), await join(app, "NOMONTHS"))).page
    await page.get_by_role("link", name="上报", exact=True).click()
    await expect(page.get_by_role("heading", name="还没有新人")).to_be_visible()
    await expect(page.get_by_role("button", name="生成报表")).to_be_hidden()
    await page.get_by_role("link", name="导入花名册").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(
        "导入花名册、成绩表、订单表和离职名单"
    )


async def signed_in(visitor: Visitor, told: Told) -> Visitor:
    """The visitor on the partner's board."""
    await visitor.log_in(told)
    await expect(visitor.page.get_by_role("heading", level=1)).to_have_text("新人出单看板")
    return visitor


async def test_nothing_submitted_fits_a_phone(visit: Opens, told: Told) -> None:
    page = await board_of(await visit(viewport=PHONE, has_touch=True, is_mobile=True), told)
    await page.get_by_role("switch", name="菜单").check()
    await page.get_by_role("link", name="上报").click()
    await expect(page.get_by_role("button", name="生成报表")).to_be_visible()
    assert await page.evaluate("() => document.documentElement.scrollWidth") <= PHONE["width"]


async def test_a_checksum_that_is_opened_fits_a_phone(visit: Opens, app: App) -> None:
    told = await tell(app, "CHECKSUM")
    await submit(app, told.principal, str(told.month))
    visitor = await visit(viewport=PHONE, has_touch=True, is_mobile=True)
    await board_of(visitor, told)
    await visitor.page.goto(f"{visitor.site}/submissions")
    await visitor.page.locator(".checksum summary").click()
    await expect(visitor.page.locator(".checksum code")).to_be_visible()
    wide = await visitor.page.evaluate("() => document.documentElement.scrollWidth")
    assert wide <= PHONE["width"]
