"""An order on several lines is one order, or refused with all of its lines."""

from decimal import Decimal
from typing import Any

import pytest

from services.importing.report import ImportReport, RowReport
from services.importing.run import import_file
from services.importing.workbook import Cell
from services.kernel.context import Context
from tests.services.importing.sheets import ROSTER_HEADINGS, book, sheet

HEADINGS: list[Cell] = ["订单号", "工号", "出单日期", "产品", "金额", "状态"]
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
    assert fates(report) == ["create", "create", "skip line_of_another"]
    [note] = [one for row in report.rows for one in row.notes if one.code != "cohort_opened"]
    assert (note.code, note.params) == ("order_lines_joined", {"rows": ["4"]})
    order = await recorded(ctx, "O1")
    assert (order.product, order.amount) == ("网站、邮箱", Decimal("1100.5"))
    again = await orders(ctx, *lines)
    assert fates(again)[0] == "skip already_recorded"
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
    ],
    ids=["another seller", "another day", "another status"],
)
async def test_lines_that_disagree_are_all_refused_and_named(
    ctx: Context, second: list[Cell]
) -> None:
    report = await orders(ctx, ["O4", "L1", DAY, "网站", 100, "有效"], second)
    assert fates(report) == ["refuse order_lines_disagree"] * 2
    faults = [row.reasons[0] for row in report.rows if row.kind == "orders"]
    assert [fault.params["rows"] for fault in faults] == [["2", "3"]] * 2
    assert await recorded(ctx, "O4") is None


async def test_no_line_is_taken_while_another_of_its_order_is_wrong(ctx: Context) -> None:
    report = await orders(
        ctx, ["O5", "L1", DAY, "网站", 100, None], ["O5", "L1", DAY, "邮箱", "2万", None]
    )
    assert fates(report) == ["refuse order_line_refused", "refuse amount_unit_unclear"]
    assert report.rows[2].reasons[0].params["rows"] == ["3"]


async def test_all_lines_are_refused_with_the_first(ctx: Context) -> None:
    report = await orders(
        ctx, ["O6", "L9", DAY, "网站", 100, None], ["O6", "L9", DAY, "邮箱", 20, None]
    )
    assert [fate.split()[0] for fate in fates(report)] == ["refuse", "refuse"]


async def test_the_same_line_twice_is_no_order_of_several_lines(ctx: Context) -> None:
    line: list[Cell] = ["O7", "L1", DAY, "网站", 100, None]
    assert fates(await orders(ctx, line, line)) == ["create", "skip already_recorded"]
