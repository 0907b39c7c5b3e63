"""Rows as they are read: typed facts, or every fault with its cell."""

import pytest

from domain.kernel.errors import Refusal
from services.importing.entries import read_sheets
from services.importing.workbook import ErrorCell, Sheet, Workbook
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


def test_amounts_under_a_heading_in_ten_thousands_are_refused() -> None:
    [read] = read_sheets(
        book(sheet(["订单号", "工号", "出单日期", "金额（万元）"], ["A", "1", "2026-06-01", 1.2]))
    )
    assert [fault.code for fault in read.entries[0].faults] == ["amount_unit_unclear"]


def test_rosters_come_before_orders() -> None:
    orders = sheet(["订单号", "工号", "出单日期"], ["A", "1", "2026-06-01"], name="出单")
    roster = sheet(ROSTER_HEADINGS, ["王", "1", "一", "2026-05-18"])
    assert [read.kind for read in read_sheets(book(orders, roster))] == ["roster", "orders"]


def test_hidden_sheets_are_read_only_when_named() -> None:
    roster = sheet(ROSTER_HEADINGS, ["王", "1", "一", "2026-05-18"])
    hidden = Sheet("a.xlsx", "旧", roster.rows, hidden=True)
    both = Workbook([hidden, roster])
    assert [len(read.entries) for read in read_sheets(both)] == [1, 0]
    assert [read.name for read in read_sheets(both, only="旧")] == ["旧"]


def test_refuses_when_nothing_can_be_imported() -> None:
    with pytest.raises(Refusal) as refused:
        read_sheets(book(sheet(["产品"], ["诚信通"])))
    assert refused.value.code == "nothing_to_import"
    with pytest.raises(Refusal) as refused:
        read_sheets(book(sheet(["产品"])), only="工资")
    assert refused.value.code == "sheet_not_found"
