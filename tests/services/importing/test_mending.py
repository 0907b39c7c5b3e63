"""Cells mended for an import: read instead of the file's, and said wherever they are told of."""

import re
from datetime import datetime

import msgspec
import pytest
from msgspec import to_builtins

from domain.kernel.errors import Refusal
from services.importing.mending import Mend, Mended, menders
from services.importing.report import Place
from services.importing.run import import_file
from services.importing.workbook import Cell, ErrorCell, SheetColumn, UncountedCell
from services.kernel.context import Context
from services.words.texts import read_texts
from tests.services.importing.sheets import ROSTER_HEADINGS, book, sheet

ROW: list[Cell] = ["王", "M1", "一", "昨天"]
BOOK = book(sheet(ROSTER_HEADINGS, ROW), sheet(["产品"], ["云"], name="其他"))


def mend(text: str, *, row: int = 2, column: str = "D", name: str = "花名册") -> Mend:
    return Mend("a.xlsx", name, [row], column, text, "丁")


def cells(*mends: Mend) -> list[Cell]:
    return Mended(mends).apply(BOOK).sheets[0].rows[1].cells


def test_the_last_mend_of_a_cell_holds() -> None:
    assert cells(mend("2026-05-18"), mend("2026-05-19")) == ["王", "M1", "一", "2026-05-19"]


def test_a_cell_beyond_the_last_of_its_row_is_filled() -> None:
    assert cells(mend("x", column="F")) == [*ROW, None, "x"]


def test_of_a_column_only_the_named_rows_are_mended() -> None:
    rows: list[list[Cell]] = [["王五", "王伍"], [7.0, "王五"], ["王五", "王五"]]
    both = msgspec.structs.replace(mend("王武", column="A"), rows=[2, 3])
    mended = Mended([both, mend("赵六", row=3, column="A")])
    [_, *became] = mended.apply(book(sheet(["主管", "导师"], *rows))).sheets[0].rows
    assert [row.cells for row in became] == [["王武", "王伍"], ["赵六", "王五"], ["王五", "王五"]]
    assert mended.by_column([Place("a.xlsx", "花名册", 2)]) == {"A": "丁"}


@pytest.mark.parametrize("nowhere", [mend("x", row=9), mend("x", name="没有")])
def test_refuses_to_mend_what_is_not_there(nowhere: Mend) -> None:
    with pytest.raises(Refusal) as refused:
        cells(mend("2026-05-18"), nowhere)
    assert refused.value.code == "mended_row_missing"
    assert refused.value.params == {"sheet": nowhere.sheet, "row": nowhere.rows[0]}


@pytest.mark.parametrize("column", ["A", "ZZ", "WZZ", "XAA", "XFD"])
def test_takes_every_column_that_a_sheet_has(column: str) -> None:
    assert msgspec.convert(to_builtins(mend("x", column=column)), Mend).column == column


@pytest.mark.parametrize("column", ["", "a", "XFE", "XGA", "YAA", "AAAA", "A\n", "A1"])
def test_refuses_a_column_that_no_sheet_has(column: str) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(to_builtins(mend("x", column=column)), Mend)


def test_the_workbook_stays_as_it_came() -> None:
    cells(mend("2026-05-18"))
    assert BOOK.sheets[0].rows[1].cells == ROW


async def test_a_mended_row_is_recorded_as_mended_and_by_whom(ctx: Context) -> None:
    assert (await import_file(ctx, BOOK)).counts["refuse"] == 1
    report = await import_file(ctx, BOOK, mends=[mend("2026-05-18")])
    [row] = report.rows
    assert (row.outcome, row.reasons) == ("create", [])
    assert row.notes[0].code == "cell_mended"
    assert row.notes[0].place == Place("a.xlsx", "花名册", 2, column="D")
    owner = await ctx.log.owner(ctx.principal.tenant, "employee_no", "M1")
    assert owner is not None
    [enrolled] = await ctx.log.since(ctx.principal.tenant, owner, 0)
    assert enrolled.source["mended"] == {"D": "丁"}
    assert list(menders(enrolled.source)) == ["丁"]


async def test_beside_an_event_those_mended_columns_are_told_that_it_was_read_from(
    ctx: Context,
) -> None:
    said: dict[Cell, Cell] = {
        **dict(zip(ROSTER_HEADINGS, ["王", "M1", "一", "2026-05-18"], strict=True)),
        **{
            "笔试成绩": "80",
            "演练成绩": "合格",
            "演练日期": "2026-05-20",
            "上岗日期": "2026-06-01",
        },
        **{"主管": "李", "离职日期": "2026-06-20", "离职原因": "回家", "籍贯": "杭州"},
    }
    columns = {one: SheetColumn(place, "").letter for place, one in enumerate(said)}
    every = [mend(str(cell), column=columns[one]) for one, cell in said.items()]
    await import_file(ctx, book(sheet([*said], ["空"])), mends=every)
    tenant, texts = ctx.principal.tenant, read_texts("zh-CN")
    told = {}
    for stream in await streams_of(ctx, "M1", "一"):
        for one in await ctx.log.since(tenant, stream, 0):
            source = texts.source_of(one.event.TOPIC, one.source)
            letters = re.findall("（([A-Z]) 列由 丁", source)
            told[one.event.TOPIC] = [head for head in said if columns[head] in letters]
    assert told == {
        "cohort.opened": ["工号", "批次", "入职日期"],
        "trainee.enrolled": ["姓名", "工号", "批次", "入职日期", "主管"],
        "trainee.written_exam_recorded": ["工号", "笔试成绩", "上岗日期"],
        "trainee.drill_recorded": ["工号", "演练成绩", "演练日期"],
        "trainee.went_live": ["工号", "上岗日期"],
        "trainee.left": ["工号", "离职日期", "离职原因"],
    }
    orders = sheet(["订单号", "工号", "出单日期", "金额", "状态", "作废日期"], ["空"])
    closed = ["O1", "M1", "2026-06-10", "60", "作废", "2026-06-12"]
    again = [mend(cell, column=letter) for letter, cell in zip("ABCDEF", closed, strict=True)]
    await import_file(ctx, book(orders), mends=again)
    [stream] = await streams_of(ctx, "M1")
    *_, order, voided = await ctx.log.since(tenant, stream, 0)
    assert re.findall("（([A-Z]) 列", texts.source_of(order.event.TOPIC, order.source)) == [*"ABCD"]
    assert re.findall("（([A-Z]) 列", texts.source_of(voided.event.TOPIC, voided.source)) == [
        *"ABCEF"
    ]


async def streams_of(ctx: Context, employee_no: str, *cohorts: str) -> list[str]:
    """Of somebody, and of cohorts."""
    claims = [("employee_no", employee_no), *(("cohort_code", one) for one in cohorts)]
    owners = [await ctx.log.owner(ctx.principal.tenant, *claim) for claim in claims]
    return [one for one in owners if one]


@pytest.mark.parametrize(
    ("cell", "was"),
    [
        ("昨天", "昨天"),
        (98.0, "98"),
        (None, "blank_cell"),
        (UncountedCell(), "blank_cell"),
        (ErrorCell("#REF!"), "#REF!"),
        (datetime(2026, 5, 18), "2026-05-18"),
    ],
)
def test_of_a_mended_cell_is_said_what_stands_in_the_file(cell: Cell, was: str) -> None:
    mended = Mended([mend("2026-05-19")])
    mended.apply(book(sheet(ROSTER_HEADINGS, ["王", "M1", "一", cell])))
    [note] = mended.notes(Place("a.xlsx", "花名册", 2))
    assert note.params == {"column": "D", "value": "2026-05-19", "was": was}
