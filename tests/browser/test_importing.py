"""From the training manager's workbook to the figures, in a real browser."""

import re
from datetime import date
from io import BytesIO

from openpyxl import load_workbook
from playwright.async_api import Locator, Page, expect

from infra.bootstrap import App
from tests.browser.accessibility import barriers
from tests.browser.conftest import Opens
from tests.browser.story import Told, join
from tests.place import ROSTER
from tests.situation import batch_opened, left

FAULTY = """工号,姓名,批次,入职日期,上岗日期,笔试,演练
E901,张三,2024-07,2024-07-01,2024-07-10,90,合格
E902,李四,2024-07,昨天,2024-07-10,90,合格
,王五,2024-07,2024-07-01,2024-07-10,90,合格
"""


def outcome(page: Page, word: str) -> Locator:
    """How many rows had this outcome."""
    return page.locator(f'[data-outcome="{word}"] strong')


async def check(page: Page, upload: object) -> None:
    """Uploads and waits for what the check says."""
    await page.get_by_role("link", name="导入", exact=True).first.click()
    await page.set_input_files("main [name=file]", upload)
    await page.get_by_role("button", name="校验").click()
    await expect(page.locator(".counts")).to_be_visible(timeout=60_000)


async def test_leads_from_the_workbook_to_the_figures(visit: Opens, app: App) -> None:
    page = await new_partner(visit, await join(app, "IMPORTS"))
    await check(page, ROSTER)
    await expect(page.get_by_role("heading", level=1)).to_have_text("校验结果")
    await expect(outcome(page, "refuse")).to_have_text("0")
    await page.get_by_role("button", name="确认导入").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("导入结果")
    await expect(page.locator(".counts")).to_be_visible(timeout=60_000)
    await page.get_by_role("link", name="查看看板").click()
    june = page.locator('[data-group="2026-06"]')
    await expect(june).to_contain_text("66.6% 12/18", timeout=20_000)
    await expect(june).to_contain_text("1.16 21/18")
    await check(page, ROSTER)
    await expect(outcome(page, "create")).to_have_text("0")
    await expect(page.get_by_role("button", name="确认导入")).to_be_hidden()


async def test_says_what_is_left_out_and_checks_the_chosen_sheets_alone(
    visit: Opens, app: App
) -> None:
    page = await new_partner(visit, await join(app, "SHEETS"))
    await check(page, ROSTER)
    await expect(page.locator('[data-note="cohort_opened"]')).to_contain_text("2026")
    await expect(page.locator('[data-note="rows_above_headings"]')).to_contain_text("新人花名册")
    assert await barriers(page) == []
    await page.get_by_role("checkbox", name="新人花名册").uncheck()
    await page.get_by_role("button", name="只校验所选工作表").click()
    await expect(page.get_by_text("仅工作表 出单明细")).to_be_visible(timeout=60_000)
    await expect(outcome(page, "create")).to_have_text("0")
    await expect(outcome(page, "refuse")).to_have_text("21")
    await page.get_by_role("checkbox", name="新人花名册").check()
    await page.get_by_role("button", name="只校验所选工作表").click()
    await expect(outcome(page, "create")).to_have_text("41", timeout=60_000)


async def test_names_sheet_row_and_column_of_a_refused_row(visit: Opens, app: App) -> None:
    page = await new_partner(visit, await join(app, "FAULTS"))
    await check(
        page, {"name": "名单.csv", "mimeType": "text/csv", "buffer": FAULTY.encode("utf-8-sig")}
    )
    await expect(outcome(page, "create")).to_have_text("1")
    await expect(outcome(page, "refuse")).to_have_text("2")
    refused = page.locator("tbody tr")
    await expect(refused).to_have_count(2)
    await expect(refused.first).to_contain_text("入职日期")
    await expect(refused.first).to_contain_text("昨天")
    assert await barriers(page) == []
    await page.get_by_role("link", name="显示全部各行").click()
    await expect(refused).to_have_count(3)
    await expect(refused.first).to_contain_text("将新增")


async def test_a_run_is_followed_to_its_end_and_known_to_its_check(visit: Opens, app: App) -> None:
    page = await new_partner(visit, await join(app, "RUNS"))
    await check(
        page, {"name": "名单.csv", "mimeType": "text/csv", "buffer": FAULTY.encode("utf-8-sig")}
    )
    checked = page.url
    await page.get_by_role("button", name="确认导入").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("导入结果")
    await expect(page.locator('[data-outcome="create"]')).to_contain_text("已新增", timeout=60_000)
    await expect(page.locator("main")).not_to_contain_text("将新增")
    await page.goto(checked)
    await expect(page.get_by_role("button", name="确认导入")).to_be_hidden()
    await page.get_by_role("link", name="查看导入结果").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("导入结果")


