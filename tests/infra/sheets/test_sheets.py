"""Reading files: what is healthy comes back cell by cell, what is not is refused in one line."""

import os
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest
import xlsxwriter

from domain.kernel.errors import Refusal
from infra.sheets.sheet_wire import SheetLimits
from infra.sheets.sheets import read_workbook
from services.importing.workbook import (
    Block,
    ErrorCell,
    PercentCell,
    SheetColumn,
    SheetRow,
    UncountedCell,
)
from tests.infra.broken_files import BROKEN, packed, written
from tests.place import ROSTER

Made = Callable[[bytes], Path]


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """Writes content to a file and says where it is."""

    def make(content: bytes, name: str = "file.xlsx") -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return make


@pytest.mark.parametrize("what", BROKEN)
async def test_refuses_what_is_broken_or_means_harm(what: str, made: Made) -> None:
    content, code = BROKEN[what]
    with pytest.raises(Refusal) as refused:
        await read_workbook(made(content))
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("content", "line"),
    [(b'a,b\n1,2\n3,"4\n5,6\n', 3), (b'a,b\n"1\n2",3\n4,"5"6\n', 4)],
    ids=["never closed", "closed too early, after a cell of two lines"],
)
async def test_names_the_line_of_a_quotation_mark_without_its_other_half(
    content: bytes, line: int, made: Made
) -> None:
    with pytest.raises(Refusal) as refused:
        await read_workbook(made(content, "file.csv"))
    assert (refused.value.code, refused.value.params["line"]) == ("text_damaged", line)


async def test_refuses_a_file_that_is_not_there(tmp_path: Path) -> None:
    for path, code in (
        (tmp_path / "none.xlsx", "file_not_found"),
        (tmp_path, "file_is_folder"),
        (Path("/dev/null"), "file_type_unknown"),
    ):
        with pytest.raises(Refusal) as refused:
            await read_workbook(path)
        assert refused.value.code == code


async def test_refuses_a_file_above_the_size_limit(made: Made) -> None:
    with pytest.raises(Refusal) as refused:
        await read_workbook(made(b"a,b\n" * 100), limits=SheetLimits(file_bytes=100))
    assert refused.value.code == "file_too_large"


async def test_refuses_what_takes_too_long(made: Made) -> None:
    with pytest.raises(Refusal) as refused:
        await read_workbook(made(b"a,b\n"), limits=SheetLimits(wall_seconds=0.001))
    assert refused.value.code == "file_too_costly"


async def test_refuses_an_answer_above_the_limit(made: Made) -> None:
    with pytest.raises(Refusal) as refused:
        await read_workbook(made(b"a,b\n" * 5000), limits=SheetLimits(answer_bytes=1000))
    assert refused.value.code == "file_too_costly"


