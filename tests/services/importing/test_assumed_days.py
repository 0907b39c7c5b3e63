"""A result that a roster gives no day for is no other one than that of which a sheet gives it."""

from datetime import date
from decimal import Decimal

import pytest

from services.execute import execute
from services.importing.report import ImportReport
from services.importing.run import import_file
from services.importing.workbook import Cell, Sheet
from services.kernel.context import Context
from services.trainees.correction import CorrectExamResult, CorrectGoLive
from tests.services.importing.sheets import ROSTER_HEADINGS, book, sheet
from tests.services.importing.test_rows import outcomes

HEADINGS: list[Cell] = [
    *ROSTER_HEADINGS,
    *("试岗结果", "书面反馈", "笔试成绩", "演练成绩", "上岗日期", "离职日期"),
]
RESULTS: list[Cell] = ["工号", "考试日期", "试岗结果", "书面反馈", "笔试成绩"]
ENTERED: list[Cell] = ["王一", "K1", "一期", "2026-05-18"]
PASSED: list[Cell] = [*ENTERED, "通过", "好", 80]
REAL: list[Cell] = ["K1", "2026-05-25", "通过", "好", 80]
TWICE = ["refuse contradicts_recorded"]


def roster(*cells: Cell) -> Sheet:
    return sheet(HEADINGS, list(cells))


def results(*cells: Cell) -> Sheet:
    return sheet(RESULTS, list(cells), name="成绩")


async def imported(ctx: Context, *sheets: Sheet, dry_run: bool = False) -> ImportReport:
    return await import_file(ctx, book(*sheets), dry_run=dry_run)


async def verdicts(ctx: Context) -> tuple[int, int]:
    """How many trials and exams of K1 are recorded."""
    tenant = ctx.principal.tenant
    owner = await ctx.log.owner(tenant, "employee_no", "K1")
    events = await ctx.log.load(tenant, owner or "")
    topics = [event.TOPIC for event in events]
    return topics.count("trainee.trial_passed"), topics.count("trainee.written_exam_recorded")


@pytest.mark.parametrize(
    ("dated_by", "outcome"),
    [
        ([None, "2026-06-01"], "part gate_not_passed"),
        (["合格", "2026-06-01"], "create"),
        ([None, None, "2026-10-15"], "create"),
        ([None, None, "2026-07-01"], "create"),
        ([], "create"),
    ],
    ids=["refused go-live", "go-live", "last day ahead", "last day", "day of entering"],
)
async def test_a_sheet_with_the_real_day_makes_no_second_trial_and_exam(
    dated_by: list[Cell], outcome: str, ctx: Context
) -> None:
    said = roster(*PASSED, *dated_by)
    checked = await imported(ctx, said, results(*REAL), dry_run=True)
    assert outcomes(checked) == [outcome, *TWICE]
    assert outcomes(await imported(ctx, said)) == [outcome]
    report = await imported(ctx, results(*REAL))
    assert outcomes(report) == TWICE
    assert [fault.place.column for fault in report.rows[0].reasons] == ["C", "E"]
    assert await verdicts(ctx) == (1, 1)


async def test_how_many_days_are_assumed_is_said_by_the_check_and_by_the_import_for_what_is_new(
    ctx: Context,
) -> None:
    def said(report: ImportReport) -> list[int]:
        return [one.params["count"] for one in report.notes if one.code == "days_assumed"]

    sheets = roster(*PASSED, "合格", "2026-06-01")
    assert said(await imported(ctx, sheets, dry_run=True)) == [3]
    assert said(await imported(ctx, sheets)) == [3]
    assert said(await imported(ctx, sheets)) == []
    assert said(await imported(ctx, results("K1", "2026-06-25", "不通过", "慢", 40))) == []


async def test_nor_does_it_once_the_go_live_was_corrected(ctx: Context) -> None:
    await imported(ctx, roster(*PASSED, "合格", "2026-06-01"))
    was_on = date(2026, 6, 1)
    await execute(ctx, CorrectGoLive("K1", on=date(2026, 6, 3), reason="错", was_on=was_on))
    assert outcomes(await imported(ctx, results(*REAL))) == TWICE
    assert await verdicts(ctx) == (1, 1)


@pytest.mark.parametrize("word", ["合格", "不合格"])
async def test_a_word_without_a_day_is_the_exam_of_which_a_sheet_gives_day_and_score(
    word: str, ctx: Context
) -> None:
    score = 88 if word == "合格" else 55
    await imported(ctx, roster(*ENTERED, None, None, word))
    report = await imported(ctx, results("K1", "2026-05-25", None, None, score))
    assert outcomes(report) == TWICE


async def test_a_score_of_an_exam_that_is_recorded_by_a_word_is_said_to_be_lost(
    ctx: Context,
) -> None:
    await imported(ctx, results("K1", "2026-05-25"), roster(*ENTERED))
    await imported(ctx, results("K1", "2026-05-25", None, None, "合格"))
    for given in (
        results("K1", "2026-05-25", None, None, 88),
        roster(*ENTERED, None, None, 88),
    ):
        report = await imported(ctx, given)
        assert outcomes(report) == ["skip already_recorded"]
        [note] = report.rows[0].notes
        assert (note.code, note.place.heading) == ("score_not_recorded", "笔试成绩")
        assert note.params == {"score": "88"}
    other = await imported(ctx, results("K1", "2026-05-25", None, None, 44))
    assert outcomes(other) == TWICE


async def test_an_exam_whose_day_somebody_corrected_is_another_than_that_of_another_day(
    ctx: Context,
) -> None:
    await imported(ctx, roster(*ENTERED, None, None, 80))
    was_on, on = date(2026, 5, 18), date(2026, 5, 22)
    await execute(
        ctx, CorrectExamResult("K1", "written", True, on, "错", score=Decimal(80), was_on=was_on)
    )
    assert outcomes(await imported(ctx, results("K1", "2026-05-25", None, None, 80))) == ["change"]


async def test_an_exam_of_which_somebody_corrected_the_score_alone_is_still_of_no_known_day(
    ctx: Context,
) -> None:
    await imported(ctx, roster(*ENTERED, None, None, 60))
    on = date(2026, 5, 18)
    score = Decimal(100)
    await execute(ctx, CorrectExamResult("K1", "written", True, on, "错", score=score, was_on=on))
    other_day = await imported(ctx, results("K1", "2026-05-25", None, None, 100))
    assert outcomes(other_day) == TWICE


async def test_of_two_results_of_a_day_the_one_that_contradicts_is_refused_alone(
    ctx: Context,
) -> None:
    await imported(ctx, roster(*ENTERED), results("K1", "2026-05-25", None, None, 80))
    report = await imported(ctx, results("K1", "2026-05-25", "通过", "好", 44))
    assert outcomes(report) == ["part contradicts_recorded"]
    again = await imported(ctx, results("K1", "2026-05-25", "通过", "好", 80))
    assert outcomes(again) == ["skip already_recorded"]


async def test_of_two_results_the_one_whose_day_was_assumed_is_refused_alone(
    ctx: Context,
) -> None:
    await imported(ctx, roster(*ENTERED, None, None, 80))
    report = await imported(ctx, results(*REAL))
    assert outcomes(report) == ["part contradicts_recorded"]
    assert await verdicts(ctx) == (1, 1)
