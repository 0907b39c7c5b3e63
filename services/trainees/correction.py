"""Corrections: what had been typed wrong of a trainee, said as it was. `reason`: why.

What has changed since, rather, is a command of its own (services/trainees/trainee.py,
services/trainees/order.py).
"""

from typing import Annotated

import msgspec
from msgspec import Meta

from domain.kernel.values import number_key, tidy
from domain.trainees.trainee import Trainee
from services.kernel.fields import (
    Amount,
    Day,
    EmployeeNo,
    ExamKind,
    Feedback,
    LastDay,
    Manager,
    OrderNo,
    Passed,
    PersonName,
    Post,
    Product,
    Reason,
    RecordedDay,
    Score,
    Verdict,
)
from services.kernel.work import Work
from services.trainees.order import holder_of, others_who_had
from services.trainees.trainee import NOTICE, trainee_by_number


class CorrectEnrolment(msgspec.Struct, frozen=True):
    """Corrects an enrolment that had been typed wrong.

    What is not given stays; a blank manager means that there was none.
    """

    employee_no: EmployeeNo
    reason: Reason
    entered_on: Annotated[Day | None, Meta(description="If not given, it stays.")] = None
    manager: Annotated[
        Manager | None, Meta(description="If not given, it stays; blank: there was none.")
    ] = None
    post: Annotated[Post | None, Meta(description="If not given, it stays.")] = None
    name: Annotated[PersonName | None, Meta(description="If not given, it stays.")] = None


class CorrectTrialVerdict(msgspec.Struct, frozen=True):
    """Corrects a verdict on a trial post that had been typed wrong; says all of it again."""

    employee_no: EmployeeNo
    was_on: RecordedDay
    verdict: Verdict
    on: Day
    feedback: Feedback
    reason: Reason


class CorrectExamResult(msgspec.Struct, frozen=True):
    """Corrects the result of an exam that had been typed wrong; says all of it again."""

    employee_no: EmployeeNo
    kind: ExamKind
    was_on: RecordedDay
    passed: Passed
    on: Day
    reason: Reason
    score: Score | None = None


class CorrectGoLive(msgspec.Struct, frozen=True):
    """Corrects the day of a go-live that had been typed wrong."""

    employee_no: EmployeeNo
    was_on: RecordedDay
    on: Day
    reason: Reason


class CorrectOrder(msgspec.Struct, frozen=True):
    """Corrects an order that had been typed wrong; says all of it again."""

    order_no: OrderNo
    closed_on: Annotated[Day, Meta(description="The day on which the order was closed.")]
    reason: Reason
    product: Product | None = None
    amount: Amount | None = None


class CorrectLeaving(msgspec.Struct, frozen=True):
    """Corrects a leaving that had been typed wrong."""

    employee_no: EmployeeNo
    on: LastDay
    reason: Reason
    leaving_reason: Annotated[
        Reason | None, Meta(description="Why the person left; if not given, it stays.")
    ] = None


class WithdrawLeaving(msgspec.Struct, frozen=True):
    """Withdraws a leaving that was recorded by mistake."""

    employee_no: EmployeeNo
    reason: Reason


async def correct_enrolment(work: Work, command: CorrectEnrolment) -> str:
    """Who rejoined cannot have entered before having left. Refuses what the trainee refuses."""
    trainee = await trainee_by_number(work, command.employee_no)
    entered_on = command.entered_on or trainee.entered_on
    work.require_past(entered_on, "entered_on")
    if trainee.rejoins is not None:
        (await work.load(Trainee, trainee.rejoins)).require_left_before(entered_on)
    given = command.manager
    trainee.correct_enrolment(
        entered_on=entered_on,
        manager=trainee.managers[0].value if given is None else tidy(given) or None,
        post=command.post or trainee.post,
        name=tidy(command.name or "") or None,
        reason=command.reason.strip(),
    )
    return trainee.id


async def correct_trial_verdict(work: Work, command: CorrectTrialVerdict) -> str:
    work.require_past(command.on)
    trainee = await trainee_by_number(work, command.employee_no)
    trainee.correct_trial_verdict(
        was_on=command.was_on,
        passed=command.verdict == "passed",
        on=command.on,
        feedback=command.feedback.strip(),
        reason=command.reason.strip(),
    )
    return trainee.id


async def correct_exam_result(work: Work, command: CorrectExamResult) -> str:
    work.require_past(command.on)
    trainee = await trainee_by_number(work, command.employee_no)
    trainee.correct_exam(
        kind=command.kind,
        was_on=command.was_on,
        passed=command.passed,
        on=command.on,
        score=command.score,
        reason=command.reason.strip(),
    )
    return trainee.id


async def correct_go_live(work: Work, command: CorrectGoLive) -> str:
    work.require_past(command.on)
    trainee = await trainee_by_number(work, command.employee_no)
    trainee.correct_go_live(was_on=command.was_on, on=command.on, reason=command.reason.strip())
    return trainee.id


async def correct_order(work: Work, command: CorrectOrder) -> str:
    """Refuses `order_unknown`, and what whoever has it refuses."""
    work.require_past(command.closed_on, "closed_on")
    holder = await holder_of(work, command.order_no)
    holder.correct_order(
        order_no=number_key(command.order_no),
        closed_on=command.closed_on,
        product=command.product,
        amount=command.amount,
        reason=command.reason.strip(),
        had=await others_who_had(work, command.order_no, holder),
    )
    return holder.id


async def correct_leaving(work: Work, command: CorrectLeaving) -> str:
    work.require_past(command.on, notice=NOTICE)
    trainee = await trainee_by_number(work, command.employee_no)
    because = command.leaving_reason
    trainee.correct_leaving(
        on=command.on,
        leaving_reason=None if because is None else because.strip(),
        reason=command.reason.strip(),
    )
    return trainee.id


async def withdraw_leaving(work: Work, command: WithdrawLeaving) -> str:
    trainee = await trainee_by_number(work, command.employee_no)
    trainee.withdraw_leaving(reason=command.reason.strip())
    return trainee.id
