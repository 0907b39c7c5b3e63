"""Corrections: what had been typed wrong of a trainee, said as it was. `reason`: why.

What has changed since, rather, is a command of its own (services/trainees/trainee.py,
services/trainees/order.py).
"""

from datetime import date
from decimal import Decimal
from typing import Literal

import msgspec

from domain.kernel.values import number_key, tidy
from domain.trainees.trainee import Trainee
from services.kernel.work import Work
from services.trainees.order import holder_of, others_who_had
from services.trainees.trainee import NOTICE, require_past, trainee_by_number


class CorrectEnrolment(msgspec.Struct, frozen=True):
    """What is not given stays; a blank manager means that there was none."""

    employee_no: str
    reason: str
    entered_on: date | None = None
    manager: str | None = None
    post: str | None = None
    name: str | None = None


class CorrectTrialVerdict(msgspec.Struct, frozen=True):
    """The verdict with the id, or the last recorded of `was_on`, all of it again."""

    employee_no: str
    verdict: Literal["PASSED", "FAILED"]
    on: date
    feedback: str
    reason: str
    fact: int | None = None
    was_on: date | None = None


class CorrectExamResult(msgspec.Struct, frozen=True):
    """The result with the id, or the last recorded of `was_on`, all of it again."""

    employee_no: str
    kind: Literal["WRITTEN", "DRILL"]
    passed: bool
    on: date
    reason: str
    score: Decimal | None = None
    fact: int | None = None
    was_on: date | None = None


class CorrectGoLive(msgspec.Struct, frozen=True):
    """The go-live with the id, or the last recorded of `was_on`."""

    employee_no: str
    on: date
    reason: str
    fact: int | None = None
    was_on: date | None = None


class CorrectOrder(msgspec.Struct, frozen=True):
    """The order as whoever has it now holds it, all of it again."""

    order_no: str
    closed_on: date
    reason: str
    product: str | None = None
    amount: Decimal | None = None


class CorrectLeaving(msgspec.Struct, frozen=True):
    """`leaving_reason`: if not given, it stays."""

    employee_no: str
    on: date
    reason: str
    leaving_reason: str | None = None


class WithdrawLeaving(msgspec.Struct, frozen=True):
    """The leaving was recorded by mistake."""

    employee_no: str
    reason: str


async def correct_enrolment(work: Work, command: CorrectEnrolment) -> str:
    """Who rejoined cannot have entered before having left. Refuses what the trainee refuses."""
    trainee = await trainee_by_number(work, command.employee_no)
    was = trainee.employment.enrolled
    entered_on = command.entered_on or was.entered_on
    require_past(work, entered_on)
    if was.rejoins is not None:
        before = await work.load(Trainee, was.rejoins)
        before.employment.require_left_before(entered_on)
    given = command.manager
    trainee.correct_enrolment(
        entered_on=entered_on,
        manager=was.manager if given is None else tidy(given) or None,
        post=command.post or was.post,
        name=tidy(command.name or "") or None,
        reason=command.reason.strip(),
    )
    return trainee.id


async def correct_trial_verdict(work: Work, command: CorrectTrialVerdict) -> str:
    require_past(work, command.on)
    trainee = await trainee_by_number(work, command.employee_no)
    trainee.correct_trial_verdict(
        fact=command.fact,
        was_on=command.was_on,
        passed=command.verdict == "PASSED",
        on=command.on,
        feedback=command.feedback.strip(),
        reason=command.reason.strip(),
    )
    return trainee.id


async def correct_exam_result(work: Work, command: CorrectExamResult) -> str:
    require_past(work, command.on)
    trainee = await trainee_by_number(work, command.employee_no)
    trainee.correct_exam(
        kind=command.kind.lower(),
        fact=command.fact,
        was_on=command.was_on,
        passed=command.passed,
        on=command.on,
        score=command.score,
        reason=command.reason.strip(),
    )
    return trainee.id


async def correct_go_live(work: Work, command: CorrectGoLive) -> str:
    require_past(work, command.on)
    trainee = await trainee_by_number(work, command.employee_no)
    trainee.correct_go_live(
        fact=command.fact,
        was_on=command.was_on,
        on=command.on,
        reason=command.reason.strip(),
    )
    return trainee.id


async def correct_order(work: Work, command: CorrectOrder) -> str:
    """Refuses `order_unknown`, and what whoever has it refuses."""
    require_past(work, command.closed_on)
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
    require_past(work, command.on, notice=NOTICE)
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
