"""The board in a real browser: what a training manager sees and does."""

import re
from datetime import timedelta

from playwright.async_api import Locator, Page, expect

from infra.bootstrap import App
from tests.browser.accessibility import barriers
from tests.browser.conftest import Opens, Visitor
from tests.browser.story import COHORT, WITHOUT_AN_ORDER, Told, join, tell
from tests.situation import ordered

PHONE = {"width": 390, "height": 844}


def group(page: Page, key: str) -> Locator:
    """A group's row in the table behind the charts."""
    return page.locator(f'[data-group="{key}"]')


def manager(page: Page, name: str) -> Locator:
    """The row of a manager's group, whose key is an id."""
    return page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=name, exact=True))


async def board_of(visitor: Visitor, told: Told) -> Page:
    """The board with its figures there and its scripts at work, which take keys over from links."""
    await visitor.log_in(told)
    await visitor.page.wait_for_load_state()
    month = group(visitor.page, str(told.month))
    # The projector is another process: the page refreshes itself when it has caught up.
    await expect(month).to_contain_text("12/18", timeout=20_000)
    await expect(month).to_contain_text("21/18", timeout=20_000)
    return visitor.page


async def test_shows_the_figures_of_the_month(visit: Opens, told: Told) -> None:
    page = await board_of(await visit(), told)
    month = group(page, str(told.month))
    await expect(month).to_contain_text("66.6%")
    await expect(month).to_contain_text("1.16")
    await expect(month).to_contain_text("15/18")
    await expect(month).to_contain_text("已确定")
    await expect(page.locator('.tile[data-kpi="order_rate"]')).to_contain_text("66.6%")
    await expect(page.locator("[data-chart][data-drawn]")).to_have_count(3)


async def test_draws_bars_and_chinese_letters(visit: Opens, told: Told) -> None:
    page = await board_of(await visit(), told)
    await expect(page.locator("[data-chart][data-drawn]")).to_have_count(3)
    painted = await page.evaluate(
        "() => { const c = document.querySelector('[data-chart] canvas');"
        " const p = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;"
        " return new Set(p).size }"
    )
    assert painted > 10
    # Letters that no font has look all the same.
    drawn = await page.evaluate(
        "() => { const { fontFamily } = getComputedStyle(document.body);"
        " return ['出', '单', '绩'].map(letter => { const c = document.createElement('canvas');"
        " const at = c.getContext('2d'); at.font = `40px ${fontFamily}`;"
        " at.fillText(letter, 10, 60); return c.toDataURL() }) }"
    )
    assert len(set(drawn)) == 3


async def test_opens_a_figure_down_to_its_records(visit: Opens, told: Told) -> None:
    page = await board_of(await visit(), told)
    figure = page.locator('.tile[data-kpi="order_rate"] a.figure')
    await figure.focus()
    await page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    await expect(dialog.get_by_role("heading", level=2)).to_be_focused()
    counted = dialog.locator('[data-section="counted"]')
    others = dialog.locator('[data-section="not_counted"]')
    await expect(counted.locator("tbody")).to_have_count(12)
    await expect(others.locator("tbody")).to_have_count(6)
    await expect(others.get_by_text("统计期内离职")).to_have_count(3)
    await expect(others.get_by_text("统计期内未出单")).to_have_count(3)
    await expect(counted.get_by_text("<b>新人</b>T01")).to_be_visible()
    await counted.get_by_role("link", name="原始记录").first.click()
    facts = counted.locator(".facts").first
    await expect(facts).to_contain_text("上岗")
    await expect(facts).to_contain_text("杜玉璇")
    assert await barriers(page) == []
    await page.keyboard.press("Escape")
    await expect(dialog).to_be_hidden()
    await expect(figure).to_be_focused()


async def test_shows_floor_and_ceiling_while_windows_are_open(visit: Opens, told: Told) -> None:
    visitor = await visit()
    page = await board_of(visitor, told)
    early = told.live_on + timedelta(days=2)
    await page.goto(f"{visitor.site}/?on={early}")
    month = group(page, str(told.month))
    await expect(month).to_contain_text("暂定")
    await expect(month).to_contain_text("0.0% – 100.0%")
    await expect(month).to_contain_text("13/18")


async def test_groups_and_filters_without_loading_the_page_anew(visit: Opens, told: Told) -> None:
    page = await board_of(await visit(), told)
    await page.evaluate("() => { window.before = true }")
    await page.locator(".tabs").get_by_role("link", name="批次").click()
    await expect(group(page, COHORT)).to_contain_text("12/18")
    await page.locator(".tabs").get_by_role("link", name="主管").click()
    await expect(manager(page, "M01")).to_be_visible()
    await expect(manager(page, "M02")).to_be_visible()
    await page.locator("#filter-manager").focus()
    await page.select_option("#filter-manager", label="M01")
    await expect(manager(page, "M02")).to_be_hidden()
    await expect(page.locator("#filter-manager")).to_be_focused()
    await expect(page).to_have_url(re.compile(r"/\?by=manager&.*manager=person-[0-9a-f-]{36}"))
    assert await page.evaluate("() => window.before")


async def test_back_after_a_filter_shows_the_whole_page_as_it_was(visit: Opens, told: Told) -> None:
    page = await board_of(await visit(), told)
    await page.locator(".tabs").get_by_role("link", name="主管").click()
    await expect(manager(page, "M01")).to_be_visible()
    await page.go_back()
    await expect(group(page, str(told.month))).to_contain_text("12/18")
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    await expect(page.locator(".tabs").get_by_role("link", name="批次")).to_be_visible()
    await expect(page.locator("[data-chart][data-drawn]")).to_have_count(3)
    await page.go_forward()
    await expect(manager(page, "M01")).to_be_visible()
    await expect(page.get_by_role("heading", level=1)).to_be_visible()