async def test_every_kind_of_cell_comes_back_in_its_place(made: Made) -> None:
    def write(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet("数据")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        instant = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        sheet.write(2, 1, " 文字 ")
        sheet.write(2, 2, 1.5)
        sheet.write(2, 3, True)
        sheet.write_datetime(4, 1, datetime(2026, 6, 1), day)
        sheet.write_datetime(4, 2, datetime(2026, 6, 1, 12, 5), instant)
        sheet.write_formula(4, 3, "=1/0", None, "#DIV/0!")
        sheet.write_blank(900_000, 1, None, day)

    book = await read_workbook(made(written(write)), name="上传.xlsx")
    assert [(sheet.file, sheet.name) for sheet in book.sheets] == [("上传.xlsx", "数据")]
    assert book.sheets[0].rows == [
        SheetRow(3, [None, " 文字 ", 1.5, True]),
        SheetRow(5, [None, date(2026, 6, 1), datetime(2026, 6, 1, 12, 5), ErrorCell("#DIV/0!")]),
    ]


async def test_hidden_sheets_and_the_1904_epoch_are_told(made: Made) -> None:
    def write(book: xlsxwriter.Workbook) -> None:
        book.add_worksheet("a").write(0, 0, 1)
        hidden = book.add_worksheet("b")
        hidden.write(0, 0, 1)
        hidden.hide()

    book = await read_workbook(made(written(write)))
    assert [(sheet.name, sheet.hidden, sheet.epoch_1904) for sheet in book.sheets] == [
        ("a", False, False),
        ("b", True, False),
    ]


async def test_what_cells_show_and_do_not_hold_is_told(made: Made) -> None:
    def write(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet("a")
        formats = ("0.0%", "00000", '0"%"', '"K"0000', r"\K\{General;@", '00"号"', "0")
        shown = [book.add_format({"num_format": one}) for one in formats]
        for column, (value, style) in enumerate(zip((0.95, *[147] * 6), shown, strict=True)):
            sheet.write_number(0, column, value, style)
        sheet.write_formula(1, 0, "=1+1")
        sheet.write_formula(1, 1, "=1+1", None, 2)

    book = await read_workbook(made(written(write)))
    assert book.sheets[0].rows == [
        SheetRow(1, [PercentCell(0.95), "00147", 147.0, "K0147", "K{147", "147", 147.0]),
        SheetRow(2, [UncountedCell(), 2.0, *[None] * 5]),
    ]


async def test_a_number_that_no_sheet_can_hold_is_an_error(made: Made) -> None:
    numbers = ("1e999", "-1e999", "NaN", "1e308")
    cells = "".join(f'<c r="{"ABCD"[n]}1"><v>{one}</v></c>' for n, one in enumerate(numbers))
    book = await read_workbook(made(packed(f'<row r="1">{cells}</row>')))
    assert book.sheets[0].rows[0].cells == [*[ErrorCell("#NUM!")] * 3, 1e308]


async def test_a_formula_that_answers_with_an_empty_text_has_a_result(made: Made) -> None:
    rows = '<row r="1"><c r="A1"><v>1</v></c><c r="B1" t="str"><f>A2</f><v></v></c></row>'
    book = await read_workbook(made(packed(rows)))
    assert book.sheets[0].rows[0].cells[1:] in ([], [None])


async def test_a_merged_block_has_its_value_in_its_rows_and_its_extent_is_told(made: Made) -> None:
    def write(book: xlsxwriter.Workbook) -> None:
        sheet = book.add_worksheet("a")
        sheet.merge_range(0, 1, 4, 2, "周主管")
        for row in (0, 1, 3):
            sheet.write_number(row, 0, row)
        sheet.set_row(1, None, None, {"hidden": True})
        sheet.set_column(1, 1, None, None, {"hidden": True})

    [sheet] = (await read_workbook(made(written(write)))).sheets
    assert [(row.number, row.cells) for row in sheet.rows] == [
        (1, [0.0, "周主管"]),
        (2, [1.0, "周主管"]),
        (4, [3.0, "周主管"]),
    ]
    assert list(sheet.merged) == [(1, 2, 5, 3)]
    assert (list(sheet.hidden_rows), list(sheet.hidden_columns)) == ([2], [1])


@pytest.mark.parametrize("first", [1, 2], ids=["spread", "over an empty row"])
async def test_merged_blocks_over_each_other_cost_no_more_than_a_sheet_may(
    first: int, made: Made
) -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(first, 101))
    blocks = '<mergeCell ref="A1:A100"/>' * 100
    content = packed(f"{rows}</sheetData><mergeCells>{blocks}</mergeCells><sheetData>")
    with pytest.raises(Refusal) as refused:
        await read_workbook(made(content), limits=SheetLimits(cells=5_000))
    assert refused.value.code == "sheet_too_large"


async def test_a_cell_that_holds_nothing_costs_nothing_however_it_is_shown(made: Made) -> None:
    rows = (
        '<row r="1"><c r="A1"><v>1</v></c><c r="B1" s="0"><v>0.5</v></c><c r="XFD1" s="0"/></row>'
    )
    styles = '<styleSheet><cellXfs count="1"><xf numFmtId="9"/></cellXfs></styleSheet>'
    book = await read_workbook(made(packed(rows, **{"xl/styles.xml": styles})))
    assert book.sheets[0].rows == [SheetRow(1, [1.0, PercentCell(0.5)])]


async def test_rows_of_formulas_without_results_are_rows(made: Made) -> None:
    formulas = "".join(f'<row r="{n}"><c r="B{n}"><f>A1</f></c></row>' for n in (1, 3, 4))
    rows = formulas.replace('<row r="3">', '<row r="2"><c r="A2"><v>1</v></c></row><row r="3">')
    book = await read_workbook(made(packed(rows)))
    assert [(row.number, row.cells[1:]) for row in book.sheets[0].rows if row.number != 2] == [
        (n, [UncountedCell()]) for n in (1, 3, 4)
    ]


@pytest.mark.parametrize(
    ("reference", "block"),
    [
        ("A1:XFD2", (1, 1, 2, 512)),
        ("B2:B1048576", (2, 2, 200_000, 2)),
        ("XFC1:XFD1", None),
        ("A1:ZZZZZ1", None),
        ("A1", None),
    ],
)
async def test_a_merged_block_ends_with_what_a_sheet_may_have(
    reference: str, block: Block | None, made: Made
) -> None:
    cell = '<row r="1"><c r="A1"><v>1</v></c></row>'
    merged = f'<mergeCells><mergeCell ref="{reference}"/></mergeCells>'
    book = await read_workbook(made(packed(f"{cell}</sheetData>{merged}<sheetData>")))
    assert list(book.sheets[0].merged) == ([block] if block else [])


@pytest.mark.parametrize(
    "start", ["<html>", "\ufeff <!DOCTYPE html>", "<table>", "<?xml version='1.0'?>"]
)
async def test_refuses_a_web_page_that_calls_itself_a_workbook(start: str, made: Made) -> None:
    with pytest.raises(Refusal) as refused:
        await read_workbook(made(f"{start}<tr><td>工号</td></tr>".encode(), "花名册.xls"))
    assert refused.value.code == "file_is_web_page"


async def test_a_cell_without_a_reference_counts_from_the_left(made: Made) -> None:
    book = await read_workbook(made(packed("<row><c><v>1</v></c><c><v>2</v></c></row>")))
    assert book.sheets[0].rows == [SheetRow(1, [1.0, 2.0])]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
async def test_text_in_usual_encodings(encoding: str, delimiter: str, made: Made) -> None:
    lines = [["姓名", "备注", "工号"], ["王小明", "一,二" if delimiter != "," else "一", "1"]]
    text = "\r\n".join(delimiter.join(line) for line in lines)
    book = await read_workbook(made(text.encode(encoding)), name="名单.csv")
    assert book.sheets[0].name == "名单"
    assert book.sheets[0].rows == [SheetRow(1, list(lines[0])), SheetRow(2, list(lines[1]))]


async def test_row_numbers_of_a_text_count_blank_rows(made: Made) -> None:
    book = await read_workbook(made(b'a,b\n\n"x\ny",\n'))
    assert book.sheets[0].rows == [SheetRow(1, ["a", "b"]), SheetRow(3, ["x\ny", None])]


async def test_reads_the_workbook_of_a_training_manager() -> None:
    book = await read_workbook(ROSTER)
    assert [(sheet.name, len(sheet.rows)) for sheet in book.sheets] == [
        ("新人花名册", 25),
        ("出单明细", 22),
    ]
    assert book.sheets[0].rows[-1].number == 26


async def test_the_child_is_told_no_secret(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONSTARTUP", "x")
    monkeypatch.setenv("CHUDAN_SECRET_KEY", "a-canary-that-nobody-may-see")
    seen: dict[str, str] = {}
    spawn = __import__("asyncio").create_subprocess_exec

    async def spying(*args: str, **options: object) -> object:
        seen.update(options["env"])  # type: ignore[call-overload]
        return await spawn(*args, **options)

    monkeypatch.setattr("infra.sheets.sheets.asyncio.create_subprocess_exec", spying)
    await read_workbook(made(b"a,b\n"))
    assert "CHUDAN_SECRET_KEY" in os.environ
    assert seen.keys() == {"LC_ALL"}


def test_columns_are_named_by_letters_past_z() -> None:
    letters = [SheetColumn(n, "").letter for n in (0, 25, 26, 701, 702)]
    assert letters == [
        "A",
        "Z",
        "AA",
        "ZZ",
        "AAA",
    ]