async def test_earlier_checks_and_imports_are_found_again(visit: Opens, app: App) -> None:
    page = await new_partner(visit, await join(app, "EARLIER"))
    await check(
        page, {"name": "名单.csv", "mimeType": "text/csv", "buffer": FAULTY.encode("utf-8-sig")}
    )
    await page.get_by_role("button", name="确认导入").click()
    await expect(page.locator('[data-outcome="create"]')).to_contain_text("已新增", timeout=60_000)
    run = page.url
    await page.get_by_role("link", name="导入其他文件").click()
    earlier = page.locator("#earlier tbody tr")
    await expect(earlier).to_have_count(2)
    await expect(earlier.first).to_contain_text("导入")
    await expect(earlier.first).to_contain_text("已新增 1 · 未通过校验 2")
    await expect(earlier.last).to_contain_text("校验")
    await expect(earlier.last).to_contain_text("将新增 1")
    assert await barriers(page) == []
    await earlier.first.get_by_role("link").click()
    await expect(page).to_have_url(run)


async def test_the_marked_workbook_says_in_the_cell_what_is_wrong(visit: Opens, app: App) -> None:
    page = await new_partner(visit, await join(app, "MARKED"))
    await check(
        page, {"name": "名单.csv", "mimeType": "text/csv", "buffer": FAULTY.encode("utf-8-sig")}
    )
    async with page.expect_download() as coming:
        await page.get_by_role("link", name="下载逐行标注结果的表格（Excel）").click()
    marked = load_workbook(BytesIO((await (await coming.value).path()).read_bytes()))
    sheet = marked["名单"]
    assert sheet["D3"].comment is not None and "昨天" in sheet["D3"].comment.text
    assert sheet["H2"].value.startswith("将新增")


async def test_an_unknown_heading_is_mapped_once_and_remembered(visit: Opens, app: App) -> None:
    page = await new_partner(visit, await join(app, "MAPPED"))
    sheet = FAULTY.replace("工号", "人员代码").replace("笔试", "理论卷")
    upload = {"name": "名单.csv", "mimeType": "text/csv", "buffer": sheet.encode("utf-8-sig")}
    await page.get_by_role("link", name="导入", exact=True).first.click()
    await page.set_input_files("main [name=file]", upload)
    await page.get_by_role("button", name="校验").click()
    await page.get_by_label("人员代码").select_option("工号", timeout=60_000)
    await page.get_by_label("理论卷").select_option("笔试成绩")
    assert await barriers(page) == []
    await page.get_by_role("button", name="记住并重新校验").click()
    await expect(outcome(page, "create")).to_have_text("1", timeout=60_000)
    await expect(page.locator("div.words")).to_be_hidden()
    await check(page, upload)
    await expect(outcome(page, "create")).to_have_text("1")
    await page.get_by_role("link", name="导入其他文件").click()
    words = page.locator("#words li")
    await expect(words).to_have_count(2)
    assert await barriers(page) == []
    await words.filter(has_text="理论卷").get_by_role("button", name="忘记").click()
    await expect(words).to_have_count(1)
    await expect(page).to_have_url(re.compile("#words$"))
    await expect(page.locator(".done")).to_have_text("已保存：忘记用词 · 理论卷")


async def test_a_cell_is_mended_in_place_and_the_record_says_who_did(
    visit: Opens, app: App
) -> None:
    page = await new_partner(visit, await join(app, "MENDED"))
    await check(
        page, {"name": "名单.csv", "mimeType": "text/csv", "buffer": FAULTY.encode("utf-8-sig")}
    )
    await page.get_by_label("D3 单元格（入职日期）改为").fill("2024-07-01")
    await page.get_by_label("A4 单元格（工号）改为").fill("E903")
    assert await barriers(page) == []
    await page.get_by_role("button", name="确认导入").click()
    await expect(page.get_by_text("请核对后再确认导入")).to_be_visible(timeout=60_000)
    await expect(outcome(page, "refuse")).to_have_text("0")
    await expect(page.locator(".said").get_by_text("已改为")).to_have_count(2)
    await page.get_by_role("button", name="确认导入").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("导入结果")
    await expect(outcome(page, "create")).to_have_text("3", timeout=60_000)
    await page.get_by_role("link", name="学员", exact=True).click()
    await page.get_by_role("link", name="李四").click(timeout=60_000)
    await expect(page.locator("main")).to_contain_text("D 列由 杜玉璇 在导入时修改")


