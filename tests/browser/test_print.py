"""On paper: charts and tables are whole, and nothing is there to press."""

from playwright.async_api import expect

from api.web.pages.trainees import TRAINEES
from infra.bootstrap import App
from tests.browser.conftest import Opens
from tests.browser.story import Told, join
from tests.browser.test_board import board_of
from tests.browser.test_figures import page_of
from tests.situation import batch_opened, enrolled, judged, passed_gate, went_live

PAPER = {"width": 1040, "height": 720}
CUT = """() => [...document.querySelectorAll('main, main *')]
    .filter(one => !one.closest('svg, .unseen') && getComputedStyle(one).overflow !== 'visible')
    .filter(one => one.scrollHeight > one.clientHeight + 1 || one.scrollWidth > one.clientWidth + 1)
    .map(one => one.className)"""
MONTHS = 26


async def many_months(app: App) -> Told:
    """A partner with a newcomer in each month of more than two years."""
    told = await join(app, "PAPER")
    for before in range(MONTHS):
        month = told.month.next(-before)
        code, number, day = f"B{before:02}", f"P{before:02}", month.first_day
        await told.does(
            batch_opened(code, name=code, on=day),
            enrolled(number, cohort=code, name="新人", on=day),
            passed_gate(number, on=day),
            went_live(number, on=day),
        )
    return told


async def test_no_month_is_lost_and_heads_are_repeated(visit: Opens, app: App) -> None:
    told = await many_months(app)
    visitor = await visit(viewport=PAPER)
    await visitor.log_in(told)
    page = visitor.page
    lines = page.locator("#board tbody tr")
    await expect(lines).to_have_count(MONTHS, timeout=20_000)
    await expect(page.get_by_text("显示最近 24 个分组，共 26 个")).to_be_visible()
    await page.emulate_media(media="print")
    assert await page.evaluate(CUT) == []
    head = page.locator("#board thead")
    await expect(head).to_have_css("display", "table-header-group")
    await expect(head.locator("th").first).to_have_css("position", "static")
    await expect(page.locator("#places")).to_be_hidden()
    await expect(page.locator("#filters")).to_be_hidden()


async def test_a_chart_is_as_wide_as_the_paper(visit: Opens, told: Told) -> None:
    page = await board_of(await visit(), told)
    await expect(page.locator("[data-chart][data-drawn]")).to_have_count(3)
    await page.set_viewport_size(PAPER)
    await page.emulate_media(media="print")
    for chart in await page.locator("[data-chart]").all():
        figure, canvas = await chart.bounding_box(), await chart.locator("canvas").bounding_box()
        assert figure and canvas
        assert canvas["height"] > 200
        assert canvas["x"] + canvas["width"] <= figure["x"] + figure["width"] + 1


async def test_an_opened_figure_is_printed_alone_and_whole(visit: Opens, told: Told) -> None:
    page = await board_of(await visit(viewport=PAPER), told)
    await page.locator('.tile[data-kpi="order_rate"] a.figure').click()
    await expect(page.get_by_role("dialog").locator("tbody").first).to_be_visible()
    await page.emulate_media(media="print")
    assert await page.evaluate(CUT) == []
    await expect(page.locator("#board")).to_be_hidden()
    await expect(page.locator("#members-title")).to_be_visible()


async def test_other_pages_cut_nothing_off_either(visit: Opens, told: Told) -> None:
    visitor = await visit(viewport=PAPER)
    page = await page_of(visitor, told, "/figures/all")
    await page.emulate_media(media="print")
    for path in ("/figures/all", "/scorecard", "/what-if", "/submissions"):
        await page.goto(f"{visitor.site}{path}")
        assert await page.evaluate(CUT) == [], path
        assert await page.evaluate("() => document.documentElement.scrollWidth") <= 1040


async def test_a_long_text_is_printed_whole_and_a_masked_phone_and_mail_stay_masked(
    visit: Opens, app: App
) -> None:
    told, last = await join(app, "PAPER-OF-ONE"), "就是最后一句"
    on, no = told.live_on, "P1"
    phone, mail = "13800138000", "somebody@partner.example"
    position = await told.does(
        batch_opened("B1", name="B1", on=on),
        enrolled(no, cohort="B1", on=on, phone=phone, mail=mail),
        judged(no, passed=False, on=on, feedback="开场白背得熟，" * 40 + last),
    )
    await app.wait_for(told.principal.tenant, TRAINEES.projections, position)
    visitor = await visit(viewport=PAPER)
    await visitor.log_in(told)
    page = visitor.page
    await page.goto(f"{visitor.site}/trainees")
    await page.locator("main tbody a").first.click()
    texts = page.locator(".timeline .rest")
    await expect(texts).to_have_count(3)
    on_screen = await page.locator(".timeline").inner_text()
    await page.emulate_media(media="print")
    on_paper = await page.locator(".timeline").inner_text()
    for text, screen, paper in ((last, 0, 1), (phone, 0, 0), (mail, 0, 0), ("138****8000", 1, 1)):
        assert (on_screen.count(text), on_paper.count(text)) == (screen, paper), text
    await expect(page.locator(".rest.masked > summary")).to_have_count(2)
    assert await page.evaluate(CUT) == []
