"""The browser's Back and Forward, the figure that is opened, and what moves behind it."""

import re

import pytest
from playwright.async_api import Page, expect

from infra.bootstrap import App
from tests.browser.conftest import Opens
from tests.browser.hands import PHONE
from tests.browser.story import COHORT, WITHOUT_AN_ORDER, Told, join, tell
from tests.browser.test_board import board_of
from tests.browser.test_figures import page_of
from tests.situation import batch_opened, ordered

FIGURE = '.tile[data-kpi="order_rate"] a.figure'


@pytest.mark.parametrize("path", ["/figures/all", "/scorecard", "/what-if"])
async def test_back_after_a_filter_shows_the_whole_page(
    visit: Opens, told: Told, path: str
) -> None:
    page = await page_of(await visit(), told, path)
    title = await page.locator("h1").inner_text()
    await page.select_option("#filter-cohort", "B-01")
    await expect(page).to_have_url(re.compile("cohort=B-01"))
    await page.go_back()
    await expect(page).to_have_url(re.compile(f"{path}$"))
    await expect(page.locator("h1")).to_have_text(title)
    await expect(page.locator("#filter-cohort")).to_have_value("")
    await expect(page.locator("#places")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
async def test_back_from_somebody_who_was_looked_for_shows_who_was_found(
    visit: Opens, told: Told, scripts: bool
) -> None:
    await board_of(await visit(), told)
    visitor = await visit(java_script_enabled=scripts)
    await visitor.log_in(told)
    page = visitor.page
    await page.goto(f"{visitor.site}/trainees")
    search, rows = page.get_by_role("searchbox"), page.locator("main tbody tr")
    await search.fill("T07")
    await search.press("Enter")
    await expect(rows).to_have_count(1)
    assert not re.search(r"\bT07\b", page.url)
    await rows.locator("th").get_by_role("link").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("T07")
    for again in (page.go_back, page.reload):
        await again()
        await expect(search).to_have_value("T07")
        await expect(rows).to_have_count(1)


async def test_back_to_the_form_of_another_shows_what_stayed_in_it(visit: Opens, app: App) -> None:
    told = await join(app, "ANOTHER")
    await told.does(batch_opened(COHORT, name="第一期", on=told.live_on))
    visitor = await visit()
    await visitor.log_in(told)
    page = visitor.page
    await page.goto(f"{visitor.site}/trainees/new")
    entered = {"employee_no": "E1", "name": "陈晨", "cohort": COHORT, "manager": "Zhao"}
    for name, text in entered.items():
        await page.fill(f"main [name={name}]", text)
    await page.click("main button[name=again]")
    await expect(page.locator("main .done")).to_be_visible()
    assert "Zhao" not in page.url
    await page.get_by_role("link", name="返回", exact=True).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("学员")
    await page.go_back()
    await expect(page.locator("main .done")).to_be_visible()
    await expect(page.locator("main [name=manager]")).to_have_value("Zhao")
    await expect(page.locator("main [name=name]")).to_have_value("")


async def test_back_after_a_form_was_refused_and_then_saved_leads_to_before_it(
    visit: Opens, app: App
) -> None:
    told = await join(app, "REFUSED")
    await told.does(batch_opened(COHORT, name="第一期", on=told.live_on))
    visitor = await visit()
    await visitor.log_in(told)
    page = visitor.page
    await page.goto(f"{visitor.site}/trainees")
    await page.goto(f"{visitor.site}/trainees/new")
    entered = {"employee_no": "E1", "cohort": COHORT}
    for name, text in entered.items():
        await page.fill(f"main [name={name}]", text)
    save = page.locator("main form button[type=submit]").first
    await save.click()
    await expect(page.get_by_role("alert")).to_be_visible()
    await expect(page.locator("main [name=employee_no]")).to_have_value("E1")
    await expect(page.locator("main [name=name]")).to_be_focused()
    await page.fill("main [name=name]", "陈晨")
    await save.click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("陈晨")
    await page.go_back()
    await expect(page).to_have_url(re.compile("/trainees/new$"))
    await expect(page.locator("main [name=name]")).to_have_value("")
    await page.go_back()
    await expect(page).to_have_url(re.compile("/trainees$"))


async def test_a_form_that_does_not_reach_the_server_keeps_what_was_typed_and_says_so(
    visit: Opens, app: App
) -> None:
    told = await join(app, "LOST")
    visitor = await visit(errors_expected=True)
    await visitor.log_in(told)
    page = visitor.page
    await page.goto(f"{visitor.site}/cohorts/new")
    await page.fill("main [name=code]", "B-9")
    await page.context.set_offline(True)
    await page.locator("main form button[type=submit]").first.click()
    await expect(page.locator("#trouble")).to_be_visible()
    await expect(page.locator("main [name=code]")).to_have_value("B-9")


async def opened(page: Page) -> None:
    """The figure is open, and the board behind it was not loaded anew."""
    await expect(page.get_by_role("dialog").locator('[data-section="counted"]')).to_be_visible()
    assert await page.evaluate("() => window.before")


@pytest.mark.parametrize("filtered", [False, True], ids=["as it came", "after a filter"])
async def test_back_closes_an_opened_figure_and_forward_opens_it_again(
    visit: Opens, told: Told, filtered: bool
) -> None:
    page = await board_of(await visit(), told)
    if filtered:
        await page.select_option("#filter-cohort", "B-01")
        await expect(page).to_have_url(re.compile("cohort=B-01"))
    before = page.url
    await page.evaluate("() => { window.before = true }")
    await page.locator(FIGURE).click()
    await opened(page)
    assert "#/figures/members?" in page.url
    await page.go_back()
    await expect(page.get_by_role("dialog")).to_be_hidden()
    await expect(page.locator(FIGURE)).to_be_focused()
    assert page.url == before
    await page.go_forward()
    await opened(page)
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_be_hidden()
    await expect(page).to_have_url(before)
    assert await page.evaluate("() => window.before")


async def test_forward_opens_a_figure_whose_closing_is_told_late(visit: Opens, told: Told) -> None:
    page = await board_of(await visit(), told)
    await page.evaluate("() => { window.before = true }")
    await page.locator(FIGURE).click()
    await opened(page)
    await page.evaluate("""() => {
      const late = event => { event.stopImmediatePropagation(); window.late = event.target }
      addEventListener('close', late, { capture: true, once: true })
    }""")
    await page.go_back()
    await page.wait_for_function("() => window.late")
    await page.go_forward()
    await opened(page)
    await page.evaluate("() => { window.late.dispatchEvent(new Event('close')) }")
    await opened(page)
    assert "#/figures/members?" in page.url


async def test_the_address_of_an_opened_figure_opens_it(visit: Opens, told: Told) -> None:
    page = await board_of(await visit(), told)
    await page.locator(FIGURE).click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.reload()
    dialog = page.get_by_role("dialog")
    await expect(dialog.locator('[data-section="counted"] tbody')).to_have_count(12)
    await dialog.get_by_role("button", name="关闭").click()
    await expect(dialog).to_be_hidden()
    await expect(page.locator("h1")).to_have_text("新人出单看板")
    await expect(page.locator(FIGURE)).to_be_focused()


async def test_an_opened_figure_says_that_the_figures_moved_and_shows_them(
    visit: Opens, app: App
) -> None:
    told = await tell(app, "MOVES")
    page = await board_of(await visit(), told)
    await page.locator(FIGURE).click()
    dialog = page.get_by_role("dialog")
    await expect(dialog.locator('[data-section="counted"] tbody')).to_have_count(12)
    await told.does(ordered(WITHOUT_AN_ORDER, "NEW-1", on=told.live_on))
    await expect(dialog.get_by_text("数据已更新")).to_be_visible(timeout=20_000)
    await expect(dialog.locator('[data-section="counted"] tbody')).to_have_count(12)
    await dialog.get_by_role("button", name="显示最新").click()
    await expect(dialog.locator('[data-section="counted"] tbody')).to_have_count(13)
    await expect(dialog.get_by_text("数据已更新")).to_be_hidden()
    await page.keyboard.press("Escape")
    await expect(page.locator(FIGURE)).to_be_focused()


async def test_what_is_typed_outlives_a_board_that_refreshes_itself(visit: Opens, app: App) -> None:
    told = await tell(app, "TYPES")
    page = await board_of(await visit(), told)
    await page.locator("#filter-on").focus()
    await page.keyboard.type("2026-1")
    await told.does(ordered(WITHOUT_AN_ORDER, "NEW-1", on=told.live_on))
    await expect(page.locator(FIGURE)).to_contain_text("13/18", timeout=20_000)
    await expect(page.locator("#filter-on")).to_have_value("2026-1")


async def test_the_language_and_the_menu_keep_a_filter_that_was_just_chosen(
    visit: Opens, told: Told
) -> None:
    page = await board_of(await visit(), told)
    await page.select_option("#filter-cohort", "B-01")
    await expect(page).to_have_url(re.compile("cohort=B-01"))
    await page.get_by_role("link", name="English").click()
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    await expect(page).to_have_url(re.compile("cohort=B-01"))
    await page.get_by_role("link", name="Scorecard").click()
    await expect(page.locator("#filter-cohort")).to_have_value("B-01")


async def test_people_of_a_figure_are_found_by_name_without_naming_them_in_the_address(
    visit: Opens, told: Told
) -> None:
    page = await board_of(await visit(), told)
    await page.locator(FIGURE).click()
    dialog = page.get_by_role("dialog")
    search = dialog.get_by_role("searchbox")
    await search.fill("T03")
    await search.press("Enter")
    people = dialog.locator('[data-section="counted"] tbody')
    await expect(people).to_have_count(1)
    await expect(people).to_contain_text("<b>新人</b>T03")
    await expect(search).to_be_focused()
    assert not re.search(r"\bT03\b", page.url)
    await page.reload()
    await expect(search).to_have_value("T03")
    await expect(people).to_have_count(1)
    await dialog.get_by_role("link", name="显示全部").click()
    await expect(dialog.locator('[data-section="counted"] tbody')).to_have_count(12)


async def test_the_records_of_a_line_unfold_and_fold(visit: Opens, told: Told) -> None:
    page = await board_of(await visit(), told)
    await page.locator(FIGURE).click()
    line = page.get_by_role("dialog").locator('[data-section="counted"] tbody').first
    link = line.get_by_role("link", name="原始记录")
    await link.press("Enter")
    await expect(line.get_by_text("上岗")).to_be_visible()
    await expect(link).to_have_attribute("aria-expanded", "true")
    await link.press("Enter")
    await expect(line.get_by_text("上岗")).to_be_hidden()
    await expect(link).to_have_attribute("aria-expanded", "false")


async def test_what_has_just_come_is_followed_where_it_stands(visit: Opens, told: Told) -> None:
    page = await board_of(await visit(), told)
    first = """() => document.addEventListener('htmx:afterSwap', () => setTimeout(
        () => document.querySelector('#members tbody [data-records]').click()), {once: true})"""
    await page.evaluate(first)
    await page.locator(FIGURE).click()
    line = page.get_by_role("dialog").locator('[data-section="counted"] tbody').first
    await expect(line.get_by_text("上岗")).to_be_visible()


async def test_members_without_scripts_have_a_heading_records_and_a_search(
    visit: Opens, told: Told
) -> None:
    await board_of(await visit(), told)
    visitor = await visit(java_script_enabled=False)
    await visitor.log_in(told)
    page = visitor.page
    await page.goto(f"{visitor.site}/?month={told.month}")
    await page.locator(FIGURE).click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("出单率")
    await page.get_by_role("searchbox").fill("T03")
    await page.get_by_role("button", name="查找").click()
    people = page.locator('[data-section="counted"] tbody')
    await expect(people).to_have_count(1)
    assert not re.search(r"\bT03\b", page.url)
    await page.get_by_role("link", name="原始记录").first.click()
    of_figure = re.compile("出单率 · 背后的记录")
    await expect(page.get_by_role("heading", level=1)).to_have_text(of_figure)
    await page.go_back()
    await expect(people).to_have_count(1)
    await page.locator(".crumbs").get_by_role("link", name="看板").click()
    await expect(page).to_have_url(re.compile(f"month={told.month}"))


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
async def test_on_a_phone_whose_rows_have_no_heads_the_order_of_a_list_is_chosen(
    visit: Opens, told: Told, scripts: bool
) -> None:
    visitor = await visit(java_script_enabled=scripts, viewport=PHONE)
    await visitor.log_in(told)
    page = visitor.page
    await page.goto(f"{visitor.site}/trainees")
    await page.locator("main .folding").click()
    await page.get_by_label("排序").select_option(label="工号：降序")
    if not scripts:
        await page.get_by_role("button", name="查找").click()
    await expect(page.locator("main tbody tr th").first).to_have_text("T20")
