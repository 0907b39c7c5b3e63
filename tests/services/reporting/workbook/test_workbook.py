"""The workbook says what the figures say, and nothing in it is taken for a formula."""

from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import msgspec
import openpyxl
import pytest
from openpyxl.workbook import Workbook

from domain.kernel.values import Month, Ratio
from domain.kpi.catalog import CATALOG
from domain.kpi.evidence import Evidence
from domain.kpi.scheme.lines import Criterion, Line
from domain.kpi.scheme.scorecard import scorecard
from domain.kpi.subjects.newcomer import Newcomer
from services.reporting.workbook.content import (
    Content,
    PinnedReport,
    Record,
    completed,
    month_content,
)
from services.reporting.workbook.workbook import render
from services.words.texts import read_texts
from tests.source_batch import batch, classes

ZH, EN = read_texts("zh-CN"), read_texts("en")
REQUESTED_AT = datetime(2026, 7, 5, 2, 30, tzinfo=UTC)
NAMES = {newcomer.trainee_id: f"=新人{newcomer.employee_no}" for newcomer in batch()}
CALLED = {"person-1": "赵主管", "person-2": "孙主管"}


def content(
    newcomers: tuple[Newcomer, ...] = batch(), month: str = "2026-06", on: date = date(2026, 7, 5)
) -> Content:
    pinned = PinnedReport("杭州渠道", Month.parse(month), on, 221, REQUESTED_AT, "Asia/Shanghai")
    made = month_content(pinned, Evidence(newcomers, classes()))
    source = {"kind": "imported", "file": "名册.xlsx", "sheet": "花名册", "row": 7}
    return completed(
        made,
        NAMES,
        CALLED,
        [
            Record(n, "trainee.went_live", REQUESTED_AT, "a", source)
            for n in made.explanation.positions
        ],
    )


def opened(made: Content, texts: Any = ZH) -> Workbook:
    return openpyxl.load_workbook(BytesIO(render(made, texts)))


def lines(book: Workbook, sheet: str, first: int = 3) -> list[list[Any]]:
    rows = book[sheet].iter_rows(min_row=first, values_only=True)
    return [list(row) for row in rows]


@pytest.fixture(scope="module")
def book() -> Workbook:
    return opened(content())


def test_shows_the_figures_with_their_exact_fractions(book: Workbook) -> None:
    sheet = book["数据"]
    found = {row[0]: list(row[1:6]) for row in sheet.iter_rows(6, 11, values_only=True)}
    assert found["出单率"] == [0.666, 12, 18, None, None]
    assert found["平均出单数"] == [1.16, 21, 18, None, None]
    assert found["试岗通过率"] == [0.833, 15, 18, None, None]
    formats = [sheet.cell(row, 2).number_format for row in (6, 7, 8)]
    assert formats == ["0.0%", "0.00", "0.0%"]
    assert sheet["A1"].value == "杭州渠道 · 2026年6月新人出单报表"
    assert "已确定" in sheet["A3"].value


def test_says_the_target_the_change_since_the_month_before_and_whether_it_is_final() -> None:
    of_may = [
        msgspec.structs.replace(
            who,
            trainee_id=f"{who.trainee_id}-before",
            lives=tuple(msgspec.structs.replace(one, on=date(2026, 5, 4)) for one in who.lives),
            orders=(),
        )
        for who in batch()
    ]
    sheet = opened(content((*batch(), *of_may)))["数据"]
    found = {row[0]: list(row[6:10]) for row in sheet.iter_rows(6, 11, values_only=True)}
    assert found["出单率"] == ["—", "未设目标", 66.6, "已确定"]
    assert found["平均出单数"] == ["—", "未设目标", 1.16, "已确定"]
    assert found["试岗通过率"] == [0.8, "达标", 0, "已确定"]
    assert list(found.values())[-1] == [None, None, None, "已确定"]
    assert sheet["I6"].number_format == '+0.0"个百分点";-0.0"个百分点";0.0"个百分点"'
    assert sheet["I7"].number_format == "+0.00;-0.00;0.00"
    months = [
        cell for (cell,) in sheet.iter_rows(12, max_col=1) if isinstance(cell.value, datetime)
    ]
    assert [(one.value.month, one.number_format) for one in months] == [
        *((5, "yyyy-mm"), (6, "yyyy-mm")),
    ]
    open_still = opened(content(on=date(2026, 6, 8)))["数据"]
    assert [open_still.cell(6, column).value for column in (9, 10)] == ["—", "暂定"]


def test_leaves_the_verdict_on_a_figure_that_several_lines_judge_to_the_scorecard() -> None:
    made = content()
    stricter = Line("9", Decimal(10), (Criterion("trial_pass_rate", Ratio(9, 10)),))
    card = scorecard((*(one.line for one in made.card.lines), stricter), made.whole.figures)
    sheet = opened(msgspec.structs.replace(made, card=card))["数据"]
    found = {row[0]: list(row[6:8]) for row in sheet.iter_rows(6, 11, values_only=True)}
    assert found["试岗通过率"] == [None, "见考核表"]
    assert found["出单率"] == ["—", "未设目标"]


def test_shows_every_figure_of_the_catalog(book: Workbook) -> None:
    found = {line[0]: line[1:8] for line in lines(book, "全部指标")}
    assert list(found) == [ZH(kpi.name_id) for kpi in CATALOG]
    assert found["在职人数"] == [15, 15, None, None, None, "已确定", ZH("kpi.employed.meaning")]
    assert found["入训到上岗天数"][:3] == [14, 252, 18]
    value, points, scores, *_ = found["笔试平均分"]
    assert (points, scores, value) == (1586, 19, 83.4)
    assert found["出勤率"] == [None] * 6 + ["暂无数据（系统尚不能登记）"]
    # On top it is said how many may still change, and at each whether it may.
    assert found["90天留存率"][3:6] == [0, 0.833, "暂定"]
    provisional = [name for name, line in found.items() if line[5] == "暂定"]
    assert f"已确定，另有 {len(provisional)} 项暂定" in book["数据"]["A3"].value


