"""A results sheet: each row the results of one day, compared with what is recorded."""

from collections.abc import Awaitable, Callable

import pytest

from services.importing.entries import read_sheets
from services.importing.report import ImportReport
from services.importing.run import import_file
from services.importing.steps import steps
from services.importing.workbook import Cell
from services.kernel.context import Context
from tests.services.importing import test_facts
from tests.services.importing.sheets import ROSTER_HEADINGS, book, sheet
from tests.services.importing.test_rows import outcomes

HEADINGS: list[Cell] = ["工号", "姓名", "考试日期", "笔试成绩", "演练成绩", "试岗结果", "书面反馈"]
ROSTER: list[Cell] = [*ROSTER_HEADINGS, "笔试成绩", "笔试日期", "演练成绩", "上岗日期"]
ENTERED: list[Cell] = ["王一", "K1", "一期", "2026-05-18"]

Importing = Callable[..., Awaitable[ImportReport]]


@pytest.fixture
def roster(ctx: Context) -> Importing:
    async def run(*rows: list[Cell]) -> ImportReport:
        return await import_file(ctx, book(sheet(ROSTER, *rows)))

    return run


@pytest.fixture
def results(ctx: Context) -> Importing:
    async def run(*rows: list[Cell]) -> ImportReport:
        return await import_file(ctx, book(sheet(HEADINGS, *rows, name="成绩")))

    return run


def test_a_sheet_of_results_is_none_of_a_roster() -> None:
    sheets = read_sheets(
        book(
            sheet(HEADINGS, ["K1", "王一", "2026-06-01", 88], name="成绩"),
            sheet(ROSTER, [*ENTERED, 88]),
            sheet(["工号", "姓名", "日期"], ["K1", "王一", "2026-06-01"], name="考勤"),
        )
    )
    assert [one.kind for one in sheets] == ["roster", "results", None]


async def test_each_result_is_recorded_once(roster: Importing, results: Importing) -> None:
    await roster(ENTERED)
    rows: list[list[Cell]] = [
        ["K1", "王一", "2026-05-25", 52],
        ["K1", "王一", "2026-05-28", "58 (合格)", "合格"],
        ["K1", None, "2026-05-30", None, None, "通过", "好"],
    ]
    report = await results(*rows)
    assert (outcomes(report), report.events) == (["change"] * 3, 4)
    again = await results(*rows)
    assert (outcomes(again), again.events) == (["skip already_recorded"] * 3, 0)


@pytest.mark.parametrize(
    ("row", "refused"),
    [
        (["K1", "王二", "2026-05-25", 80], "name_differs"),
        (["K1", "王一", "2026-05-25"], "result_missing"),
        (["K9", "王一", "2026-05-25", 80], "trainee_unknown"),
        (["K1", "王一", "2026-05-25", 81], "contradicts_recorded"),
        (["K1", "王一", "2026-05-26", None, None, "通过"], "feedback_missing"),
    ],
)
async def test_refuses_what_cannot_be_a_result(
    row: list[Cell], refused: str, roster: Importing, results: Importing
) -> None:
    await roster([*ENTERED, 80, "2026-05-25"])
    assert outcomes(await results(row)) == [f"refuse {refused}"]


@pytest.mark.parametrize(
    ("score", "drill", "verdict", "outcome"),
    [
        (75, None, "否", "change"),
        ("合格", None, "是", "change"),
        ("合格", None, "否", "refuse verdict_of_which"),
        (75, 80, "否", "refuse verdict_of_which"),
        (None, None, "是", "refuse verdict_of_which"),
        (175, None, "是", "refuse score_out_of_range"),
        (175, 75, "否", "refuse score_out_of_range"),
    ],
)
async def test_a_verdict_in_a_column_of_its_own_is_that_of_the_only_exam(
    score: Cell, drill: Cell, verdict: Cell, outcome: str, ctx: Context, roster: Importing
) -> None:
    await roster(ENTERED)
    headings: list[Cell] = ["工号", "考试日期", "笔试成绩", "演练成绩", "是否通过"]
    rows: list[list[Cell]] = [["K1", "2026-05-25", score, drill, verdict], ["平均分", None, 75]]
    report = await import_file(ctx, book(sheet(headings, *rows)))
    assert outcomes(report) == [outcome]
    said: list[Cell] = ["K1", None, "2026-05-25", "75 (不合格)"]
    if score == 75 and drill is None:
        again = await import_file(ctx, book(sheet(HEADINGS, said)))
        assert outcomes(again) == ["skip already_recorded"]


