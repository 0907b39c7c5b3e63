"""One row, one command: everything that a row states happens, or nothing of it.

A row is compared with what is recorded. What is new is recorded by the same handlers as single
commands; what is the same is left alone; what contradicts is refused. A blank cell says nothing,
so an emptied cell deletes nothing. A roster has no dates for trial and exams: see
infra/decisions/0006-date-a-rosters-evidence-on-the-go-live.md.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from enum import StrEnum
from typing import Any, Literal

import msgspec

from domain.kernel.errors import ConflictError, Refusal
from domain.kernel.facts import Facts
from domain.kernel.values import number_key, tidy
from domain.teaching.cohort import Cohort
from domain.trainees.qualification import Exam, Trial
from domain.trainees.trainee import Trainee
from services.importing.facts import OrderFacts, RosterFacts, Score
from services.kernel.fields import ExamKind, PlannedDay, Verdict
from services.kernel.handler import handler
from services.kernel.work import Work
from services.teaching import cohort
from services.trainees import order, trainee


class Outcome(StrEnum):
    """What became of a row."""

    CREATE = "create"
    CHANGE = "change"
    SKIP = "skip"
    REFUSE = "refuse"


class ImportRosterRow(msgspec.Struct, frozen=True):
    """Records what a row of a roster (花名册) states.

    cohort_opened_on: the opening day of a cohort that this row is the first to name.
    """

    row: RosterFacts
    cohort_opened_on: PlannedDay


class ImportOrderRow(msgspec.Struct, frozen=True):
    """Records what a row of an order sheet (出单明细) states.

    unknown_people: what becomes of an order of somebody who is not enrolled.
    """

    row: OrderFacts
    unknown_people: Literal["refuse", "skip"] = "refuse"


@handler
async def import_roster_row(work: Work, command: ImportRosterRow) -> str:
    """Enrols, or adds what is new. Answers with the `outcome`.

    Refuses `employee_no_of_another`, `contradicts_recorded`, and what the single commands do;
    `field` is one of the row.
    """
    row = command.row
    _check_days(work, row)
    known = await trainee.find_trainee(work, row.employee_no)
    person = known or await _enrol(work, command)
    if known is not None:
        await _compare(work, known, row)
    evidence_on = row.live_on or min(row.left_on or row.entered_on, work.ctx.today)
    await _record_trial(work, person, row, evidence_on)
    await _record_exam(work, person, row.employee_no, "written", row.written_exam, evidence_on)
    await _record_exam(work, person, row.employee_no, "drill", row.drill, evidence_on)
    if _is_new("live_on", person.placement.live_on, row.live_on) and row.live_on:
        with _columns(on="live_on"):
            await trainee.go_live(work, trainee.GoLive(row.employee_no, row.live_on))
    if _is_new("left_on", person.employment.left_on, row.left_on) and row.left_on:
        leaving = trainee.RecordLeaving(row.employee_no, row.left_on, row.leave_reason or "")
        with _columns(on="left_on", reason="leave_reason"):
            await trainee.record_leaving(work, leaving)
    _answer(work, created=known is None)
    return person.id


@handler
async def import_order_row(work: Work, command: ImportOrderRow) -> str:
    """Closes the order, voids it, or finds it recorded. Answers with the `outcome`.

    Refuses `employee_no_of_another`, `order_no_taken`, `contradicts_recorded`, and what the single
    commands do; `field` is one of the row.
    """
    row = command.row
    seller = await trainee.find_trainee(work, row.employee_no)
    if seller is None:
        if command.unknown_people == "refuse":
            raise Refusal("trainee_unknown", field="employee_no", employee_no=row.employee_no)
        work.answer = {"outcome": Outcome.SKIP, "reason": "trainee_unknown"}
        return ""
    if row.name is not None and tidy(row.name) != seller.employment.enrolled.name:
        raise Refusal("employee_no_of_another", field="name", employee_no=row.employee_no)
    key = number_key(row.order_no)
    holder = await order.find_holder(work, row.order_no)
    if holder is not None and holder.employee_no == seller.employee_no:
        seller = holder  # Who rejoined has the earlier orders as the trainee of those days.
    known = seller.selling.orders.get(key)
    if holder is not None and known is None:
        raise Refusal("order_no_taken", field="order_no", order_no=row.order_no)
    if known is None:
        await _close(work, row)
        work.claim(order.ORDER_NO, key, seller.id, ConflictError())
    else:
        _is_new("closed_on", known.closed_on, row.closed_on)
        _is_new("product", known.product, row.product, refuse_unrecorded=True)
        _is_new("amount", known.amount, row.amount, refuse_unrecorded=True)
    voided_on = (holder or seller).selling.orders[key].voided_on
    if known is not None:
        _is_new("voided_on", voided_on, row.voided_on)
    if row.status is True and voided_on is not None:
        raise Refusal(
            "contradicts_recorded", field="status", recorded=voided_on, given=row.status_word
        )
    if (row.status is False or row.voided_on is not None) and voided_on is None:
        reason = row.void_reason or row.status_word or ""
        stated = "voided_on" if row.voided_on else "status"
        voiding = order.VoidOrder(row.order_no, row.voided_on or row.closed_on, reason)
        with _columns(on=stated, order_no=stated, reason=stated):
            await order.void_order(work, voiding)
    _answer(work, created=known is None)
    return seller.id


async def _enrol(work: Work, command: ImportRosterRow) -> Trainee:
    row = command.row
    key = number_key(row.cohort)
    if await work.find(Cohort, cohort.CODE, key) is None:
        with _columns(code="cohort", name="cohort"):
            opened = await cohort.open_cohort(
                work, cohort.OpenCohort(row.cohort, row.cohort, command.cohort_opened_on)
            )
        work.claim(cohort.CODE, key, opened, ConflictError())
    trainee_id = await trainee.enrol_trainee(
        work,
        trainee.EnrolTrainee(
            cohort=row.cohort,
            employee_no=row.employee_no,
            name=row.name,
            entered_on=row.entered_on,
            post=row.post,
            manager=row.manager,
            phone=row.phone,
            mail=row.mail,
        ),
    )
    work.claim(trainee.EMPLOYEE_NO, number_key(row.employee_no), trainee_id, ConflictError())
    return await work.load(Trainee, trainee_id)


async def _compare(work: Work, known: Trainee, row: RosterFacts) -> None:
    enrolled = known.employment.enrolled
    if enrolled.name != tidy(row.name):
        raise Refusal("employee_no_of_another", field="name", employee_no=row.employee_no)
    batch = await work.load(Cohort, known.cohort_id)
    if number_key(batch.code) != number_key(row.cohort):
        raise Refusal("contradicts_recorded", field="cohort", recorded=batch.code, given=row.cohort)
    _is_new("entered_on", enrolled.entered_on, row.entered_on)
    _is_new("manager", known.employment.manager_on(date.max), row.manager, refuse_unrecorded=True)


async def _record_trial(work: Work, person: Trainee, row: RosterFacts, on: date) -> None:
    if row.trial_verdict is None:
        return
    if not _is_new_result(
        "trial_verdict", person.qualification.trials, Score(row.trial_verdict), on
    ):
        return
    verdict: Verdict = "passed" if row.trial_verdict else "failed"
    with _columns(on="trial_verdict", feedback="trial_feedback"):
        await trainee.record_trial_verdict(
            work,
            trainee.RecordTrialVerdict(row.employee_no, verdict, on, row.trial_feedback or ""),
        )


async def _record_exam(
    work: Work,
    person: Trainee,
    employee_no: str,
    kind: ExamKind,
    given: Score | None,
    on: date,
) -> None:
    field = "written_exam" if kind == "written" else "drill"
    recorded = person.qualification.exams_of(kind)
    if given is not None and _is_new_result(field, recorded, given, on):
        with _columns(on=field, score=field):
            await trainee.record_exam_result(
                work,
                trainee.RecordExamResult(employee_no, kind, given.passed, on, given.score),
            )


async def _close(work: Work, row: OrderFacts) -> None:
    await order.record_order(
        work,
        order.RecordOrder(row.employee_no, row.order_no, row.closed_on, row.product, row.amount),
    )


def _check_days(work: Work, row: RosterFacts) -> None:
    for field, day in (("entered_on", row.entered_on), ("live_on", row.live_on)):
        if day is not None and day > work.ctx.today:
            raise Refusal("date_in_future", field=field, on=day, today=work.ctx.today)
    for field, day in (("live_on", row.live_on), ("left_on", row.left_on)):
        if day is not None and day < row.entered_on:
            raise Refusal("before_enrolment", field=field, entered_on=row.entered_on, on=day)


def _is_new(field: str, recorded: Any, given: Any, *, refuse_unrecorded: bool = False) -> bool:
    """Whether the cell says something that is not recorded; refuses what contradicts."""
    if given is None or given == recorded:
        return False
    if recorded is None and not refuse_unrecorded:
        return True
    raise Refusal("contradicts_recorded", field=field, recorded=recorded, given=given)


def _is_new_result(
    field: str, recorded: Facts[Trial] | Facts[Exam], given: Score, on: date
) -> bool:
    """A result that is recorded already is the same, whatever its day; a later one is a resit."""
    for result in recorded:
        if result.passed == given.passed and given.score in (None, result.score):
            return False
    last = max((result.on for result in recorded), default=None)
    if last is not None and on <= last:
        raise Refusal("contradicts_recorded", field=field, recorded=last, given=on)
    return True


def _answer(work: Work, *, created: bool) -> None:
    if not work.pending():
        work.answer = {"outcome": Outcome.SKIP, "reason": "already_recorded"}
    else:
        work.answer = {"outcome": Outcome.CREATE if created else Outcome.CHANGE}


@contextmanager
def _columns(**of_fields: str) -> Iterator[None]:
    """A refusal of a single command names the row's field; the others have the command's name."""
    try:
        yield
    except Refusal as refused:
        if refused.field is not None:
            refused.field = of_fields.get(refused.field, refused.field)
        raise
