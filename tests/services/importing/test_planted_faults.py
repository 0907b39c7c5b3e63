"""A workbook with planted faults: each refused where it is, everything else in."""

from pathlib import Path

import pytest

from infra.sheets.sheets import read_workbook
from services.importing.report import Outcome
from services.importing.run import import_file
from services.importing.workbook import Workbook
from services.kernel.context import Context
from tests.services.importing.planted import (
    FIRST_PERSON,
    FIRST_SALE,
    PEOPLE,
    SALES,
    write_planted,
)

EXPECTED = {
    (sheet, first + n): (code, column)
    for sheet, first, lines in (
        ("花名册", FIRST_PERSON, PEOPLE),
        ("出单明细", FIRST_SALE, SALES),
    )
    for n, (_, code, column) in enumerate(lines)
}
OF_ONE_FACT = {
    *("before_enrolment", "gate_not_passed", "score_out_of_range", "verdict_unknown"),
    *("feedback_missing", "date_ambiguous", "amount_unreadable", "amount_negative"),
    "status_unknown",
}
"""Refusals of one fact of a row, whose others are recorded; but of an order's own day."""
FAULTS = {place: found for place, found in EXPECTED.items() if found[0] is not None}
IN_PART = {
    place
    for place, (code, _) in FAULTS.items()
    if code in OF_ONE_FACT and place != ("出单明细", FIRST_SALE + 1)
}


@pytest.fixture
async def planted(tmp_path: Path) -> Workbook:
    write_planted(tmp_path / "planted.xlsx")
    return await read_workbook(tmp_path / "planted.xlsx")


async def test_every_fault_is_refused_by_sheet_row_column_and_reason(
    ctx: Context, planted: Workbook
) -> None:
    report = await import_file(ctx, planted)
    refused = {
        (row.place.sheet, row.place.row): (fault.code, fault.place.column)
        for row in report.refused
        for fault in row.reasons
    }
    assert refused == FAULTS
    assert len(FAULTS) >= 10
    assert report.counts == {
        "create": len(EXPECTED) - len(FAULTS),
        "change": 0,
        "part": len(IN_PART),
        "skip": 0,
        "merge": 0,
        "refuse": len(FAULTS) - len(IN_PART),
    }
    in_part = [row for row in report.rows if row.outcome is Outcome.PART]
    assert {(row.place.sheet, row.place.row) for row in in_part} == IN_PART


async def test_a_row_refused_as_a_whole_leaves_nothing_half_done(
    ctx: Context, planted: Workbook
) -> None:
    report = await import_file(ctx, planted)
    taken = (Outcome.CREATE, Outcome.PART)
    written = sum(row.events for row in report.rows if row.outcome in taken)
    position = await ctx.log.position(ctx.principal.tenant)
    joined = 1
    assert position == report.position == joined + written
    assert all(row.events == 0 for row in report.rows if row.outcome is Outcome.REFUSE)
    assert await ctx.log.owner(ctx.principal.tenant, "employee_no", "K004") is None
    assert await ctx.log.owner(ctx.principal.tenant, "employee_no", "K006") is not None


async def test_the_dry_run_refuses_the_same(ctx: Context, planted: Workbook) -> None:
    rehearsed = await import_file(ctx, planted, dry_run=True)
    done = await import_file(ctx, planted)
    assert rehearsed.refused == done.refused


async def test_the_repaired_rows_come_in_and_nothing_else_does(
    ctx: Context, planted: Workbook
) -> None:
    first = await import_file(ctx, planted)
    again = await import_file(ctx, planted)
    assert again.events == 0
    assert [row.place for row in again.refused] == [row.place for row in first.refused]
