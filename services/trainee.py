"""Trainees: from enrolment to leaving, and their orders. People are named by employee number."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

import msgspec

from domain.cohort import Cohort
from domain.errors import NotFoundError, Refusal, TakenError
from domain.trainee import SALES, Trainee
from domain.values import number_key, tidy
from services.cohort import cohort_by_code
from services.work import Work

EMPLOYEE_NO = "employee_no"
ORDER_NO = "order_no"
NOTICE = timedelta(days=92)
"""A leaving may be recorded this long before the last day; nothing else lies in the future."""


class EnrolTrainee(msgspec.Struct, frozen=True):
    """`cohort` is a code."""

    cohort: str
    employee_no: str
    name: str
    entered_on: date
    post: str = SALES
    manager: str | None = None
    phone: str | None = None
    mail: str | None = None
    id_number: str | None = None


class RecordTrialVerdict(msgspec.Struct, frozen=True):
    employee_no: str
    verdict: Literal["PASSED", "FAILED"]
    on: date
    feedback: str


class RecordExamResult(msgspec.Struct, frozen=True):
    employee_no: str
    kind: Literal["WRITTEN", "DRILL"]
    passed: bool
    on: date
    score: Decimal | None = None


class GoLive(msgspec.Struct, frozen=True):
    employee_no: str
    on: date


class RecordOrder(msgspec.Struct, frozen=True):
    employee_no: str
    order_no: str
    closed_on: date
    product: str | None = None
    amount: Decimal | None = None


class VoidOrder(msgspec.Struct, frozen=True):
    order_no: str
    on: date
    reason: str


class RecordLeaving(msgspec.Struct, frozen=True):
    employee_no: str
    on: date
    reason: str


async def enrol_trainee(work: Work, command: EnrolTrainee) -> str:
    """Refuses `employee_no_missing`, `name_missing`, `employee_no_taken`, `cohort_unknown`."""
    employee_no, name = tidy(command.employee_no), tidy(command.name)
    if not employee_no:
        raise Refusal("employee_no_missing")
    if not name:
        raise Refusal("name_missing")
    _require_past(work, command.entered_on)

    def taken() -> Refusal:
        return TakenError("employee_no_taken", employee_no=employee_no)

    key = number_key(employee_no)
    cohort = await cohort_by_code(work, command.cohort)
    trainee = Trainee.enrol(
        work.new_id(Trainee),
        cohort_id=cohort.id,
        cohort_code=cohort.code,
        employee_no=employee_no,
        name=name,
        entered_on=command.entered_on,
        post=command.post,
        manager=tidy(command.manager) or None if command.manager else None,
        phone=command.phone,
        mail=command.mail,
        id_number=command.id_number,
    )
    work.add(trainee)
    work.claim(EMPLOYEE_NO, key, trainee.id, taken)
    return trainee.id


async def record_trial_verdict(work: Work, command: RecordTrialVerdict) -> str:
    _require_past(work, command.on)
    trainee = await trainee_by_number(work, command.employee_no)
    trainee.record_trial_verdict(
        passed=command.verdict == "PASSED", on=command.on, feedback=command.feedback.strip()
    )
    return trainee.id


async def record_exam_result(work: Work, command: RecordExamResult) -> str:
    _require_past(work, command.on)
    trainee = await trainee_by_number(work, command.employee_no)
    record = trainee.record_written_exam if command.kind == "WRITTEN" else trainee.record_drill
    record(passed=command.passed, on=command.on, score=command.score)
    return trainee.id


async def go_live(work: Work, command: GoLive) -> str:
    """The gate is the domain's; whether a trial is asked for is the cohort's policy."""
    _require_past(work, command.on)
    trainee = await trainee_by_number(work, command.employee_no)
    cohort = await work.load(Cohort, trainee.cohort_id)
    trainee.go_live(on=command.on, trial_required=cohort.trial_required)
    return trainee.id


async def record_order(work: Work, command: RecordOrder) -> str:
    """Refuses `order_no_missing` and, tenant-wide, `order_no_taken`."""
    order_no = tidy(command.order_no)
    if not order_no:
        raise Refusal("order_no_missing")
    _require_past(work, command.closed_on)

    def taken() -> Refusal:
        return TakenError("order_no_taken", order_no=order_no)

    trainee = await trainee_by_number(work, command.employee_no)
    key = number_key(order_no)
    trainee.close_order(
        order_no=key, closed_on=command.closed_on, product=command.product, amount=command.amount
    )
    work.claim(ORDER_NO, key, trainee.id, taken)
    return trainee.id


async def void_order(work: Work, command: VoidOrder) -> str:
    _require_past(work, command.on)
    key = number_key(command.order_no)
    trainee = await work.find(Trainee, ORDER_NO, key)
    if trainee is None:
        raise NotFoundError("order_unknown", order_no=tidy(command.order_no))
    trainee.void_order(order_no=key, on=command.on, reason=command.reason.strip())
    return trainee.id


async def record_leaving(work: Work, command: RecordLeaving) -> str:
    _require_past(work, command.on, notice=NOTICE)
    trainee = await trainee_by_number(work, command.employee_no)
    trainee.leave(on=command.on, reason=command.reason.strip())
    return trainee.id


async def trainee_by_number(work: Work, employee_no: str) -> Trainee:
    """Raises NotFoundError `trainee_unknown`."""
    trainee = await work.find(Trainee, EMPLOYEE_NO, number_key(employee_no))
    if trainee is None:
        raise NotFoundError("trainee_unknown", employee_no=tidy(employee_no))
    return trainee


def _require_past(work: Work, day: date, notice: timedelta = timedelta(0)) -> None:
    if day > work.ctx.today + notice:
        raise Refusal("date_in_future", on=day, today=work.ctx.today)
