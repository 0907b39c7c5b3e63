"""An order on several lines is one order, or refused with all of its lines."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel.errors import Refusal
from services.importing.mending import Mend
from services.importing.report import ImportReport, Outcome, RowReport
from services.importing.run import import_file
from services.importing.sheets.orders import ORDERS, ImportOrderRow, Status
from services.importing.workbook import Cell, ErrorCell
from services.kernel.context import Context
from tests.services.importing.sheets import ROSTER_HEADINGS, book, sheet

HEADINGS: list[Cell] = [
    "订单号",
    "工号",
    "出单日期",
    "产品",
    "金额",
    "状态",
    "作废日期",
    "作废原因",
]
DAY = "2026-06-20"


async def orders(ctx: Context, *rows: list[Cell]) -> ImportReport:
    people = sheet(
        ROSTER_HEADINGS, ["王", "L1", "一", "2026-05-18"], ["李", "L2", "一", "2026-05-18"]
    )
    return await import_file(ctx, book(people, sheet(HEADINGS, *rows, name="出单")))


def fates(report: ImportReport) -> list[str]:
    return [_fate(row) for row in report.rows if row.kind == "orders"]


def _fate(row: RowReport) -> str:
    return " ".join([row.outcome, *(fault.code for fault in row.reasons)])


async def recorded(ctx: Context, order_no: str) -> Any:
    tenant = ctx.principal.tenant
    owner = await ctx.log.owner(tenant, "order_no", order_no)
    seller: Any = await ctx.log.aggregate(tenant, owner) if owner else None
    return seller and seller.selling.orders[order_no]


async def test_lines_of_several_products_are_one_order_with_the_sum(ctx: Context) -> None:
    lines: list[list[Cell]] = [
        ["O1", "L1", DAY, "网站", 100.5, None],
        ["O2", "L2", DAY, "网站", 7, None],
        ["o1", "L1", DAY, "邮箱", "1,000", "有效"],
    ]
    report = await orders(ctx, *lines)
    assert fates(report) == ["create", "create", "merge line_of_another"]
    assert (report.counts["merge"], report.counts["skip"]) == (1, 0)
    [note] = [one for row in report.rows for one in row.notes if one.code != "cohort_opened"]
    assert (note.code, note.params) == ("order_lines_joined", {"rows": ["4"], "count": 1})
    order = await recorded(ctx, "O1")
    assert (order.product, order.amount) == ("网站、邮箱", Decimal("1100.5"))
    again = await orders(ctx, *lines)
    assert fates(again)[0] == "skip already_recorded"
    assert fates(again)[2] == "merge line_of_another"
    assert again.events == 0


async def test_a_line_that_is_there_twice_counts_once(ctx: Context) -> None:
    lines: list[list[Cell]] = [
        ["O3", "L1", DAY, "网站", 100, None],
        ["O3", "L1", DAY, "邮箱", 20, None],
        ["O3", "L1", DAY, "网站", 100, None],
    ]
    await orders(ctx, *lines)
    assert (await recorded(ctx, "O3")).amount == 120


@pytest.mark.parametrize(
    "second",
    [
        ["O4", "L2", DAY, "邮箱", 20, None],
        ["O4", "L1", "2026-06-21", "邮箱", 20, None],
        ["O4", "L1", DAY, "邮箱", 20, "作废"],
        ["O4", "L1", DAY, "邮箱", 20, None, "2026-06-22"],
        ["O4", "L1", DAY, "邮箱", 20, None, None, "退款"],
    ],
    ids=["another seller", "another day", "another status", "a day of voiding", "a reason"],
)
async def test_lines_that_disagree_are_all_refused_and_named(
    ctx: Context, second: list[Cell]
) -> None:
    report = await orders(ctx, ["O4", "L1", DAY, "网站", 100, "有效"], second)
    assert fates(report) == ["refuse order_lines_disagree"] * 2
    faults = [row.reasons[0] for row in report.rows if row.kind == "orders"]
    assert [fault.params["rows"] for fault in faults] == [["2", "3"]] * 2
    assert await recorded(ctx, "O4") is None


@pytest.mark.parametrize(
    "said", [["作废", None, None], [None, "2026-06-22", "退款"], ["退单", "2026-06-22", None]]
)
async def test_an_order_of_which_one_line_is_void_and_the_others_are_blank_is_not_voided(
    ctx: Context, said: list[Cell]
) -> None:
    blank: list[Cell] = ["O8", "L1", DAY, "网站", 100, None, None, None]
    report = await orders(ctx, blank, ["O8", "L1", DAY, "邮箱", 20, *said])
    assert fates(report) == ["refuse order_lines_disagree"] * 2
    both = await orders(ctx, [*blank[:5], *said], ["O8", "L1", DAY, "邮箱", 20, *said])
    assert fates(both)[0] == "create"
    assert (await recorded(ctx, "O8")).voided_on is not None


async def test_an_amount_that_one_line_lacks_is_filled_in_later(ctx: Context) -> None:
    first: list[Cell] = ["O9", "L1", DAY, "网站", 100, None]
    await orders(ctx, first, ["O9", "L1", DAY, "邮箱", None, None])
    assert (await recorded(ctx, "O9")).amount is None
    later = await orders(ctx, first, ["O9", "L1", DAY, "邮箱", 20, None])
    assert fates(later)[0] == "change"
    assert (await recorded(ctx, "O9")).amount == 120


async def test_lines_that_come_again_in_another_order_write_nothing(ctx: Context) -> None:
    lines: list[list[Cell]] = [
        ["O10", "L1", DAY, product, amount, None]
        for product, amount in (("网站", 100), ("邮箱", 20), ("域名", 3))
    ]
    await orders(ctx, *lines)
    again = await orders(ctx, *reversed(lines))
    assert fates(again)[0] == "skip already_recorded"
    assert again.events == 0


async def test_who_mended_any_line_of_an_order_is_recorded_with_it(ctx: Context) -> None:
    people = sheet(ROSTER_HEADINGS, ["王", "L1", "一", "2026-05-18"])
    rows: list[list[Cell]] = [
        ["O11", "L1", DAY, "网站", "一百", None],
        ["O11", "L1", DAY, "邮箱", "二十", None],
    ]
    mends = [
        Mend("a.xlsx", "出单", [row], "E", amount, by)
        for row, amount, by in ((2, "100", "甲"), (3, "20", "乙"))
    ]
    await import_file(ctx, book(people, sheet(HEADINGS, *rows, name="出单")), mends=mends)
    assert (await recorded(ctx, "O11")).amount == 120
    tenant = ctx.principal.tenant
    owner = await ctx.log.owner(tenant, "order_no", "O11")
    assert owner is not None
    closed = (await ctx.log.since(tenant, owner, 0))[-1]
    assert closed.source["mended"] == {"E": "甲", "E3": "乙"}


LINES = st.lists(
    st.builds(
        ImportOrderRow,
        order_no=st.sampled_from(["O1", "o1"]),
        employee_no=st.just("L1"),
        closed_on=st.just(date(2026, 6, 20)),
        name=st.sampled_from([None, "王", " 王"]),
        product=st.sampled_from(["网站", "邮箱", "ＶＩＰ", "vip"]),
        amount=st.sampled_from([None, Decimal("1.50"), Decimal(2)]),
        status=st.sampled_from([None, Status(is_valid=True, word="有效")]),
    ),
    min_size=2,
    max_size=5,
)


@given(data=st.data())
def test_an_order_does_not_depend_on_how_its_lines_are_sorted(data: st.DataObject) -> None:
    lines = data.draw(LINES)
    assert _said(lines) == _said(data.draw(st.permutations(lines)))


def _said(lines: list[ImportOrderRow]) -> Any:
    how = ORDERS.lines
    assert how is not None
    try:
        return how.join(lines)
    except Refusal as refused:
        return refused.code, refused.field


async def test_no_line_is_taken_while_another_of_its_order_is_wrong(ctx: Context) -> None:
    report = await orders(
        ctx, ["O5", "L1", DAY, "网站", 100, None], ["O5", "L1", DAY, "邮箱", "2万", None]
    )
    assert fates(report) == ["refuse order_line_refused", "refuse amount_in_ten_thousands"]
    assert report.rows[2].reasons[0].params["rows"] == ["3"]


@pytest.mark.parametrize(
    ("first", "second", "fate"),
    [
        (["网站", 100], ["#REF!", 900], "refuse cell_has_error"),
        (["网站", 100], ["网站", "二十"], "refuse amount_unreadable"),
        ([None, 100], [None, "二十"], "refuse amount_unreadable"),
    ],
    ids=["product", "amount of the same product", "amount without products"],
)
async def test_no_line_is_taken_beside_one_that_cannot_be_read_of_which_only_the_number_is_known(
    first: list[Cell], second: list[Cell], fate: str, ctx: Context
) -> None:
    read = [ErrorCell(one) if one == "#REF!" else one for one in second]
    lines: list[list[Cell]] = [["O12", "L1", DAY, *first], ["o12", "L1", DAY, *read]]
    assert fates(await orders(ctx, *lines)) == ["refuse order_line_refused", fate]
    assert await recorded(ctx, "O12") is None


async def test_lines_of_which_only_some_name_a_product_are_all_refused(ctx: Context) -> None:
    lines: list[list[Cell]] = [["O13", "L1", DAY, name, 100] for name in ("网站", None, "邮箱")]
    assert fates(await orders(ctx, *lines)) == ["refuse order_lines_disagree"] * 3
    assert await recorded(ctx, "O13") is None


async def test_all_lines_are_refused_with_the_first(ctx: Context) -> None:
    report = await orders(
        ctx, ["O6", "L9", DAY, "网站", 100, None], ["O6", "L9", DAY, "邮箱", 20, None]
    )
    assert [fate.split()[0] for fate in fates(report)] == ["refuse", "refuse"]


async def test_the_same_line_twice_is_no_order_of_several_lines(ctx: Context) -> None:
    line: list[Cell] = ["O7", "L1", DAY, "网站", 100, None]
    assert fates(await orders(ctx, line, line)) == ["create", "skip already_recorded"]


async def test_a_line_with_a_cell_that_is_refused_refuses_the_whole_order(ctx: Context) -> None:
    lines: list[list[Cell]] = [
        ["A1", "L1", DAY, "诚信通", 6688.0],
        ["A1", "L1", DAY, "网销宝", "六千"],
    ]
    report = await orders(ctx, *lines)
    assert [row.outcome for row in report.rows if row.kind == "orders"] == [Outcome.REFUSE] * 2
