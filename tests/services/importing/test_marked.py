"""The report as a workbook: the sheets as they came, marked."""

from datetime import date, datetime
from io import BytesIO
from typing import Any

import pytest
from openpyxl import Workbook as Opened
from openpyxl import load_workbook

from services.importing.entries import read_sheets
from services.importing.marked import COLOURS, write_marked
from services.importing.report import ImportReport, Outcome, RowReport
from services.importing.workbook import ErrorCell, PercentCell, Sheet, UncountedCell, Workbook
from services.words.texts import LOCALES, read_texts
from tests.services.importing.sheets import book, sheet

HEADINGS = ["姓名", "工号", "批次", "入职日期"]
GOOD = ["王", "K1", "一", date(2026, 5, 18)]


def report_of(workbook: Workbook) -> ImportReport:
    """A check in which every row that can be read is created."""
    sheets = read_sheets(workbook)
    rows = [
        RowReport(
            entry.place,
            entry.kind.slug,
            Outcome.REFUSE if entry.faults else Outcome.CREATE,
            entry.faults,
        )
        for one in sheets
        for entry in one.entries
    ]
    return ImportReport(workbook.files, True, [*sheets], rows, 0)


def drawn(workbook: Workbook, language: str = "zh-CN") -> Opened:
    file = BytesIO()
    write_marked(workbook, report_of(workbook), read_texts(language), file)
    return load_workbook(file)


def colour(cell: Any) -> str:
    return "#" + cell.fill.start_color.rgb[2:] if cell.fill.fill_type else ""


def test_a_cell_that_refuses_its_row_is_marked_and_says_why() -> None:
    paper = drawn(book(sheet(HEADINGS, GOOD, ["李", "K2", "一", "昨天"])))["花名册"]
    assert colour(paper["D3"]) == COLOURS["refused"]
    assert "昨天" in paper["D3"].comment.text
    assert paper["E1"].value == "导入结果"
    assert paper["E2"].value == "将新增"
    assert paper["E3"].value.startswith("未通过校验\n入职日期：")
    assert colour(paper["A3"]) == ""


def test_rows_stand_where_they_stood() -> None:
    under_a_title = sheet(["2026年新人"], [], HEADINGS, GOOD)
    paper = drawn(book(under_a_title))["花名册"]
    assert paper["A1"].value == "2026年新人"
    assert [cell.value for cell in paper[4]][:2] == ["王", "K1"]
    assert paper["E3"].value == "导入结果"


def test_of_a_column_that_is_not_read_the_heading_says_so() -> None:
    paper = drawn(book(sheet([*HEADINGS, "血型"], [*GOOD, "A"])))["花名册"]
    assert colour(paper["E1"]) == COLOURS["noted"]
    assert "血型" in paper["E1"].comment.text
    assert paper["E2"].value == "A"


def test_columns_that_are_never_kept_are_left_blank() -> None:
    paper = drawn(book(sheet([*HEADINGS, "身份证号"], [*GOOD, "110101199003070000"])))["花名册"]
    assert paper["E1"].value == "身份证号"
    assert paper["E2"].value is None


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("=1+1", "=1+1"),
        (ErrorCell("#DIV/0!"), "#DIV/0!"),
        (UncountedCell(), None),
        (PercentCell(0.95), 0.95),
        (datetime(2026, 5, 18, 9, 30), datetime(2026, 5, 18, 9, 30)),
        (True, True),
        (7, 7),
    ],
)
def test_cells_hold_what_they_held(cell: Any, value: Any) -> None:
    paper = drawn(book(sheet([*HEADINGS, "其他"], [*GOOD, cell])))["花名册"]
    assert paper["E2"].value == value
    assert paper["E2"].data_type != "f"


def test_sheets_of_one_name_are_told_apart_and_the_last_lists_the_notes() -> None:
    rows = sheet(HEADINGS, GOOD).rows
    twice = Workbook([Sheet("a.xlsx", "名单", rows), Sheet("b.xlsx", "名单", [*rows[:1]])])
    other = Workbook([*twice.sheets, Sheet("b.xlsx", "工资", sheet(["工资"], ["1"]).rows)])
    opened = drawn(other)
    assert opened.sheetnames == ["名单", "名单 2", "工资", "说明"]
    said = [[cell.value for cell in row] for row in opened["说明"].rows]
    assert any(file == "b.xlsx" and place == "工资" for file, place, _ in said)


@pytest.mark.parametrize(
    ("name", "drawn_as"),
    [
        ("a" * 30 + "'b", "a" * 30),
        ("'" * 40 + "b", "_"),
        ("''一'", "一"),
        ("𠮷" * 20, "𠮷" * 15),
        ("[一]:*?", "_一____"),
    ],
)
def test_a_sheet_whose_name_a_workbook_cannot_have_is_drawn_under_one_like_it(
    name: str, drawn_as: str
) -> None:
    rows = sheet(HEADINGS, GOOD).rows
    twice = Workbook([Sheet(file, name, rows) for file in ("a.csv", "b.csv")])
    first, second, _ = drawn(twice).sheetnames
    assert first == drawn_as
    assert second.endswith(" 2")
    assert len(second.encode("utf-16-le")) <= 62


@pytest.mark.parametrize("heading", ["身份证号", "ID number", "Bank account"])
def test_a_column_that_is_never_kept_is_known_in_both_languages(heading: str) -> None:
    [read] = read_sheets(book(sheet([*HEADINGS, heading], [*GOOD, "1"])))
    assert [note.code for note in read.notes] == ["column_private"]


@pytest.mark.parametrize("language", LOCALES)
def test_the_added_column_is_passed_over_when_the_mended_workbook_comes_back(language: str) -> None:
    texts = read_texts(language)
    back = sheet([*HEADINGS, texts("import.fate")], [*GOOD, "x"])
    assert [note.code for note in read_sheets(book(back))[0].notes] == []
