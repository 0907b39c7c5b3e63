"""Trainees: from enrolment to leaving, and back again. People are named by employee number."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal

import msgspec

from domain.kernel.errors import NotFoundError, Refusal, TakenError
from domain.kernel.values import number_key, tidy
from domain.teaching.cohort import Cohort
from domain.trainees.events import SALES
from domain.trainees.trainee import Trainee
from services.kernel.work import Work
from services.teaching.cohort import cohort_by_code

EMPLOYEE_NO = "employee_no"
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


class RejoinTrainee(msgspec.Struct, frozen=True):
    """`cohort` is a code. What is not given stays as it was, but for the manager."""

    employee_no: str
    cohort: str
    entered_on: date
    manager: str | None = None
    post: str | None = None
    name: str | None = None
    phone: str | None = None
    mail: str | None = None
    id_number: str | None = None


class TransferTrainee(msgspec.Struct, frozen=True):
    """`cohort` is the code of the batch moved to."""

    employee_no: str
    cohort: str
    on: date
    reason: str


class ChangeManager(msgspec.Struct, frozen=True):
    """`manager`: None for nobody."""

    employee_no: str
    on: date
    manager: str | None = None


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


class RecordMakeupMissed(msgspec.Struct, frozen=True):
    """Did not come to the makeup: 0, which counts in averages (S98)."""

    employee_no: str
    kind: Literal["WRITTEN", "DRILL"]
    on: date


class GoLive(msgspec.Struct, frozen=True):
    employee_no: str
    on: date


class HoldOffPost(msgspec.Struct, frozen=True):
    employee_no: str
    on: date
    reason: str


class RecordSpotCheck(msgspec.Struct, frozen=True):
    employee_no: str
    topic: Literal["BASICS", "RULES"]
    passed: bool
    on: date
    feedback: str | None = None


class RecordLeaving(msgspec.Struct, frozen=True):
    employee_no: str
    on: date
    reason: str


class EliminateTrainee(msgspec.Struct, frozen=True):
    """`on` is the last day."""

    employee_no: str
    on: date
    reason: str


async def enrol_trainee(work: Work, command: EnrolTrainee) -> str:
    """Refuses `employee_no_missing`, `name_missing`, `employee_no_taken`, `cohort_unknown`."""
    employee_no = tidy(command.employee_no)
    if not employee_no:
        raise Refusal("employee_no_missing")
    require_past(work, command.entered_on)

    def taken() -> Refusal:
        return TakenError("employee_no_taken", employee_no=employee_no)

    key = number_key(employee_no)
    trainee = await _enrolled(
        work,
        command.cohort,
        employee_no=employee_no,
        name=command.name,
        entered_on=command.entered_on,
        post=command.post,
        manager=command.manager,
        phone=command.phone,
        mail=command.mail,
        id_number=command.id_number,
    )
    work.claim(EMPLOYEE_NO, key, trainee.id, taken)
    return trainee.id


async def rejoin_trainee(work: Work, command: RejoinTrainee) -> str:
    """A new trainee that points to the old one, and the other way round.

    Answers the new one's stream id. Refuses `name_missing`, `cohort_unknown`, and what the old one
    does: `not_left`, `rejoins_before_leaving`.
    """
    require_past(work, command.entered_on)
    old = await trainee_by_number(work, command.employee_no)
    was = old.employment.enrolled
    trainee = await _enrolled(
        work,
        command.cohort,
        employee_no=was.employee_no,
        name=command.name or was.name,
        entered_on=command.entered_on,
        post=command.post or was.post,
        manager=command.manager,
        phone=command.phone or was.phone,
        mail=command.mail or was.mail,
        id_number=command.id_number or was.id_number,
        rejoins=old.id,
    )
    old.rejoin(on=command.entered_on, as_trainee_id=trainee.id)
    return trainee.id


async def transfer_trainee(work: Work, command: TransferTrainee) -> str:
    require_past(work, command.on)
    trainee = await trainee_by_number(work, command.employee_no)
    cohort = await cohort_by_code(work, command.cohort)
    trainee.transfer(
        on=command.on, cohort_id=cohort.id, cohort_code=cohort.code, reason=command.reason.strip()
    )
    return trainee.id


async def change_manager(work: Work, command: ChangeManager) -> str:
    require_past(work, command.on)
    trainee = await trainee_by_number(work, command.employee_no)
    trainee.change_manager(on=command.on, manager=tidy(command.manager or "") or None)
    return trainee.id


async def record_trial_verdict(work: Work, command: RecordTrialVerdict) -> str:
    require_past(work, command.on)
    trainee = await trainee_by_number(work, command.employee_no)
    trainee.record_trial_verdict(
        passed=command.verdict == "PASSED", on=command.on, feedback=command.feedback.strip()
    )
    return trainee.id


async def record_exam_result(work: Work, command: RecordExamResult) -> str:
    require_past(work, command.on)
    trainee = await trainee_by_number(work, command.employee_no)
    record = trainee.record_written_exam if command.kind == "WRITTEN" else trainee.record_drill
    record(passed=command.passed, on=command.on, score=command.score)
    return trainee.id


async def record_makeup_missed(work: Work, command: RecordMakeupMissed) -> str:
    require_past(work, command.on)
    trainee = await trainee_by_number(work, command.employee_no)
    trainee.miss_makeup(kind=command.kind.lower(), on=command.on)
    return trainee.id


async def go_live(work: Work, command: GoLive) -> str:
    """The gate is the domain's; whether a trial is asked for is the cohort's policy."""
    require_past(work, command.on)
    trainee = await trainee_by_number(work, command.employee_no)
    cohort = await work.load(Cohort, trainee.cohort_id)
    trainee.go_live(on=command.on, trial_required=cohort.trial_required)
    return trainee.id


async def hold_off_post(work: Work, command: HoldOffPost) -> str:
    require_past(work, command.on)
    trainee = await trainee_by_number(work, command.employee_no)
    trainee.hold_off_post(on=command.on, reason=command.reason.strip())
    return trainee.id


async def record_spot_check(work: Work, command: RecordSpotCheck) -> str:
    require_past(work, command.on)
    trainee = await trainee_by_number(work, command.employee_no)
    trainee.record_spot_check(
        on=command.on,
        topic=command.topic.lower(),
        passed=command.passed,
        feedback=(command.feedback or "").strip() or None,
    )
    return trainee.id


async def record_leaving(work: Work, command: RecordLeaving) -> str:
    require_past(work, command.on, notice=NOTICE)
    trainee = await trainee_by_number(work, command.employee_no)
    trainee.leave(on=command.on, reason=command.reason.strip())
    return trainee.id


async def eliminate_trainee(work: Work, command: EliminateTrainee) -> str:
    require_past(work, command.on, notice=NOTICE)
    trainee = await trainee_by_number(work, command.employee_no)
    trainee.eliminate(on=command.on, reason=command.reason.strip())
    return trainee.id


async def find_trainee(work: Work, employee_no: str) -> Trainee | None:
    """Who has the number, and of somebody who rejoined the last enrolment."""
    trainee = await work.find(Trainee, EMPLOYEE_NO, number_key(employee_no))
    while trainee is not None and (later := trainee.employment.rejoined_as) is not None:
        trainee = await work.load(Trainee, later)
    return trainee


async def trainee_by_number(work: Work, employee_no: str) -> Trainee:
    """As find_trainee. Raises NotFoundError `trainee_unknown`."""
    trainee = await find_trainee(work, employee_no)
    if trainee is None:
        raise NotFoundError("trainee_unknown", employee_no=tidy(employee_no))
    return trainee


def require_past(work: Work, day: date, notice: timedelta = timedelta(0)) -> None:
    """Refuses `date_in_future`."""
    if day > work.ctx.today + notice:
        raise Refusal("date_in_future", on=day, today=work.ctx.today)


async def _enrolled(
    work: Work, cohort_code: str, *, name: str, manager: str | None, **facts: Any
) -> Trainee:
    if not tidy(name):
        raise Refusal("name_missing")
    cohort = await cohort_by_code(work, cohort_code)
    trainee = Trainee.enrol(
        work.new_id(Trainee),
        cohort_id=cohort.id,
        cohort_code=cohort.code,
        name=tidy(name),
        manager=tidy(manager or "") or None,
        **facts,
    )
    work.add(trainee)
    return trainee