def test_judges_the_lines_of_the_scheme_and_says_what_is_undefined(book: Workbook) -> None:
    sheet = book["考核表"]
    assert "35" in sheet["A2"].value
    judged = lines(book, "考核表", 4)
    assert judged[0] == ["1 新人业绩", 30, "", None, None, "", None, ""]
    assert judged[1] == [
        "1.1 新人出单率",
        15,
        "出单率",
        0.666,
        "—",
        "未设目标",
        None,
        "目标值尚未设定",
    ]
    assert sheet["D5"].number_format == "0.0%"
    trials = next(line for line in judged if line[2] == "试岗通过率")
    assert trials[3:6] == [0.833, 0.8, "达标"]


def test_shows_who_counts_and_by_which_rule_others_do_not(book: Workbook) -> None:
    members = lines(book, "人员")
    assert len(members) == 20
    assert [line[0] for line in members] == ["是"] * 12 + ["否"] * 8
    assert {line[1] for line in members[12:18]} == {"统计期内未出单", "统计期内离职"}
    assert {line[1] for line in members[18:]} == {"未上岗，不在分母里"}
    left = [line for line in members if line[8] is not None]
    assert len(left) == 3
    assert left[0][8] == datetime(2026, 6, 20)
    assert members[0][10].count(",") == 3


def test_names_managers_in_the_order_of_their_names() -> None:
    first, *others = batch()
    under = [msgspec.structs.replace(one, manager_id="person-1") for one in others]
    second = msgspec.structs.replace(first, manager_id="person-2")
    book = opened(content((second, *under)))
    named = [line[0] for line in lines(book, "数据") if line[0] in CALLED.values()]
    assert named == ["孙主管", "赵主管"]
    members = {line[2]: line[5] for line in lines(book, "人员")}
    assert members[first.employee_no] == "孙主管"


def test_shows_orders_that_do_not_count_with_the_reason() -> None:
    first, *others = batch()
    late = msgspec.structs.replace(first.orders[0], no="L-1", closed_on=date(2026, 7, 1))
    changed = msgspec.structs.replace(first, orders=(*first.orders, late))
    book = opened(content((changed, *others)))
    (line,) = lines(book, "未计为有效单")
    assert line[:4] == ["超出统计期", "L-1", datetime(2026, 7, 1), "T01"]
    assert len(lines(book, "有效单")) == 21


def test_says_what_it_is_pinned_to(book: Workbook) -> None:
    sheet = book["依据"]
    facts = {row[0]: row[1] for row in sheet.iter_rows(2, 7, max_col=2, values_only=True)}
    assert facts["数据版本"] == 221
    assert facts[ZH("filter.on")] == datetime(2026, 7, 5)
    assert facts[ZH("filter.month")] == datetime(2026, 6, 1)
    assert facts["考核细则版本"] == "默认考核细则"
    events = lines(book, "依据", 11)
    assert events[0][2] == datetime(2026, 7, 5, 10, 30)
    assert events[0][4] == "导入：名册.xlsx / 花名册 第 7 行"
    assert [event[0] for event in events] == content().explanation.positions


def test_a_name_that_looks_like_a_formula_is_text(book: Workbook) -> None:
    for sheet in book.worksheets:
        assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert lines(book, "人员")[0][3] == "=新人T01"


def test_has_a_native_chart_over_its_own_cells() -> None:
    archive = ZipFile(BytesIO(render(content(), ZH)))
    chart = archive.read("xl/charts/chart1.xml").decode()
    assert "barChart" in chart
    assert "lineChart" in chart
    assert "数据!$E$" in chart
    assert chart.count("数据!$A$") == 2


def test_equal_contents_are_equal_bytes() -> None:
    assert render(content(), ZH) == render(content(), ZH)


def test_a_month_without_newcomers_shows_dashes() -> None:
    book = opened(content(month="2026-01"))
    sheet = book["数据"]
    assert [sheet.cell(6, column).value for column in (1, 2, 3, 4)] == ["出单率", "—", 0, 0]
    assert "无人上岗" in sheet["A3"].value
    assert book["人员"]["A3"].value == "没有"


def test_an_open_window_shows_floor_ceiling_and_the_day_it_ends() -> None:
    book = opened(content(on=date(2026, 6, 8)))
    sheet = book["数据"]
    assert "暂定" in sheet["A3"].value
    assert sheet["E6"].value == 0
    assert sheet["F6"].value > sheet["B6"].value


def test_a_month_that_is_not_over_is_provisional_whoever_is_final() -> None:
    running = content(on=date(2026, 6, 30))
    assert running.provisional == tuple(running.figures)
    assert "暂定（2026年6月尚未结束）" in opened(running)["数据"]["A3"].value
    over = content(on=date(2026, 8, 31))
    assert over.provisional == ()


def test_speaks_english_where_the_report_does() -> None:
    book = opened(content(), EN)
    assert book.sheetnames[:2] == ["Figures", "All figures"]
    assert book["Figures"]["A6"].value == "Order rate"


def test_is_ready_to_be_printed_and_scrolled(book: Workbook) -> None:
    for sheet in book.worksheets:
        assert (sheet.page_setup.orientation, sheet.page_setup.fitToHeight) == ("landscape", 0)
        assert sheet.freeze_panes is not None
    assert book["人员"].auto_filter.ref == "A2:K22"
    assert book["人员"].print_title_rows == "$2:$2"