async def test_the_focus_goes_on_behind_a_filter_that_applies_by_itself(
    visit: Opens, told: Told
) -> None:
    page = await board_of(await visit(), told)
    await page.locator("#filter-on").press_sequentially(str(told.live_on))
    await page.keyboard.press("Tab")
    await expect(page.locator("#board > .past")).to_be_visible()
    await expect(page.locator("#filter-on-open")).to_be_focused()
    await page.locator("#by-manager").press("Enter")
    await expect(manager(page, "M01")).to_be_visible()
    await expect(page.locator("#by-manager")).to_be_focused()


async def test_on_a_phone_no_table_is_pushed_sideways(visit: Opens, told: Told) -> None:
    visitor = await visit(viewport=PHONE)
    page = await board_of(visitor, told)
    for place in ("", "trainees", "cohorts", "sessions", "figures/all", "scorecard", "scheme"):
        await page.goto(f"{visitor.site}/{place}")
        wide = "all => all.filter(one => one.scrollWidth > one.clientWidth + 1).length"
        assert await page.locator(".table").evaluate_all(wide) == 0, place


async def test_a_word_is_told_where_it_stands_without_a_script(visit: Opens, told: Told) -> None:
    visitor = await visit(java_script_enabled=False)
    await visitor.log_in(told)
    page = visitor.page
    await page.locator("#about-people-employed").press("Enter")
    await expect(page.locator("#hint-people-employed")).to_be_visible()
    await expect(page.locator(".charts")).to_be_hidden()


async def test_a_refused_filter_leaves_the_others_at_work(visit: Opens, told: Told) -> None:
    page = await board_of(await visit(), told)
    month = page.locator("#filter-month")
    await month.evaluate(
        "select => { select.add(new Option('13', '2026-13')); select.value = '2026-13';"
        " select.dispatchEvent(new Event('change', {bubbles: true})) }"
    )
    await expect(page.locator("#filters").get_by_role("alert")).to_contain_text("2026-13")
    await month.select_option(str(told.month))
    await expect(group(page, str(told.month))).to_contain_text("12/18")


async def test_speaks_english_when_asked_to(visit: Opens, told: Told) -> None:
    page = await board_of(await visit(), told)
    await page.get_by_role("link", name="English").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Newcomer figures")
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    await page.reload()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Newcomer figures")


async def test_greets_an_english_browser_in_english(visit: Opens, told: Told) -> None:
    visitor = await visit(locale="en-GB")
    await visitor.page.goto(visitor.site)
    await expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Log in")


async def test_refreshes_itself_when_an_order_is_recorded(visit: Opens, app: App) -> None:
    told = await tell(app, "LIVE")
    page = await board_of(await visit(), told)
    await page.evaluate("() => { window.before = true }")
    await told.does(ordered(WITHOUT_AN_ORDER, "NEW-1", on=told.live_on))
    await expect(group(page, str(told.month))).to_contain_text("13/18", timeout=20_000)
    await expect(group(page, str(told.month))).to_contain_text("72.2%")
    await expect(page.locator("[data-chart][data-drawn]")).to_have_count(3)
    assert await page.evaluate("() => window.before")


async def test_fits_the_width_of_a_phone(visit: Opens, told: Told) -> None:
    page = await board_of(await visit(viewport=PHONE, has_touch=True, is_mobile=True), told)
    await expect(page.locator("[data-chart][data-drawn]")).to_have_count(3)
    assert await page.evaluate("() => document.documentElement.scrollWidth") <= PHONE["width"]


async def test_shows_and_opens_figures_without_scripts(visit: Opens, told: Told) -> None:
    await board_of(await visit(), told)
    visitor = await visit(java_script_enabled=False)
    await visitor.log_in(told)
    page = visitor.page
    await expect(group(page, str(told.month))).to_contain_text("66.6%")
    await page.locator('.tile[data-kpi="order_rate"] a.figure').click()
    await expect(page.locator('[data-section="counted"] tbody')).to_have_count(12)


async def test_says_what_to_do_when_there_is_nobody(visit: Opens, app: App) -> None:
    visitor = await visit()
    await visitor.log_in(await join(app, "NOBODY"))
    await expect(visitor.page.get_by_role("heading", name="还没有新人")).to_be_visible()


async def test_a_page_that_is_not_seen_holds_no_stream_and_follows_when_it_is_seen_again(
    visit: Opens, app: App
) -> None:
    told = await tell(app, "UNSEEN")
    page = await board_of(await visit(), told)

    async def be_hidden(is_hidden: bool) -> None:
        await page.evaluate(
            "isHidden => { Object.defineProperty(document, 'hidden', {"
            " configurable: true, get: () => isHidden });"
            " document.dispatchEvent(new Event('visibilitychange')) }",
            is_hidden,
        )

    async with page.expect_event("requestfailed", lambda one: "/figures/events" in one.url):
        await be_hidden(True)
    await told.does(ordered(WITHOUT_AN_ORDER, "D-9001", on=told.live_on + timedelta(days=2)))
    async with page.expect_request("**/figures/events?after=*"):
        await be_hidden(False)
    await expect(group(page, str(told.month))).to_contain_text("13/18", timeout=20_000)
