"""The roster (花名册): who entered which batch when, and how far each one came.

A roster has no dates for trial and exams: see
infra/decisions/0006-date-a-rosters-evidence-on-the-go-live.md.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from typing import Annotated

import msgspec

from domain.kernel.errors import ConflictError, Refusal
from domain.kernel.facts import Facts
from domain.kernel.values import name_key, number_key, word_key
from domain.teaching.cohort import Cohort
from domain.trainees.events import FAILED, PASSED, SALES
from domain.trainees.qualification import Exam, Trial
from domain.trainees.trainee import Trainee
from services.importing.comparing import (
    answer,
    contradiction,
    note,
    require_same,
    stating,
    tell_new,
)
from services.importing.facts import RowFact, StatedRow
from services.importing.sheets.kind import ReadBy, Reading, SheetKind, as_day, plain
from services.importing.sheets.people import PERSON, is_new_leaving, record_leaving, require_name
from services.importing.spellings import (
    read_number,
    read_phone,
    read_post,
    read_score,
    read_text,
    read_verdict,
)
from services.importing.workbook import Cell
from services.kernel import fields
from services.kernel.handler import handler
from services.kernel.work import Work
from services.teaching import cohort
from services.trainees import trainee


class Score(msgspec.Struct, frozen=True):
    """An exam's outcome; a word gives no score."""

    passed: fields.Passed
    score: fields.ExamPoints | None = None


def as_score(cell: Cell, how: Reading) -> Score:
    """An exam's outcome by the sheet's pass mark."""
    return Score(*read_score(cell, pass_mark=how.pass_mark))


def as_post(cell: Cell, how: Reading) -> str:
    """The post's name in the domain, by the partner's own word for it or by ours."""
    own = how.posts.get(word_key(read_text(cell)))
    return own or read_post(cell)


class ImportRosterRow(StatedRow, frozen=True):
    """Records what a row of a roster (花名册) states; a blank cell states nothing.

    cohort_opened_on: the opening day of a cohort that this row is the first to name.
    """

    employee_no: Annotated[fields.EmployeeNo, ReadBy(plain(read_number))]
    name: fields.PersonName
    cohort: Annotated[fields.CohortCode, ReadBy(plain(read_number))]
    entered_on: Annotated[fields.EntryDay, ReadBy(as_day)]
    post: Annotated[fields.Post, ReadBy(as_post)] = SALES
    phone: Annotated[fields.Phone | None, ReadBy(plain(read_phone))] = None
    mail: fields.Mail | None = None
    manager: fields.Manager | None = None
    trial_verdict: Annotated[bool | None, ReadBy(plain(read_verdict))] = None
    trial_feedback: fields.Feedback | None = None
    written_exam: Annotated[Score | None, ReadBy(as_score)] = None
    drill: Annotated[Score | None, ReadBy(as_score)] = None
    live_on: Annotated[fields.Day | None, ReadBy(as_day)] = None
    left_on: Annotated[fields.LastDay | None, ReadBy(as_day)] = None
    leave_reason: fields.Reason | None = None
    cohort_opened_on: fields.PlannedDay | None = None


@handler
async def import_roster_row(work: Work, row: ImportRosterRow) -> str:
    """Enrols, or adds what is new, by the handlers of single commands. Answers with the `outcome`.

    Refuses `name_differs`, `contradicts_recorded`, and what the single commands do.
    """
    _check_days(row)
    last = await trainee.TRAINEES.find(work, row.employee_no)
    person = await (_enrol(work, row) if last is None else _compared(work, last, row))
    on = row.live_on or min(row.left_on or row.entered_on, work.ctx.today)
    for fact in FACTS:
        if fact.name not in row.left and fact.is_new(person, row, on):
            await fact.record(work, person, row, on)
            tell_new(work, fact.name)
    answer(work, is_created=last is None)
    return person.id


def _check_days(row: ImportRosterRow) -> None:
    for field, on in (("live_on", row.live_on), ("left_on", row.left_on)):
        if on is not None and on < row.entered_on:
            raise Refusal("before_enrolment", field=field, entered_on=row.entered_on, on=on)
    if row.live_on and row.left_on and row.left_on < row.live_on:
        days = {"live_on": row.live_on, "on": row.left_on}
        raise Refusal("leaves_before_live", field="left_on", employee_no=row.employee_no, **days)


async def _enrol(work: Work, row: ImportRosterRow) -> Trainee:
    if await cohort.COHORTS.find(work, row.cohort) is None:
        opening = cohort.OpenCohort(row.cohort, row.cohort, row.cohort_opened_on or row.entered_on)
        with stating("cohort"):
            opened = await cohort.open_cohort(work, opening)
        cohort.COHORTS.claim(work, row.cohort, opened, ConflictError)
        note(work, "cohort_opened", "cohort", code=opening.code, on=opening.opened_on.isoformat())
    enrolment = msgspec.convert(row, trainee.EnrolTrainee, from_attributes=True)
    trainee_id = await trainee.enrol_trainee(work, enrolment)
    trainee.TRAINEES.claim(work, row.employee_no, trainee_id, ConflictError)
    return await work.load(Trainee, trainee_id)


