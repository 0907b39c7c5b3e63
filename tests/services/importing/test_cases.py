"""Sheets as people sent them: what each holds is imported as it was meant, or refused and said.

Cases 33 and 34 are no sheets: G21 and G23 of tests/api/graphql/test_golden_days.py hold them, and
tests/services/reporting/workbook/test_workbook.py what a report says of a window that is open.
"""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest

from domain.kernel.values import Ratio
from infra.sheets.sheets import read_workbook
from services.execute import execute
from services.importing.mending import Mend
from services.importing.report import ImportReport
from services.importing.run import import_file
from services.importing.teaching import TeachWord
from services.kernel.context import Context
from services.teaching.cohort import OpenCohort
from services.trainees.trainee import RejoinTrainee
from tests.domain.kpi import counted
from tests.services.importing.people import name_of, person

CASES = Path(__file__).with_name("cases")
ON = date(2026, 7, 31)

Importing = Callable[[str], Awaitable[ImportReport]]
Figures = Callable[..., Awaitable[counted.Figures]]


@pytest.fixture
def imported(ctx: Context) -> Importing:
    """Imports a file of the cases, for a partner that is new."""

    async def run(file: str) -> ImportReport:
        rehearsed = await import_file(ctx, await read_workbook(CASES / file), dry_run=True)
        done = await import_file(ctx, await read_workbook(CASES / file))
        assert rehearsed.notes == done.notes
        assert [row.outcome for row in rehearsed.rows] == [row.outcome for row in done.rows]
        return done

    return run


def refusals(report: ImportReport) -> list[tuple[str, str | None]]:
    """Code and column of what was refused."""
    return [(why.code, why.place.column) for row in report.refused for why in row.reasons]


def notes(report: ImportReport) -> dict[str, list[int]]:
    """Code of each note -> how many cells or rows each is about."""
    said: dict[str, list[int]] = {}
    for note in report.notes:
        said.setdefault(note.code, []).append(note.params.get("count", 0))
    return said


async def test_a_batch_and_a_manager_merged_over_three_people_are_those_of_all_three(
    imported: Importing, ctx: Context, figures_of: Figures
) -> None:
    report = await imported("01-merged-cohort/roster.xlsx")
    assert (report.counts["create"], report.counts["refuse"]) == (3, 0)
    assert (await figures_of(ctx, on=ON)).entered == 3
    for no in ("M101", "M102", "M103"):
        enrolled = (await person(ctx, no)).employment.enrolled
        said = (enrolled.cohort_code, await name_of(ctx, enrolled.manager_id))
        assert said == ("2026-06-合并", "周主管")


async def test_a_go_live_merged_over_three_people_is_that_of_all_three(
    imported: Importing, ctx: Context, figures_of: Figures
) -> None:
    report = await imported("01-merged-cohort/roster-merged-manager-and-go-live.xlsx")
    assert (report.counts["create"], report.counts["refuse"]) == (3, 0)
    found = await figures_of(ctx, on=ON, month="2026-06")
    assert found.order_rate == Ratio(0, 3)
    for no in ("M111", "M112", "M113"):
        one = await person(ctx, no)
        assert await name_of(ctx, one.employment.manager_on(ON)) == "周主管"
        assert one.placement.live_on == date(2026, 6, 8)


async def test_order_numbers_that_excel_rounded_are_refused(imported: Importing) -> None:
    await imported("05-order-number-rounded-by-excel/roster.xlsx")
    report = await imported("05-order-number-rounded-by-excel/orders.xlsx")
    assert refusals(report) == [("number_cut_short", "A")] * 3


async def test_the_guards_of_a_number_are_no_part_of_it(
    imported: Importing, ctx: Context, figures_of: Figures
) -> None:
    await imported("05-order-number-rounded-by-excel/roster.xlsx")
    guarded = "07-csv-numbers-guarded-against-excel"
    assert (await imported(f"{guarded}/orders-2-only-the-order-number.csv")).counts["create"] == 3
    assert (await imported(f"{guarded}/orders-3-the-same-as-text-cells.xlsx")).counts["skip"] == 3
    assert (await figures_of(ctx, on=ON)).average_orders == Ratio(3, 1)
    assert (await imported(f"{guarded}/orders.csv")).counts["create"] == 4


async def test_scores_shown_as_percent_are_points(
    imported: Importing, ctx: Context, figures_of: Figures
) -> None:
    report = await imported("09-score-cells-formatted-as-percent/roster.xlsx")
    assert (report.counts["create"], report.counts["refuse"]) == (2, 0)
    again = await imported("09-score-cells-formatted-as-percent/roster.xlsx")
    assert again.counts["skip"] == 2
    assert (await figures_of(ctx, on=ON, month="2026-06")).order_rate == Ratio(0, 1)
    for no, scores in (("P901", [95, 88]), ("P902", [100, 90])):
        exams = (await person(ctx, no)).qualification.exams
        assert [(one.score, one.passed) for one in exams] == [(score, True) for score in scores]


async def test_a_formula_without_a_stored_result_is_refused(imported: Importing) -> None:
    report = await imported("11-formula-without-stored-result/roster.xlsx")
    assert report.counts["create"] == 1
    assert refusals(report) == [("cell_not_counted", "K")]


