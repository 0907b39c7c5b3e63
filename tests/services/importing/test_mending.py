"""Cells mended for an import: read instead of the file's, and said wherever they are told of."""

import re
from datetime import datetime
from types import SimpleNamespace

import msgspec
import pytest
from msgspec import to_builtins

from domain.kernel.aggregate import event_topics
from domain.kernel.errors import Refusal
from domain.kernel.whose import own_stream
from domain.trainees.trainee import Trainee
from services.importing.entries import read_sheets
from services.importing.mending import Mend, Mended, menders
from services.importing.read_sheet import NUMBERS
from services.importing.report import Place
from services.importing.run import import_file
from services.importing.sheets import KINDS
from services.importing.workbook import Cell, ErrorCell, SheetColumn, UncountedCell
from services.kernel.context import Context
from services.words.texts import READ_INTO, read_texts
from tests.services.importing.sheets import ROSTER_HEADINGS, book, sheet

ROW: list[Cell] = ["王", "M1", "一", "昨天"]
BOOK = book(sheet(ROSTER_HEADINGS, ROW), sheet(["产品"], ["云"], name="其他"))
BEGUN: list[list[Cell]] = [["王", "M1", "一", "2026-05-18"]]
AGAIN = dict(zip(map(str, ROSTER_HEADINGS), BEGUN[0], strict=True))
ORDER: dict[str, Cell] = {"订单号": "O1", "工号": "M1", "出单日期": "2026-06-10"}


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


async def test_of_a_kind_that_does_not_tell_its_events_apart_nothing_is_recorded_about_them(
    ctx: Context,
) -> None:
    leaving = sheet(["工号", "离职日期", "离职原因"], ["M1", "昨天", "回家"], name="离职")
    mends = [mend("2026-06-20", column="B", name="离职")]
    await import_file(ctx, book(sheet(ROSTER_HEADINGS, *BEGUN), leaving), mends=mends)
    [stream] = await streams_of(ctx, "M1")
    left = (await ctx.log.since(ctx.principal.tenant, stream, 0))[-1]
    assert (left.source["mended"], READ_INTO in left.source) == ({"B": "丁"}, False)


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
    for stream in (*await stays(ctx), *await streams_of(ctx, "M1", "一")):
        for one in await ctx.log.since(tenant, stream, 0):
            source = texts.source_of(one.event.TOPIC, one.source)
            letters = re.findall("（([A-Z]) 列由 丁", source)
            told[one.event.TOPIC] = [head for head in said if columns[head] in letters]
    assert told == {
        "cohort.opened": ["工号", "批次", "入职日期"],
        "person.registered": ["姓名", "工号"],
        "trainee.enrolled": ["工号", "批次", "入职日期", "主管"],
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


@pytest.mark.parametrize("slug", [one.slug for one in KINDS.values() if one.topics])
def test_every_column_of_a_kind_that_tells_its_events_apart_is_read_into_some(slug: str) -> None:
    kind = KINDS[slug]
    blank = SimpleNamespace(**dict.fromkeys(kind.columns))
    its = {one: kind.read_into(blank, one) for one in kind.columns if one not in NUMBERS}
    assert [field for field, topics in its.items() if not topics] == []
    assert {topic for topics in its.values() for topic in topics} <= set(event_topics())


def test_a_column_that_its_kind_names_no_events_of_is_told_beside_all() -> None:
    [read] = read_sheets(book(sheet(ROSTER_HEADINGS, *BEGUN)))
    topics = ((Trainee.Enrolled.TOPIC, ("cohort",)),)
    kind = msgspec.structs.replace(read.entries[0].kind, topics=topics)
    entry = msgspec.structs.replace(read.entries[0], kind=kind)
    assert entry.read_into(["A", "B", "C", "Z"]) == {"C": [Trainee.Enrolled.TOPIC], "Z": []}


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (
            [AGAIN | {"手机": "13800000001", "邮箱": "a@b.cn"}],
            {"person.registration_corrected": "B E F"},
        ),
        (
            [AGAIN | {"岗位": "客服", "岗位生效日期": "2026-06-01"}],
            {"trainee.post_changed": "B E F"},
        ),
        (
            [AGAIN | {"入职日期": "2026-07-01", "重新入职": "是", "手机": "13800000001"}],
            {
                "person.contacts_changed": "B F",
                "trainee.enrolled": "B C D E",
                "trainee.rejoined": "B D E",
            },
        ),
        ([ORDER | {"产品": "网站", "金额": "60"}], {"trainee.order_corrected": "A B C D E"}),
        (
            [ORDER | {"订单号": "O2", "产品": one, "金额": "60"} for one in ("网站", "邮箱")],
            {"trainee.order_closed": "A B C D E A3 B3 C3 D3 E3"},
        ),
    ],
    ids=["contact filled in", "post changed", "rejoined", "order filled in", "several lines"],
)
async def test_each_mended_column_is_told_beside_what_it_was_read_into(
    ctx: Context, rows: list[dict[str, Cell]], told: dict[str, str]
) -> None:
    left_on = "2026-06-20" if "重新入职" in rows[0] else None
    roster = sheet([*ROSTER_HEADINGS, "离职日期"], [*BEGUN[0], left_on])
    await import_file(ctx, book(roster, sheet([*ORDER], [*ORDER.values()], name="订单")))
    before = await ctx.log.position(ctx.principal.tenant)
    mends = [
        mend(str(cell), row=number, column=SheetColumn(place, "").letter)
        for number, row in enumerate(rows, start=2)
        for place, cell in enumerate(row.values())
    ]
    await import_file(ctx, book(sheet([*rows[0]], *(["空"] for _ in rows))), mends=mends)
    texts, found = read_texts("zh-CN"), dict[str, str]()
    for stream in await stays(ctx):
        for one in await ctx.log.since(ctx.principal.tenant, stream, 0):
            if one.position > before:
                said = texts.source_of(one.event.TOPIC, one.source)
                found[one.event.TOPIC] = " ".join(re.findall("（([A-Z][0-9]*) 列由 丁", said))
    assert found == told


async def stays(ctx: Context) -> list[str]:
    """The streams of somebody, of the last stay and, where there is one, of that before."""
    [last] = await streams_of(ctx, "M1")
    [enrolled, *_] = await ctx.log.since(ctx.principal.tenant, last, 0)
    assert isinstance(enrolled.event, Trainee.Enrolled)
    return [own_stream(last), last, *filter(None, [enrolled.event.rejoins])]


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


def test_a_cell_that_is_blanked_is_said_to_be_blank() -> None:
    mended = Mended([mend("-")])
    mended.apply(book(sheet(ROSTER_HEADINGS, ["王", "M1", "一", "昨天"])))
    [note] = mended.notes(Place("a.xlsx", "花名册", 2))
    assert note.params == {"column": "D", "value": "blank_cell", "was": "昨天"}


def test_a_text_that_is_what_stands_in_the_cell_mends_nothing() -> None:
    mended, workbook = (
        Mended([mend(" 昨天 ")]),
        book(sheet(ROSTER_HEADINGS, ["王", "M1", "一", "昨天"])),
    )
    assert mended.apply(workbook) == workbook
    row = Place("a.xlsx", "花名册", 2)
    assert (mended.notes(row), mended.by_column([row])) == ([], {})