async def _compared(work: Work, last: Trainee, row: ImportRosterRow) -> Trainee:
    """The enrolment that a row is about, of those that end in the last one."""
    known = await trainee.enrolment_on(work, last, row.entered_on)
    require_name(known, row.name, row.employee_no)
    left_on = known.employment.left_on
    if left_on is not None and row.entered_on > left_on:
        raise Refusal("rejoins_first", field="entered_on", left_on=left_on, on=row.entered_on)
    batch = await work.load(Cohort, known.cohort_id)
    if number_key(batch.code) != number_key(row.cohort):
        raise contradiction("cohort", batch.code, row.cohort)
    require_same(row, entered_on=known.employment.enrolled.entered_on, left_on=left_on)
    if row.live_on is not None:
        # Later it would be of the next enrolment, which this row is not about.
        known.employment.require_employed(row.live_on, "live_on")
    return known


class RosterFact(RowFact, frozen=True, kw_only=True):
    """A fact of a roster's row. is_new: whether the person has it not yet; refuses what contradicts
    the record. Both take the day of the row's evidence."""

    is_new: Callable[[Trainee, ImportRosterRow, date], bool]
    record: Callable[[Work, Trainee, ImportRosterRow, date], Awaitable[None]]


def _is_new_manager(person: Trainee, row: ImportRosterRow, _: date) -> bool:
    manager = person.employment.manager_on(date.max)
    is_known = bool(manager or person.employment.managers.last)
    if is_known and row.manager and name_key(manager or "") != name_key(row.manager):
        raise contradiction("manager", manager or "no_manager", row.manager)
    return row.manager is not None and manager is None


async def _put_under(_: Work, person: Trainee, row: ImportRosterRow, __: date) -> None:
    with stating("manager"):
        person.change_manager(on=row.entered_on, manager=row.manager)


def _is_new_trial(person: Trainee, row: ImportRosterRow, on: date) -> bool:
    given = None if row.trial_verdict is None else Score(row.trial_verdict)
    return _is_new_result("trial_verdict", person.qualification.trials, given, on)


async def _record_trial(work: Work, _: Trainee, row: ImportRosterRow, on: date) -> None:
    feedback = row.trial_feedback or ""
    verdict = trainee.RecordTrialVerdict(
        row.employee_no, PASSED if row.trial_verdict else FAILED, on, feedback
    )
    with stating("trial_verdict", feedback="trial_feedback"):
        await trainee.record_trial_verdict(work, verdict)


def _exam(kind: fields.ExamKind, field: str) -> RosterFact:
    """An exam of a kind, whose outcome is in a field."""

    def is_new(person: Trainee, row: ImportRosterRow, on: date) -> bool:
        recorded = person.qualification.exams_of(kind)
        return _is_new_result(field, recorded, getattr(row, field), on)

    async def record(work: Work, _: Trainee, row: ImportRosterRow, on: date) -> None:
        given = getattr(row, field)
        result = trainee.RecordExamResult(row.employee_no, kind, given.passed, on, given.score)
        with stating(field):
            await trainee.record_exam_result(work, result)

    return RosterFact((field,), dated_by=DATES, is_new=is_new, record=record)


def _is_new_go_live(person: Trainee, row: ImportRosterRow, _: date) -> bool:
    require_same(row, live_on=person.placement.live_on)
    return row.live_on is not None and person.placement.live_on is None


async def _go_live(work: Work, _: Trainee, row: ImportRosterRow, on: date) -> None:
    with stating("live_on"):
        await trainee.go_live(work, trainee.GoLive(row.employee_no, on))


def _is_new_result(
    field: str, recorded: Facts[Trial] | Facts[Exam], given: Score | None, on: date
) -> bool:
    """A result that is recorded already is the same, whatever its day; a later one is a resit."""
    if given is None:
        return False
    for result in recorded:
        if result.passed == given.passed and given.score in (None, result.score):
            return False
    last = max((result.on for result in recorded), default=None)
    if last is not None and on <= last:
        raise contradiction(field, last, on)
    return True


DATES = ("live_on", "left_on")
"""What dates the evidence of a roster, see infra/decisions/0006."""

FACTS = (
    RosterFact(("manager",), is_new=_is_new_manager, record=_put_under),
    RosterFact(
        ("trial_verdict", "trial_feedback"),
        dated_by=DATES,
        is_new=_is_new_trial,
        record=_record_trial,
    ),
    _exam("written", "written_exam"),
    _exam("drill", "drill"),
    RosterFact(
        ("live_on",),
        rests_on=("trial_verdict", "written_exam", "drill"),
        is_new=_is_new_go_live,
        record=_go_live,
    ),
    RosterFact(
        ("left_on", "leave_reason"),
        is_new=lambda person, row, _: is_new_leaving(person, row),
        record=lambda work, _, row, __: record_leaving(work, row),
    ),
)
"""In the order in which they are recorded."""


def _with_opening_days(
    rows: Sequence[ImportRosterRow],
) -> Callable[[ImportRosterRow], ImportRosterRow]:
    """A cohort opened when the first of its people entered."""
    days: dict[str, date] = {}
    for row in rows:
        key = number_key(row.cohort)
        days[key] = min(days.get(key, row.entered_on), row.entered_on)
    return lambda row: msgspec.structs.replace(row, cohort_opened_on=days[number_key(row.cohort)])


ROSTER = SheetKind(
    slug="roster",
    command=ImportRosterRow,
    telling="name",
    keys=lambda row: [(PERSON, number_key(row.employee_no))],
    facts=FACTS,
    completing=_with_opening_days,
    alike=lambda row: (
        number_key(row.employee_no),
        (name_key(row.name), number_key(row.cohort), row.entered_on),
    ),
)
