"""Corrections: what had been typed wrong of a trainee, said as it was. `reason`: why.

What has changed since, rather, is a command of its own (services/trainees/trainee.py,
services/trainees/selling.py).
"""

from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

from msgspec import Meta
from msgspec.structs import asdict

from domain.kernel.errors import NotFoundError
from domain.kernel.values import number_key
from domain.trainees.trainee import Trainee
from services.kernel import fields
from services.kernel.handler import handler, handler_on
from services.kernel.work import Work
from services.trainees.selling import holder_of, others_who_had
from services.trainees.trainee import (
    TRAINEES,
    RecordTrialVerdict,
    enrolment_on,
    enrolments_of,
    manager_instead,
)
from services.trainees.whose import PERSONAL, correct, whose

RecordedStayDay = Annotated[
    fields.RecordedDay,
    Meta(description="The day as it is recorded now; if not given, that of the last enrolment."),
]


class CorrectEnrolment(fields.Amending, frozen=True):
    """Corrects an enrolment that had been typed wrong."""

    employee_no: fields.EmployeeNo
    reason: fields.Reason
    entered_on: fields.Stays[fields.EntryDay] = None
    manager: fields.StaysOrNone[fields.Manager] = None
    post: fields.Stays[fields.Post] = None
    name: fields.Stays[fields.PersonName] = None
    phone: fields.StaysOrNone[fields.Phone] = None
    mail: fields.StaysOrNone[fields.Mail] = None
    id_number: fields.Stays[fields.IdNumber] = None
    was_on: RecordedStayDay | None = None


class CorrectTrialVerdict(RecordTrialVerdict, fields.Amending, frozen=True):
    """Corrects a verdict on a trial post that had been typed wrong; says all of it again."""

    reason: fields.Reason
    fact: fields.FactId | None = None
    was_on: fields.RecordedDay | None = None


class CorrectExamResult(fields.Amending, frozen=True):
    """Corrects the result of an exam that had been typed wrong; says all of it again."""

    employee_no: fields.EmployeeNo
    kind: fields.ExamKind
    passed: fields.Passed
    on: fields.Day
    reason: fields.Reason
    score: fields.ExamPoints | None = None
    fact: fields.FactId | None = None
    was_on: fields.RecordedDay | None = None


class CorrectGoLive(fields.Amending, frozen=True):
    """Corrects the day of a go-live that had been typed wrong."""

    employee_no: fields.EmployeeNo
    on: fields.Day
    reason: fields.Reason
    fact: fields.FactId | None = None
    was_on: fields.RecordedDay | None = None


class CorrectOrder(fields.Amending, frozen=True):
    """Corrects an order that had been typed wrong; says all of it again."""

    order_no: fields.OrderNo
    closed_on: Annotated[fields.Day, Meta(description="The day on which the order was closed.")]
    reason: fields.Reason
    product: fields.Product | None = None
    amount: fields.Amount | None = None


class CorrectLeaving(fields.Amending, frozen=True):
    """Corrects a leaving that had been typed wrong."""

    employee_no: fields.EmployeeNo
    on: fields.LastDay
    reason: fields.Reason
    leaving_reason: Annotated[
        fields.StaysOrNone[fields.Reason],
        Meta(description="Why the person left; if not given, it stays; blank: unknown."),
    ] = None
    was_on: RecordedStayDay | None = None


@handler
async def correct_enrolment(work: Work, command: CorrectEnrolment) -> str:
    """Corrects an enrolment, and what is said of the person with it; a rejoining must stay after
    the leaving before it."""
    trainee, before, _ = await _stay_meant(
        work, command, "enrolment_unknown", lambda one: one.employment.enrolled.entered_on
    )
    was = trainee.employment.enrolled
    entered_on, manager_id = command.entered_on or was.entered_on, was.manager_id
    if command.manager is not None:
        manager_id = await manager_instead(work, command.manager, entered_on, manager_id)
    if before is not None:
        before.require_over_before(entered_on)
    said: dict[str, Any] = {"entered_on": entered_on, "manager_id": manager_id}
    said["post"] = command.post or was.post
    personal = {name: getattr(command, name) for name in PERSONAL}
    person = await whose(work, trainee)
    await correct(work, person, trainee, entered_on, reason=command.reason, **personal)
    if not person.pending_events or any(getattr(was, one) != it for one, it in said.items()):
        trainee.correct_enrolment(reason=command.reason, **said)
    return trainee.id


@handler
async def correct_leaving(work: Work, command: CorrectLeaving) -> str:
    """Corrects a leaving; it must stay before the rejoining that followed."""
    trainee, _, after = await _stay_meant(
        work, command, "leaving_unknown", lambda one: one.employment.left_on
    )
    if after is not None:
        trainee.employment.require_left_on(command.on, after.employment.enrolled.entered_on)
    said = asdict(command)
    trainee.correct_leaving(**{name: said[name] for name in ("on", "leaving_reason", "reason")})
    return trainee.id


async def _stay_meant(
    work: Work,
    command: CorrectEnrolment | CorrectLeaving,
    unknown: str,
    day_of: Callable[[Trainee], date | None],
) -> tuple[Trainee, Trainee | None, Trainee | None]:
    """The stay of a person that begins or ends on the day that a command names, else the last; with
    the one before and the one after. unknown: the code where there is none."""
    stays = await enrolments_of(work, await TRAINEES.get(work, command.employee_no))
    around = zip(stays, [*stays[1:], None], [None, *stays], strict=False)
    for stay, before, after in around:
        if command.was_on in (None, day_of(stay)):
            return stay, before, after
    params = {"employee_no": stays[0].employee_no, "on": command.was_on}
    raise NotFoundError(unknown, field="was_on", **params)


async def _enrolment_meant(
    work: Work, command: CorrectTrialVerdict | CorrectExamResult | CorrectGoLive
) -> Trainee:
    """The enrolment that a fact belongs to, of somebody who rejoined perhaps an earlier one.

    The ids of facts are each enrolment's own, so that the day must say which one is meant. Refuses
    `was_on_missing`.
    """
    trainee = await TRAINEES.named(work, command)
    while (rejoins := trainee.employment.enrolled.rejoins) is not None:
        if command.was_on is None:
            raise trainee.employment.refuse("was_on_missing", "was_on")
        if command.was_on >= trainee.employment.enrolled.entered_on:
            break
        trainee = await work.load(Trainee, rejoins)
    return trainee


on_enrolment = handler_on(_enrolment_meant, "employee_no")


@handler
async def correct_order(work: Work, command: CorrectOrder) -> str:
    holder = await holder_of(work, command.order_no)
    had = await others_who_had(work, command.order_no, holder)
    for seller in (holder, *had):
        last = await TRAINEES.get(work, seller.employee_no)
        if (await enrolment_on(work, last, command.closed_on)).id != seller.id:
            on = command.closed_on
            raise seller.employment.refuse("order_of_other_stay", "closed_on", on=on)
    said = asdict(command) | {"order_no": number_key(command.order_no)}
    holder.correct_order(**said, had=had)
    return holder.id


correct_trial_verdict = on_enrolment(CorrectTrialVerdict, Trainee.correct_trial_verdict)
correct_exam_result = on_enrolment(CorrectExamResult, Trainee.correct_exam)
correct_go_live = on_enrolment(CorrectGoLive, Trainee.correct_go_live)
