"""Rows as they are read: typed facts, or every fault with its cell."""

from datetime import date
from decimal import Decimal

import msgspec
import pytest

from domain.kernel.errors import Refusal
from services.importing.entries import read_sheets
from services.importing.report import ImportReport
from services.importing.sheets.roster import ImportRosterRow
from services.importing.workbook import Cell, ErrorCell, Sheet, Workbook
from tests.services.importing.sheets import ROSTER_HEADINGS, book, sheet


def test_every_fault_of_a_row_names_its_cell() -> None:
    [read] = read_sheets(
        book(
            sheet(
                [*ROSTER_HEADINGS, "笔试成绩", "演练成绩"],
                [None, "1", "一", "2026-02-30", 150, ErrorCell("#N/A")],
            )
        )
    )
    [entry] = read.entries
    assert entry.command is None
    faults = {
        (fault.place.row, fault.place.column, fault.place.heading): fault.code
        for fault in entry.faults
    }
    assert faults == {
        (2, "A", "姓名"): "cell_missing",
        (2, "D", "入职日期"): "date_unreadable",
        (2, "E", "笔试成绩"): "score_out_of_range",
        (2, "F", "演练成绩"): "cell_has_error",
    }


def test_what_is_out_of_bounds_is_said_with_the_cells_that_cannot_be_read() -> None:
    rows = sheet([*ROSTER_HEADINGS, "手机号"], ["王" * 101, "K1", "一期", "六月初", "没有"])
    [entry] = read_sheets(book(rows))[0].entries
    assert {(fault.code, fault.place.column) for fault in entry.faults} == {
        ("date_unreadable", "D"),
        ("text_too_long", "A"),
        ("phone_unreadable", "E"),
    }


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        *((cell, None) for cell in (1.2, "1.2", "1.2万", "1.2万元")),
        ("6,700元", Decimal(6700)),
        ("￥99.5 元", Decimal("99.5")),
    ],
)
def test_amounts_under_a_heading_in_ten_thousands_are_refused_unless_they_say_yuan_themselves(
    cell: Cell, amount: Decimal | None
) -> None:
    heads: list[Cell] = ["订单号", "工号", "出单日期", "金额（万元）"]
    [read] = read_sheets(book(sheet(heads, ["A", "1", "2026-06-01", cell])))
    [entry] = read.entries
    says_unit = isinstance(cell, str) and cell.endswith("元")
    code = "amount_in_ten_thousands" if says_unit else "amount_unit_unclear"
    assert [one.code for one in entry.faults] == [code] * (amount is None)
    assert getattr(entry.command, "amount", None) == amount


def test_rosters_come_before_orders() -> None:
    orders = sheet(["订单号", "工号", "出单日期"], ["A", "1", "2026-06-01"], name="出单")
    roster = sheet(ROSTER_HEADINGS, ["王", "1", "一", "2026-05-18"])
    assert [read.kind for read in read_sheets(book(orders, roster))] == ["roster", "orders"]


def test_sheets_of_headings_alone_are_an_empty_import() -> None:
    for rows, is_empty in (([], True), ([["王", "1", "一", "2026-05-18"]], False)):
        read = read_sheets(book(sheet(ROSTER_HEADINGS, *rows)))
        assert ImportReport(["a.xlsx"], True, [*read], [], 0).is_empty is is_empty


def test_cells_that_are_merged_beside_or_over_several_amounts_are_refused() -> None:
    rows: list[list[Cell]] = [["A", "1", "2026-06-01", 100.0], ["B", "1", "2026-06-01", 100.0]]
    orders = sheet(["订单号", "工号", "出单日期", "金额"], *rows)
    over_rows = msgspec.structs.replace(orders, merged=[(2, 4, 3, 4)])
    beside = msgspec.structs.replace(orders, merged=[(3, 2, 3, 3)])
    for merged, expected in ((over_rows, [["D"], ["D"]]), (beside, [[], ["C"]])):
        [read] = read_sheets(book(merged))
        assert [[one.place.column for one in entry.faults] for entry in read.entries] == expected


def test_a_block_over_an_empty_row_says_nothing_of_the_rows_below() -> None:
    people: list[list[Cell]] = [[], ["王", "1", "一", "2026-05-18"]]
    roster = msgspec.structs.replace(sheet(ROSTER_HEADINGS, *people), merged=[(2, 1, 3, 2)])
    [read] = read_sheets(book(roster))
    assert [entry.faults for entry in read.entries] == [[]]


def test_a_table_below_another_is_one_of_its_own_and_one_that_lacks_columns_is_named() -> None:
    [roster, other, leavers] = read_sheets(
        book(
            sheet(
                ROSTER_HEADINGS,
                ["王", "1", "一", "2026-05-18"],
                ["工号", "姓名", "离职日期"],
                ["1", "王", "2026-06-18"],
                ["工号", "姓名", "手机号"],
                ["1", "王", "13800000000"],
            )
        )
    )
    assert (roster.kind, [one.place.row for one in roster.entries]) == ("roster", [2])
    assert (other.entries, [one.code for one in other.notes]) == ([], ["rows_of_another_table"])
    assert (leavers.kind, [one.place.row for one in leavers.entries]) == ("leavings", [4])


def test_two_numbers_of_one_name_batch_and_day_are_named_as_twins() -> None:
    rest: list[Cell] = ["一", "2026-05-18"]
    people = [["王 一", "K1", *rest], ["王一", "K2", *rest], ["王一", "K3", "二", rest[1]]]
    [read] = read_sheets(book(sheet(ROSTER_HEADINGS, *people)))
    said = [(note.code, note.place.row, note.params["like"]) for note in read.notes]
    assert said == [("twin_in_file", 3, "K1")]
    files = [sheet(ROSTER_HEADINGS, one, file=f"{one[1]}.csv", name="1") for one in people]
    [twin] = [note for one in read_sheets(book(*files)) for note in one.notes]
    assert twin.params == {"number": "K2", "like": "K1", "file": "K1.csv", "sheet": "1", "row": 2}


def test_a_day_zero_is_blank_and_said() -> None:
    [read] = read_sheets(
        book(sheet([*ROSTER_HEADINGS, "离职日期"], ["王", "1", "一", "2026-05-18", "00:00:00"]))
    )
    assert read.entries[0].command == ImportRosterRow("1", "王", "一", date(2026, 5, 18))
    assert [(note.code, note.params["column"]) for note in read.notes] == [("days_zero", "E")]


def test_hidden_sheets_are_read_only_when_named() -> None:
    roster = sheet(ROSTER_HEADINGS, ["王", "1", "一", "2026-05-18"])
    hidden = Sheet("a.xlsx", "旧", roster.rows, hidden=True)
    both = Workbook([hidden, roster])
    assert [len(read.entries) for read in read_sheets(both)] == [1, 0]
    assert [len(read.entries) for read in read_sheets(both, only=["旧"])] == [1, 0]


def test_refuses_when_nothing_can_be_imported() -> None:
    with pytest.raises(Refusal) as refused:
        read_sheets(book(sheet(["产品"], ["诚信通"])))
    assert refused.value.code == "nothing_to_import"
    with pytest.raises(Refusal) as refused:
        read_sheets(book(sheet(["产品"])), only=["工资"])
    assert refused.value.code == "sheet_not_found"