async def test_which_scores_and_grades_were_judged_is_said_once_of_a_sheet(
    ctx: Context, roster: Importing
) -> None:
    await roster(ENTERED)
    headings: list[Cell] = ["工号", "考试日期", "笔试成绩", "演练成绩"]
    rows: list[list[Cell]] = [
        ["K1", "2026-05-25", 59, "良好"],
        ["K1", "2026-05-26", 61, "通过"],
        ["K1", "2026-05-27", "58 (合格)", "优秀"],
    ]
    report = await import_file(ctx, book(sheet(headings, *rows)), dry_run=True)
    assert [(one.code, one.params) for one in report.notes if one.place.row is None] == [
        ("scores_judged", {"mark": 60, "count": 2, "failed": 1}),
        ("grades_passed", {"grades": ["优秀", "良好"], "count": 2}),
    ]


async def test_the_day_of_a_result_that_a_roster_gave_no_day_for_is_asked_about(
    roster: Importing, results: Importing
) -> None:
    """It stands on the go-live day (decisions/0006), and is no second exam."""
    live: list[Cell] = [*ENTERED, 80, None, "合格", "2026-06-01"]
    await roster(live)
    report = await results(["K1", "王一", "2026-05-25", 80])
    assert outcomes(report) == ["refuse contradicts_recorded"]
    [fault] = report.refused[0].reasons
    assert (fault.place.column, {*map(str, fault.params.values())}) == (
        *("D",),
        {"2026-06-01", "2026-05-25"},
    )
    assert outcomes(await roster([*live[:5], "2026-05-25", *live[6:]])) == [
        "refuse contradicts_recorded"
    ]


async def test_a_roster_that_gives_the_day_of_an_exam_has_it_on_that_day(
    roster: Importing, results: Importing
) -> None:
    await roster([*ENTERED, 80, "2026-05-25", "合格", "2026-06-01"])
    assert outcomes(await results(["K1", "王一", "2026-05-25", 80])) == ["skip already_recorded"]


async def test_who_is_not_counted_is_named_with_the_post(ctx: Context) -> None:
    headings: list[Cell] = [*ROSTER_HEADINGS, "岗位"]
    rows: list[list[Cell]] = [[*ENTERED, "销售"], ["李二", "K2", "一期", "2026-05-18", "客服"]]
    report = await import_file(ctx, book(sheet(headings, *rows)), dry_run=True)
    notes = [note for note in report.notes if note.code == "post_not_counted"]
    [told] = [note.params for note in notes]
    assert told == {
        **{"heading": "岗位", "column": "E"},
        **{"post": "customer_service", "count": 1},
    }


@pytest.mark.parametrize("order", [1, -1], ids=["the first stay first", "the last stay first"])
async def test_who_is_said_to_have_rejoined_begins_another_stay(ctx: Context, order: int) -> None:
    headings: list[Cell] = [*ROSTER_HEADINGS, "离职日期", "淘汰", "离职原因", "重新入职"]
    first: list[Cell] = [*ENTERED, "2026-06-01", "是", "未达标"]
    second: list[Cell] = ["王一", "K1", "二期", "2026-06-20", None, None, None, "是"]
    both = sheet(headings, *[first, second][::order])
    report = await import_file(ctx, book(both))
    assert outcomes(report) == ["create", "create"]
    assert [note.code for row in report.rows for note in row.notes] == ["cohort_opened"] * 2
    again = await import_file(ctx, book(both))
    assert outcomes(again) == ["skip already_recorded"] * 2
    other = await import_file(ctx, book(sheet(headings, [*first[:5], "否"])))
    assert outcomes(other) == ["refuse contradicts_recorded"]


REJOINED: list[Cell] = [*ROSTER_HEADINGS, "离职日期", "重新入职"]


@pytest.mark.parametrize(("cohort", "begun"), [("二期", [2, 3, 4]), ("三期", [2, 4, 3])])
def test_of_lines_of_one_later_stay_the_first_decides_and_of_two_the_earlier_goes_first(
    cohort: str, begun: list[int]
) -> None:
    again: list[Cell] = ["王一", "K1", "二期", "2026-07-05", None, "是"]
    earlier: list[Cell] = ["王一", "K1", cohort, "2026-07-02", None, "是"]
    [read] = read_sheets(book(sheet(REJOINED, [*ENTERED, "2026-06-01"], again, earlier)))
    entries = {(0, entry.place.row): entry for entry in read.entries}
    assert [step.row[1] for step in steps(entries)] == begun