async def test_an_import_is_undone_and_its_file_imported_again(visit: Opens, app: App) -> None:
    page = await new_partner(visit, await join(app, "UNDONE"))
    for _ in range(2):
        await check(page, ROSTER)
        await expect(outcome(page, "create")).to_have_text("41")
        await page.get_by_role("button", name="确认导入").click()
        await expect(outcome(page, "create")).to_have_text("41", timeout=60_000)
        await page.get_by_role("link", name="撤销这次导入").click()
        await expect(page.get_by_label("原因")).to_have_value(f"撤销导入：{ROSTER.name}")
        assert await barriers(page) == []
        await page.get_by_role("button", name="确认撤销").click()
        await expect(page.get_by_role("status")).to_contain_text("已撤销", timeout=60_000)
        assert await barriers(page) == []
    await page.get_by_role("link", name="导入其他文件").click()
    steps = page.locator("#earlier tbody tr td:nth-child(4)")
    await expect(steps).to_have_text(["撤销", "导入", "校验"] * 2)


async def test_what_stands_in_the_way_of_undoing_is_named(visit: Opens, app: App) -> None:
    told = await join(app, "IN-THE-WAY")
    page = await new_partner(visit, told)
    await check(
        page, {"name": "名单.csv", "mimeType": "text/csv", "buffer": FAULTY.encode("utf-8-sig")}
    )
    await page.get_by_role("button", name="确认导入").click()
    await expect(outcome(page, "create")).to_have_text("1", timeout=60_000)
    await told.does(left("E901", on=date(2024, 8, 1)))
    await page.get_by_role("link", name="撤销这次导入").click()
    await page.get_by_role("button", name="确认撤销").click()
    await expect(page.locator("#in-the-way li")).to_have_count(1, timeout=60_000)
    await expect(page.locator("#in-the-way")).to_contain_text("张三 E901")
    await expect(page.get_by_role("button", name="确认撤销")).to_be_visible()
    assert await barriers(page) == []
    await page.locator("#in-the-way a").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("张三")


async def test_a_check_says_how_much_was_recorded_since_and_not_that_others_checked(
    visit: Opens, app: App
) -> None:
    told = await join(app, "CHECKED")
    page = await new_partner(visit, told)
    await check(page, ROSTER)
    first = page.url
    await check(page, ROSTER)
    await page.goto(first)
    await expect(page.get_by_role("button", name="确认导入")).to_be_visible()
    await expect(page.get_by_text("此次校验之后")).to_be_hidden()
    await told.does(batch_opened("SINCE", name="另一批"))
    await page.reload()
    await expect(page.get_by_text("此次校验之后又登记了 1 条记录")).to_be_visible()
    await expect(page.get_by_role("button", name="确认导入")).to_be_visible()


async def test_the_button_for_files_speaks_the_language_of_the_page(
    visit: Opens, told: Told
) -> None:
    visitor = await visit(locale="en-US", errors_expected=True)
    await visitor.log_in(told)
    await visitor.page.get_by_role("link", name="中文").click()
    page = visitor.page
    await page.get_by_role("link", name="导入", exact=True).first.click()
    await expect(page.locator(".chosen")).to_have_text("选择文件 未选择文件")
    await expect(page.get_by_role("region", name="模板与已登记内容")).to_be_visible()
    await page.get_by_role("button", name="校验").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    await page.set_input_files("#files", ROSTER)
    await expect(page.locator(".chosen")).to_contain_text(ROSTER.name)


async def test_stops_when_it_is_told_to(visit: Opens, app: App) -> None:
    page = await new_partner(visit, await join(app, "CANCELS"))
    rows = "".join(f"E{n},学员,2024-07,2024-07-01\n" for n in range(20_000))
    roster = f"工号,姓名,批次,入职日期\n{rows}".encode("utf-8-sig")
    await page.get_by_role("link", name="导入", exact=True).first.click()
    await page.set_input_files(
        "main [name=file]", {"name": "名单.csv", "mimeType": "text/csv", "buffer": roster}
    )
    await page.get_by_role("button", name="校验").click()
    await expect(page.locator("progress")).to_be_visible()
    await page.get_by_role("button", name="取消").click()
    await expect(page.get_by_role("status")).to_contain_text("校验已取消", timeout=20_000)
    await expect(page.get_by_role("button", name="取消")).to_be_hidden()


async def new_partner(visit: Opens, told: Told) -> Page:
    """The empty board of a partner that has nothing yet."""
    visitor = await visit()
    await visitor.log_in(told)
    await expect(visitor.page.get_by_role("heading", name="还没有新人")).to_be_visible()
    return visitor.page