async def test_columns_that_are_not_read_are_named_with_what_they_hold_and_read_once_taught(
    imported: Importing, ctx: Context, figures_of: Figures
) -> None:
    report = await imported("12-column-that-is-not-read/roster.xlsx")
    said = [one for one in report.notes if one.code == "column_not_read"]
    assert [(one.place.heading, one.params["count"]) for one in said] == [
        ("离岗日期", 2),
        ("离岗原因", 2),
    ]
    assert (await imported("12-column-that-is-not-read/orders.xlsx")).notes == []
    await execute(ctx, TeachWord("roster", "离岗日期", "left_on"))
    await execute(ctx, TeachWord("roster", "离岗原因", "leave_reason"))
    assert (await imported("12-column-that-is-not-read/roster.xlsx")).counts["change"] == 2
    assert (await figures_of(ctx, on=ON, month="2026-06")).order_rate == Ratio(1, 3)


async def test_a_number_that_differs_in_leading_zeros_alone_is_asked_about(
    imported: Importing, ctx: Context, figures_of: Figures
) -> None:
    await imported("14-leading-zeros/1-june-text.xlsx")
    july = await imported("14-leading-zeros/2-july-number.xlsx")
    assert refusals(july) == [("number_like_another", "A")]
    assert july.refused[0].reasons[0].params["like"] == "00147"
    orders = await imported("14-leading-zeros/3-orders-number.xlsx")
    assert refusals(orders) == [("number_unknown_but_like", "B")]
    for file, row in (("2-july-number.xlsx", july), ("3-orders-number.xlsx", orders)):
        at = row.refused[0].reasons[0].place
        mend = Mend(at.file, at.sheet, [at.row or 0], at.column or "", "00147", "tests")
        workbook = await read_workbook(CASES / "14-leading-zeros" / file)
        assert not (await import_file(ctx, workbook, mends=[mend])).refused
    found = await figures_of(ctx, on=ON, month="2026-06")
    assert (found.entered, found.went_live) == (1, 1)
    assert (found.order_rate, found.average_orders) == (Ratio(0, 1), Ratio(1, 1))


async def test_totals_titles_and_signatures_are_left_out_and_counted(imported: Importing) -> None:
    await imported("05-order-number-rounded-by-excel/roster.xlsx")
    report = await imported("18-totals-and-page-headings/orders.xlsx")
    assert (report.counts["create"], report.counts["refuse"]) == (2, 0)
    assert notes(report) == {
        "rows_above_headings": [2],
        "rows_total": [4],
        "rows_title": [1],
        "rows_repeat_headings": [1],
        "rows_signature": [2],
    }


async def test_other_sheets_of_a_workbook_are_named_and_stop_none(
    imported: Importing, ctx: Context, figures_of: Figures
) -> None:
    report = await imported("23-other-sheets-in-the-workbook/workbook.xlsx")
    assert report.counts == {
        "create": 3,
        "change": 1,
        "part": 0,
        "skip": 0,
        "merge": 0,
        "refuse": 0,
    }
    said = [(one.place.sheet, one.code) for one in report.notes if one.place.row is None]
    assumed = [("花名册", "posts_assumed"), ("花名册", "days_assumed")]
    assert sorted(said) == sorted([*assumed, ("通讯录", "sheet_lacks_headings")])
    found = await figures_of(ctx, on=ON, month="2026-06")
    assert (found.order_rate, found.average_orders) == (Ratio(1, 2), Ratio(1, 2))
    assert found.employed == 1


async def test_a_nul_character_in_a_name_is_refused(imported: Importing) -> None:
    report = await imported("28-nul-character/roster-x0000.xlsx")
    assert report.counts["create"] == 1
    assert refusals(report) == [("text_invalid", "B")]


async def test_what_was_blank_and_is_filled_in_later_is_new(
    imported: Importing, ctx: Context, figures_of: Figures
) -> None:
    await imported("30-facts-filled-in-later/1-at-enrolment.xlsx")
    later = await imported("30-facts-filled-in-later/2-a-week-later.xlsx")
    assert (later.counts["change"], later.counts["refuse"]) == (2, 0)
    assert (await figures_of(ctx, on=ON, month="2026-06")).order_rate == Ratio(0, 2)
    await imported("05-order-number-rounded-by-excel/roster.xlsx")
    await imported("30-facts-filled-in-later/3-orders-without-amount.xlsx")
    filled = "30-facts-filled-in-later/4-orders-with-amount.xlsx"
    assert (await imported(filled)).counts["change"] == 1
    assert (await imported(filled)).counts["skip"] == 1


async def test_somebody_who_left_and_came_back_is_to_be_rejoined_first(
    imported: Importing, ctx: Context, figures_of: Figures
) -> None:
    await imported("29-rejoiner-in-a-roster/1-spring.xlsx")
    autumn = msgspec.structs.replace(ctx, now=ctx.now + timedelta(days=90))
    spring_file, autumn_file, order_file = [
        await read_workbook(CASES / "29-rejoiner-in-a-roster" / name)
        for name in ("1-spring.xlsx", "2-autumn.xlsx", "3-late-order-of-spring.xlsx")
    ]
    before = await import_file(autumn, autumn_file)
    assert refusals(before) == [("rejoins_first", "D")]
    entered = date(2026, 9, 1)
    await execute(autumn, OpenCohort("2026-09-再入", "再入", entered))
    await execute(autumn, RejoinTrainee("R291", "2026-09-再入", entered))
    assert (await import_file(autumn, autumn_file)).counts["change"] == 1
    assert (await import_file(autumn, autumn_file)).counts["skip"] == 1
    assert (await import_file(autumn, spring_file)).counts["skip"] == 1
    assert (await import_file(autumn, order_file)).counts["create"] == 1
    assert (await import_file(autumn, order_file)).counts["skip"] == 1
    of_march = await figures_of(ctx, on=ON, month="2026-03")
    assert of_march.average_orders == Ratio(1, 1)