async def test_who_rejoined_under_another_name_is_told_by_both_and_within_a_stay_has_only_one(
    ctx: Context,
) -> None:
    first: list[Cell] = [*ENTERED, "2026-06-01"]
    other: list[Cell] = ["赵四", "K1", "二期", "2026-06-20", None, "是"]
    both = book(sheet(REJOINED, first, other))
    report = await import_file(ctx, both)
    assert outcomes(report) == ["create", "create"]
    [_, renamed] = report.rows[1].notes
    assert (renamed.code, renamed.place.column) == ("rejoined_renamed", "A")
    assert renamed.params == {"employee_no": "K1", "recorded": "王一", "given": "赵四"}
    assert [note.code for one in report.sheets for note in one.notes] == ["posts_assumed"]
    again = await import_file(ctx, both)
    assert (outcomes(again), again.notes) == (["skip already_recorded"] * 2, [])
    mistyped = book(sheet(REJOINED, [*first[:1], *other[1:]], [*other[:1], *first[1:]]))
    assert outcomes(await import_file(ctx, mistyped)) == ["refuse name_differs"] * 2


async def test_who_rejoined_and_whose_earlier_stay_is_not_recorded_is_enrolled(
    ctx: Context,
) -> None:
    again = book(sheet(REJOINED, [*ENTERED, None, "是"]))
    report = await import_file(ctx, again)
    assert outcomes(report) == ["create"]
    assert [note.code for note in report.rows[0].notes] == ["cohort_opened", "rejoined_unknown"]
    assert report.rows[0].notes[1].place.heading == "重新入职"
    assert outcomes(await import_file(ctx, again)) == ["skip already_recorded"]


async def test_a_day_ahead_is_a_fault_only_of_a_result_that_is_said_to_be_of_it(
    ctx: Context,
) -> None:
    headings: list[Cell] = [*ROSTER_HEADINGS, "试岗结果", "书面反馈", "试岗结束日期"]
    people: list[list[Cell]] = [
        ["王一", "K1", "一期", "2026-05-18", None, None, "2026-12-30"],
        ["钱二", "K2", "一期", "2026-05-18", "通过", "好", "2026-12-30"],
    ]
    report = await import_file(ctx, book(sheet(headings, *people)))
    assert [row.outcome for row in report.rows] == ["create", "part"]
    [fault] = report.rows[1].reasons
    assert (fault.code, fault.place.heading) == ("date_in_future", "试岗结束日期")


async def test_who_is_new_without_a_post_is_said_to_be_recorded_as_sales(ctx: Context) -> None:
    await import_file(ctx, book(sheet(ROSTER_HEADINGS, ENTERED)))
    headings: list[Cell] = [*ROSTER_HEADINGS, "人员类别", "备注"]
    new: list[list[Cell]] = [
        ["李二", "K2", "一期", "2026-05-18", "销售", "补录"],
        ["赵三", "K3", "一期", "2026-05-18", "电销专员", None],
    ]
    for dry_run in (True, False):
        roster = book(sheet(headings, [*ENTERED, "客服", None], *new))
        report = await import_file(ctx, roster, dry_run=dry_run)
        told = {(note.code, note.place.column): note.params for note in report.notes}
        said = {"post": "sales", "count": 2, "rows": ["3", "4"], "numbers": ["K2", "K3"]}
        assert told["posts_assumed", None] == said
        assert told["column_of_posts", "E"]["posts"] == ["客服", "销售"]
        assert ("column_not_read", "F") in told and len(told) == 3
    assert not (await import_file(ctx, roster)).notes[2:]


async def test_whose_exam_was_passed_after_the_go_live_is_told_of_both_days(ctx: Context) -> None:
    headings = [*test_facts.HEADINGS, "笔试日期"]
    cells = [*{**test_facts.LIVE, "笔试成绩": 82}.values(), "2026-06-05"]
    [row] = (await import_file(ctx, book(sheet(headings, cells)))).rows
    [fault] = row.reasons
    assert (fault.code, fault.params["what"]) == ("gate_passed_later", ["written_exam"])
    assert (str(fault.params["on"]), str(fault.params["passed_on"])) == ("2026-06-01", "2026-06-05")
    assert (fault.place.column, [one.column for one in fault.also]) == ("I", ["L"])
