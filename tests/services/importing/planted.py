"""A workbook with planted faults: every second thing that a training manager gets wrong."""

from datetime import date
from pathlib import Path

import xlsxwriter

TITLE = ["2026年6月第2期 新员工培训花名册"]
ROSTER = [
    *("姓名", "工号", "批次", "入职日期", "试岗结果", "试岗书面反馈"),
    *("笔试成绩", "演练成绩", "上岗日期"),
]
ORDERS = ["订单号", "工号", "销售", "产品", "金额(元)", "出单日期", "状态"]
COHORT = "2026年6月第2期"

Line = list[str | int | float | date | None]


def person(name: str | None, number: str | None, **changed: str | float | date | None) -> Line:
    """A roster row that is right but for what is changed, by heading."""
    right = [name, number, COHORT, "2026.5.18", "通过", "跟进良好", 88, "合格", "2026年6月1日"]
    return [changed.get(heading, cell) for heading, cell in zip(ROSTER, right, strict=True)]


def order(order_no: str, number: str, **changed: str | float | date | None) -> Line:
    """An order row that is right but for what is changed, by heading."""
    right = [order_no, number, None, "诚信通", 6688, date(2026, 6, 10), "有效"]
    return [changed.get(heading, cell) for heading, cell in zip(ORDERS, right, strict=True)]


PEOPLE: list[tuple[Line, str | None, str | None]] = [
    (person("王一", "K001"), None, None),
    (person(None, "K002"), "cell_missing", "A"),
    (person("李三", None), "cell_missing", "B"),
    (person("赵四", "K004", 入职日期="2026-02-30"), "date_unreadable", "D"),
    (person("钱五", "K005", 上岗日期="2026-05-01"), "before_enrolment", "I"),
    (person("孙六", "K006", 演练成绩=None), "gate_not_passed", "I"),
    (person("周七", "K007", 笔试成绩=150), "score_out_of_range", "G"),
    (person("吴八", "K008", 试岗结果="差不多"), "verdict_unknown", "E"),
    (person("郑九", "Ｋ００１"), "name_differs", "A"),
    (person("冯十", "K010", 入职日期=date(2062, 5, 18)), "date_in_future", "D"),
    (person("陈二", "K011", 试岗书面反馈=None), "feedback_missing", "F"),
    (person("褚一", "K012", 上岗日期="6/1/2026"), "date_ambiguous", "I"),
    (person("卫二", "K013"), None, None),
]
"""Row, code of the refusal, letter of the column; None for a row that is right."""

SALES: list[tuple[Line, str | None, str | None]] = [
    (order("D-1", "K001"), None, None),
    (order("D-2", "K001", 出单日期="2026-05-01"), "before_enrolment", "F"),
    (order("D-3", "K999"), "trainee_unknown", "B"),
    (order("D-1", "K001", 出单日期=date(2026, 6, 12)), "contradicts_recorded", "F"),
    (order("d-1", "K013"), "order_no_taken", "A"),
    (order("D-4", "K001", **{"金额(元)": "六千"}), "amount_unreadable", "E"),
    (order("D-5", "K001", **{"金额(元)": -6688}), "amount_negative", "E"),
    (order("D-6", "K001", 状态="待定"), "status_unknown", "G"),
    (order("D-7", "K013", 销售="卫三"), "name_differs", "C"),
    (order("D-8", "K013", 状态="作废"), None, None),
]

FIRST_PERSON, FIRST_SALE = 3, 2
"""Rows of the file, counted from 1."""


def write_planted(path: Path) -> None:
    """Writes the workbook."""
    with xlsxwriter.Workbook(path, {"default_date_format": "yyyy-mm-dd"}) as book:
        roster = book.add_worksheet("花名册")
        for n, line in enumerate([TITLE, ROSTER, *(line for line, _, _ in PEOPLE)]):
            _write(roster, n, line)
        orders = book.add_worksheet("出单明细")
        for n, line in enumerate([ORDERS, *(line for line, _, _ in SALES)]):
            _write(orders, n, line)


def _write(sheet: xlsxwriter.worksheet.Worksheet, row: int, line: Line | list[str]) -> None:
    for column, cell in enumerate(line):
        if isinstance(cell, date):
            sheet.write_datetime(row, column, cell)
        elif cell is not None:
            sheet.write(row, column, cell)
