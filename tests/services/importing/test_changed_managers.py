"""A manager who is not the recorded one is a change once its day is given, and never before."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from itertools import permutations
from operator import itemgetter
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.execute import execute
from services.importing.entries import read_sheets
from services.importing.mapping import ChangeDay, load_mapping
from services.importing.read_sheet import Entry, RowPlace
from services.importing.report import Fate, ImportReport, Outcome, RowReport
from services.importing.run import OnProgress, import_file
from services.importing.sheets.standing import since_of
from services.importing.steps import steps
from services.importing.workbook import Cell, Sheet
from services.kernel.context import Context
from services.trainees.trainee import ChangeManager, RecordLeaving, RejoinTrainee
from tests.services.importing.people import name_of, person
from tests.services.importing.sheets import ROSTER_HEADINGS, book, sheet

HEADINGS: list[Cell] = [*ROSTER_HEADINGS, "直属主管", "手机号"]
DATED: list[Cell] = [*HEADINGS[:5], "主管生效日期", "岗位", "岗位生效日期"]
ENTERED: list[Cell] = ["王一", "K1", "一期", "2026-05-18"]
UNDER_QIAN: list[Cell] = [*ENTERED, "钱", None]
UNDER_SUN: list[Cell] = [*ENTERED, "孙", "13800007919"]
CHANGED = date(2026, 6, 10)

Importing = Callable[..., Awaitable[ImportReport]]


@pytest.fixture
def roster(ctx: Context) -> Importing:
    async def run(row: list[Cell], *days: date) -> ImportReport:
        sheets = book(sheet(HEADINGS, row))
        return await import_file(ctx, sheets, changed_on=[*map(ChangeDay, days)])

    return run


async def managers(ctx: Context) -> list[tuple[date, str | None]]:
    """Those who followed the first one, each with the first day."""
    who = (await person(ctx, "K1")).employment
    return [(one.on, await name_of(ctx, one.manager_id)) for one in who.managers]


async def test_with_its_day_another_manager_is_a_change_that_a_later_sheet_knows(
    ctx: Context, roster: Importing
) -> None:
    await roster(UNDER_QIAN)
    report = await roster(UNDER_SUN, CHANGED)
    assert (report.counts["change"], report.events) == (1, 3)
    assert await managers(ctx) == [(CHANGED, "孙")]
    for days in ([CHANGED], [date(2026, 7, 1)], [date(2027, 1, 1)], []):
        assert (await roster(UNDER_SUN, *days)).counts["skip"] == 1


async def test_a_manager_that_was_blank_is_filled_in_from_the_first_day_whatever_day_is_given(
    ctx: Context, roster: Importing
) -> None:
    await roster(ENTERED)
    assert (await roster(UNDER_QIAN, CHANGED)).counts["change"] == 1
    assert await managers(ctx) == [(date(2026, 5, 18), "钱")]


async def test_without_its_day_another_manager_is_named_beside_the_recorded_one(
    ctx: Context, roster: Importing
) -> None:
    await roster(UNDER_QIAN)
    [row] = (await roster(UNDER_SUN)).refused
    params = {"recorded": "钱", "given": "孙"}
    assert [(one.code, one.params) for one in row.reasons] == [("change_undated", params)]
    assert (row.outcome, row.reasons[0].place.column, await managers(ctx)) == ("part", "E", [])


@pytest.mark.parametrize(
    ("on", "code"),
    [
        (date(2026, 5, 17), "before_enrolment"),
        (date(2026, 5, 18), "changed_since"),
        (date(2026, 6, 9), "changed_since"),
        (date(2026, 6, 10), "changed_since"),
        (date(2026, 7, 21), "after_leaving"),
        (date(2026, 8, 1), "after_leaving"),
    ],
)
async def test_a_day_on_which_the_manager_cannot_have_changed_refuses_the_manager_alone(
    on: date, code: str, ctx: Context, roster: Importing
) -> None:
    await roster([*ENTERED, "李", None])
    await execute(ctx, ChangeManager("K1", CHANGED, "钱"))
    await execute(ctx, RecordLeaving("K1", date(2026, 7, 20), "回老家"))
    [row] = (await roster(UNDER_SUN, on)).refused
    assert (row.outcome, [one.code for one in row.reasons]) == ("part", [code])
    assert (row.reasons[0].place.column, await managers(ctx)) == ("E", [(CHANGED, "钱")])


async def test_a_day_to_come_is_refused_as_the_command_does(roster: Importing) -> None:
    await roster(UNDER_QIAN)
    [row] = (await roster(UNDER_SUN, date(2026, 8, 1))).refused
    assert (row.outcome, [one.code for one in row.reasons]) == ("part", ["date_in_future"])


async def test_who_had_another_manager_in_an_earlier_stay_has_not_changed_in_the_next(
    ctx: Context, roster: Importing
) -> None:
    await roster(UNDER_QIAN)
    await execute(ctx, RecordLeaving("K1", date(2026, 6, 12), "回老家"))
    await execute(ctx, RejoinTrainee("K1", "一期", date(2026, 6, 20), manager="赵"))
    [row] = (await roster(UNDER_SUN, date(2026, 7, 1))).refused
    assert (row.reasons[0].code, await managers(ctx)) == ("after_leaving", [])


async def test_a_manager_is_the_recorded_one_in_every_spelling(
    ctx: Context, roster: Importing
) -> None:
    await roster([*ENTERED, "Anna Li", None])
    for same in ("Ａnna  Li\u200b", "anna li"):
        assert (await roster([*ENTERED, same, None])).counts["skip"] == 1
    [row] = (await roster([*ENTERED, "Anna Lu", None])).refused
    assert [one.code for one in row.reasons] == ["change_undated"]


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (2, 0, 3, 1)])
async def test_a_line_may_give_the_first_day_of_its_manager_and_post_itself_in_any_order(
    order: tuple[int, ...], ctx: Context
) -> None:
    said: list[list[Cell]] = [
        [*ENTERED, None, None, "销售", "2026-05-18"],
        [*ENTERED, "钱", "2026-06-01", None, None],
        [*ENTERED, "无主管", "2026-06-10", "客服", "2026-06-20"],
        [*ENTERED, None, None, "不详", "2026-06-25"],
    ]
    lines = [said[one] for one in order]
    sheets = book(sheet(DATED, *lines))
    report = await import_file(ctx, sheets)
    became = [("create", 3), ("change", 2), ("change", 2), ("change", 1)]
    by_line = sorted(report.rows, key=lambda row: row.place.row or 0)
    assert [(row.outcome, row.events) for row in by_line] == [became[one] for one in order]
    assert await managers(ctx) == [(date(2026, 6, 1), "钱"), (CHANGED, None)]
    who = (await person(ctx, "K1")).employment
    posts = [who.post_on(date(2026, 6, day)) for day in (19, 20, 25)]
    assert posts == ["sales", "customer_service", "unknown"]
    again = await import_file(ctx, sheets, changed_on=[ChangeDay(date(2026, 7, 1))])
    assert again.counts["skip"] == len(lines)
    late = [*ENTERED, "孙", "2026-06-05", None, None]
    [row] = (await import_file(ctx, book(sheet(sheets.sheets[0].rows[0].cells, late)))).refused
    said = {"recorded": "no_manager", "given": "孙", "since": CHANGED, "on": date(2026, 6, 5)}
    assert [(one.code, one.params) for one in row.reasons] == [("changed_since", said)]


async def test_of_lines_whose_days_cross_each_change_goes_to_its_own_day_in_any_order(
    new_partner: Callable[[], Awaitable[Context]],
) -> None:
    first: list[Cell] = [*ENTERED, "钱", "2026-05-18", "销售", "2026-05-18"]
    crossing: list[list[Cell]] = [
        [*ENTERED, "孙", "2026-07-01", "客服", "2026-06-01"],
        [*ENTERED, "李", "2026-06-15", "助理", "2026-06-20"],
        [*ENTERED, None, None, "不详", "2026-06-25"],
    ]
    for rows in (*permutations(crossing), *permutations([first, *crossing])):
        ctx = await new_partner()
        sheets = book(sheet(DATED, *rows))
        planned = await import_file(ctx, sheets, dry_run=True)
        report = await import_file(msgspec.structs.replace(ctx, idempotency_key="run"), sheets)
        assert (planned.rows, report.refused) == (report.rows, [])
        assert {row.outcome for row in report.rows} == {Outcome.CREATE, Outcome.CHANGE}
        again = await import_file(ctx, sheets)
        assert again.counts["skip"] == len(rows)
        assert await managers(ctx) == [(date(2026, 6, 15), "李"), (date(2026, 7, 1), "孙")]
        who = (await person(ctx, "K1")).employment
        days = [date(2026, 5, 31), *(date(2026, 6, day) for day in (1, 19, 20, 24, 25))]
        posts = ["customer_service"] * 2 + ["channel_assistant"] * 2 + ["unknown"]
        unsaid = "sales" if first in rows else "unknown"
        assert [who.post_on(day) for day in days] == [unsaid, *posts]


A = [date(2026, 5, 31) + timedelta(day) for day in range(8)]
A_DAY = st.none() | st.dates(date(2026, 6, 1), date(2026, 6, 7))


@given(said=st.lists(st.tuples(A_DAY, A_DAY), min_size=1, max_size=5))
@example(said=[(date(2026, 6, 1), date(2026, 6, 5)), (date(2026, 6, 3), date(2026, 6, 7))])
@example(said=[(A[5], None), (A[1], A[4]), (A[3], A[6])])
def test_each_fact_of_lines_goes_by_its_days_and_a_line_is_decided_twice_only_where_days_cross(
    said: list[tuple[date | None, date | None]],
) -> None:
    rows: list[list[Cell]] = [
        [*ENTERED, manager and "钱", manager, post and "客服", post] for manager, post in said
    ]
    entries = entries_of(rows)
    stated = {row: since_of(entry.command) for row, entry in entries.items()}
    carried_out, held = defaultdict[str, list[date]](list), dict[RowPlace, tuple[str, ...]]()
    for step in steps(entries):
        for fact in held.get(step.row, stated[step.row]):
            if fact not in step.held:
                carried_out[fact].append(stated[step.row][fact])
        if step.held:
            held[step.row] = step.held
    for fact, days in carried_out.items():
        assert days == sorted(its[fact] for its in stated.values() if fact in its)
    for row in held:
        fact, first = min(stated[row].items(), key=itemgetter(1))
        assert any(
            its.get(fact, first) > first
            and (other in held or max(its.values()) <= max(stated[row].values()))
            for other, its in stated.items()
        )


async def test_of_lines_whose_days_cross_one_that_is_stopped_half_way_is_not_told_as_done(
    ctx: Context,
) -> None:
    rows: list[list[Cell]] = [
        [*ENTERED, "孙", "2026-07-01", "客服", "2026-06-01"],
        [*ENTERED, "李", "2026-06-15", "助理", "2026-06-20"],
    ]
    sheets, stop = book(sheet(DATED, *rows)), asyncio.Event()
    keyed, told = msgspec.structs.replace(ctx, idempotency_key="run"), list[int]()

    def stop_at_once(done: int, _: int) -> None:
        told.append(done)
        stop.set()

    first = await import_file(keyed, sheets, stop=stop, progress=stop_at_once, in_flight=1)
    assert (first.rows, first.stopped, told) == ([], True, [0])
    again = await import_file(keyed, sheets, progress=lambda done, _: told.append(done))
    assert [row.outcome for row in again.rows] == [Outcome.CREATE, Outcome.CHANGE]
    assert (again.stopped, told) == (False, [0, 0, 1, 2])
    assert await managers(ctx) == [(date(2026, 6, 15), "李"), (date(2026, 7, 1), "孙")]


@pytest.mark.parametrize("key", ["run", None])
async def test_lines_whose_days_cross_end_alike_wherever_the_run_was_killed_between_their_steps(
    key: str | None, new_partner: Callable[[], Awaitable[Context]]
) -> None:
    rows: list[list[Cell]] = [
        [*ENTERED, "孙", "2026-07-01", "客服", "2026-06-01"],
        [*ENTERED, "李", "2026-06-15", "助理", "2026-06-20"],
        [*ENTERED, "周", "2026-06-10", "不详", "2026-06-25"],
    ]
    sheets, in_all = book(sheet(DATED, *rows)), len([*steps(entries_of(rows))])
    assert in_all > len(rows)

    async def ended(*killed_after: int) -> tuple[list[RowReport], list[Any]]:
        ctx = msgspec.structs.replace(await new_partner(), idempotency_key=key)
        for killed in killed_after:
            with pytest.raises(Killed):
                await import_file(ctx, sheets, progress=kill_after(killed), in_flight=1)
        report = await import_file(ctx, sheets)
        who = (await person(ctx, "K1")).employment
        said = [(one.on, await name_of(ctx, one.manager_id)) for one in who.managers]
        first = await name_of(ctx, who.enrolled.manager_id)
        posts = [(one.on, one.post) for one in who.posts]
        return report.rows, [*said, *posts, first, who.enrolled.post]

    rows_whole, whole = await ended()
    for killed in range(1, in_all + 1):
        told, said = await ended(killed)
        assert said == whole
        assert told == rows_whole or key is None
    assert await ended(2, 1) == (rows_whole, whole) or key is None


class Killed(Exception):
    """A process ended in the middle of a run."""


def kill_after(steps: int) -> OnProgress:
    """Ends a run once so many steps were carried out."""
    left = iter(range(steps - 1))

    def reached(*_: int) -> None:
        if next(left, None) is None:
            raise Killed

    return reached


def entries_of(rows: list[list[Cell]]) -> dict[RowPlace, Entry]:
    [read] = read_sheets(book(sheet(DATED, *rows)))
    return {(0, entry.place.row): entry for entry in read.entries}


async def test_of_lines_whose_days_cross_a_refusal_of_the_later_change_is_told_with_the_row(
    ctx: Context,
) -> None:
    rows: list[list[Cell]] = [
        [*ENTERED, "孙", "2026-08-20", "客服", "2026-06-01"],
        [*ENTERED, None, None, "助理", "2026-06-20"],
    ]
    report = await import_file(ctx, book(sheet(DATED, *rows)))
    [row] = report.refused
    assert [(one.code, one.place.column) for one in row.reasons] == [("date_in_future", "F")]
    fates = [(one.fact.name, one.fate) for one in row.facts]
    assert fates == [("roster", Fate.RECORDED), ("post", Fate.RECORDED)]
    assert (row.outcome, row.events) == (Outcome.PART, 4)


async def test_a_manager_or_post_of_a_day_before_the_entry_is_refused_of_the_new_and_of_the_known(
    ctx: Context,
) -> None:
    sheets = book(sheet(DATED, [*ENTERED, "钱", "2025-01-01", "客服", "2025-01-01"]))
    for events in (3, 0):
        [row] = (await import_file(ctx, sheets)).rows
        assert [(one.code, one.place.column) for one in row.reasons] == [
            ("before_enrolment", "F"),
            ("before_enrolment", "H"),
        ]
        assert (row.new, row.events) == ([], events)
    who = (await person(ctx, "K1")).employment
    assert (who.enrolled.post, who.manager_on(date.max)) == ("unknown", None)


async def test_of_somebody_new_a_manager_and_post_of_a_later_day_are_told_once(
    ctx: Context,
) -> None:
    sheets = book(sheet(DATED, [*ENTERED, "钱", "2026-06-01", "客服", "2026-06-01"]))
    [row] = (await import_file(ctx, sheets)).rows
    assert sorted(row.new) == ["manager", "post"]


async def test_each_sheet_has_a_day_of_its_own_or_none_before_that_of_all_and_that_of_a_mapping(
    ctx: Context,
) -> None:
    columns = zip(
        ("name", "employee_no", "cohort", "entered_on", "manager"), HEADINGS, strict=False
    )
    said = "".join(f'{field} = "{heading}"\n' for field, heading in columns)
    text = f'[[sheets]]\nkind = "roster"\nchanged_on = 2026-06-01\n[sheets.columns]\n{said}'
    mapping = load_mapping(text, partner="hz")

    def sheets(manager: str) -> list[Sheet]:
        return [
            sheet(HEADINGS, ["王", no, "一期", "2026-05-18", manager], name=no)
            for no in ("K1", "K2", "K3", "K4")
        ]

    await import_file(ctx, book(*sheets("钱")))
    first = sheets("孙")[:1]
    await import_file(ctx, book(*first), mapping=mapping)
    days = [ChangeDay(date(2026, 6, 2)), ChangeDay(date(2026, 6, 3), "K3"), ChangeDay(None, "K4")]
    report = await import_file(ctx, book(*sheets("孙")), mapping=mapping, changed_on=days)
    changed = [(await person(ctx, no)).employment.managers for no in ("K1", "K2", "K3", "K4")]
    assert [[one.on.day for one in its] for its in changed] == [[1], [2], [3], []]
    assert [one.changed_on and one.changed_on.day for one in report.sheets] == [2, 2, 3, None]
