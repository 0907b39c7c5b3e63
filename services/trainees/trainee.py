"""Trainees: from enrolment to leaving, and back again. People are named by employee number."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from domain.kernel.errors import NotFoundError, Refusal, TakenError
from domain.kernel.values import number_key, tidy
from domain.teaching.cohort import Cohort
from domain.trainees.events import SALES
from domain.trainees.trainee import Trainee
from services.kernel.fields import (
    CohortCode,
    Day,
    EmployeeNo,
    ExamKind,
    Feedback,
    IdNumber,
    LastDay,
    Mail,
    Manager,
    Passed,
    PersonName,
    Phone,
    Post,
    Reason,
    Score,
    SpotCheckTopic,
    Verdict,
)
from services.kernel.handler import handler, handler_on
from services.kernel.work import Work
from services.teaching.cohort import cohort_by_code

EMPLOYEE_NO = "employee_no"


class EnrolTrainee(msgspec.Struct, frozen=True):
    """Enrols a newcomer in a cohort."""

    cohort: CohortCode
    employee_no: EmployeeNo
    name: PersonName
    entered_on: Annotated[Day, Meta(description="The day of entering the training.")]
    post: Post = SALES
    manager: Manager | None = None
    phone: Phone | None = None
    mail: Mail | None = None
    id_number: IdNumber | None = None


class RejoinTrainee(msgspec.Struct, frozen=True):
    """Enrols somebody again who had left.

    What is not given stays as it was, but for the manager.
    """

    employee_no: EmployeeNo
    cohort: CohortCode
    entered_on: Annotated[Day, Meta(description="The day of entering the training again.")]
    manager: Annotated[
        Manager | None, Meta(description="The manager (主管); none if not given.")
    ] = None
    post: Annotated[Post | None, Meta(description="If not given, as before.")] = None
    name: Annotated[PersonName | None, Meta(description="If not given, as before.")] = None
    phone: Annotated[Phone | None, Meta(description="If not given, as before.")] = None
    mail: Annotated[Mail | None, Meta(description="If not given, as before.")] = None
    id_number: Annotated[IdNumber | None, Meta(description="If not given, as before.")] = None


class TransferTrainee(msgspec.Struct, frozen=True):
    """Moves a trainee to another cohort, before the first go-live."""

    employee_no: EmployeeNo
    cohort: Annotated[CohortCode, Meta(description="The code of the cohort that is moved to.")]
    on: Day
    reason: Reason


class ChangeManager(msgspec.Struct, frozen=True):
    """Puts a trainee under another manager (主管), or under none."""

    employee_no: EmployeeNo
    on: Annotated[Day, Meta(description="The first day under the new manager.")]
    manager: Annotated[Manager | None, Meta(description="The new manager; none if not given.")] = (
        None
    )


class RecordTrialVerdict(msgspec.Struct, frozen=True):
    """Records the verdict on a trial post (试岗), with written feedback (S28)."""

    employee_no: EmployeeNo
    verdict: Verdict
    on: Day
    feedback: Feedback


class RecordExamResult(msgspec.Struct, frozen=True):
    """Records the result of a written exam (笔试) or of a drill (演练)."""

    employee_no: EmployeeNo
    kind: ExamKind
    passed: Passed
    on: Day
    score: Score | None = None


class RecordMakeupMissed(msgspec.Struct, frozen=True):
    """Records that somebody did not come to a makeup (补考): 0 points, which count (S98)."""

    employee_no: EmployeeNo
    kind: ExamKind
    on: Day


class GoLive(msgspec.Struct, frozen=True):
    """Puts a trainee formally on the post (上岗), once the gate is passed."""

    employee_no: EmployeeNo
    on: Annotated[Day, Meta(description="The first day on the post: day 1 of the window.")]


class HoldOffPost(msgspec.Struct, frozen=True):
    """Holds a trainee off the post (停岗) until the next go-live (S36)."""

    employee_no: EmployeeNo
    on: Day
    reason: Reason


class RecordSpotCheck(msgspec.Struct, frozen=True):
    """Records a spot check (抽查) on basics or rules (S37)."""

    employee_no: EmployeeNo
    topic: SpotCheckTopic
    passed: Passed
    on: Day
    feedback: Feedback | None = None


class RecordLeaving(msgspec.Struct, frozen=True):
    """Records that somebody leaves the company (离职)."""

    employee_no: EmployeeNo
    on: LastDay
    reason: Annotated[Reason, Meta(description="Why; may be blank.")]


class EliminateTrainee(msgspec.Struct, frozen=True):
    """Eliminates a trainee (淘汰), which ends the employment (S36)."""

    employee_no: EmployeeNo
    on: LastDay
    reason: Reason


async def find_trainee(work: Work, employee_no: str) -> Trainee | None:
    """The trainee with the number; of somebody who rejoined, the last enrolment."""
    return await work.find(Trainee, EMPLOYEE_NO, number_key(employee_no))


async def trainee_by_number(work: Work, employee_no: str) -> Trainee:
    """As find_trainee. Raises NotFoundError `trainee_unknown`."""
    trainee = await find_trainee(work, employee_no)
    if trainee is None:
        raise NotFoundError("trainee_unknown", field="employee_no", employee_no=tidy(employee_no))
    return trainee


on_trainee = handler_on(lambda work, command: trainee_by_number(work, command.employee_no))
"""Makes a handler of what one trainee decides, which the command names by its number."""


@handler
async def enrol_trainee(work: Work, command: EnrolTrainee) -> str:
    """Refuses `employee_no_missing`, `name_missing`, `employee_no_taken`, `cohort_unknown`."""
    employee_no = tidy(command.employee_no)
    if not employee_no:
        raise Refusal("employee_no_missing", field="employee_no")

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
    taken = TakenError("employee_no_taken", field="employee_no", employee_no=employee_no)
    work.claim(EMPLOYEE_NO, key, trainee.id, taken)
    return trainee.id


@handler
async def rejoin_trainee(work: Work, command: RejoinTrainee) -> str:
    """A new trainee that points to the old one and takes the number over.

    Answers the new one's stream id. Refuses `name_missing`, `cohort_unknown`, and what the old one
    does: `not_left`, `rejoins_before_leaving`.
    """
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
    work.hand_over(EMPLOYEE_NO, number_key(was.employee_no), trainee.id)
    return trainee.id


@handler
async def transfer_trainee(work: Work, command: TransferTrainee) -> str:
    trainee = await trainee_by_number(work, command.employee_no)
    cohort = await cohort_by_code(work, command.cohort)
    trainee.transfer(
        on=command.on, cohort_id=cohort.id, cohort_code=cohort.code, reason=command.reason.strip()
    )
    return trainee.id


@on_trainee
def change_manager(trainee: Trainee, command: ChangeManager) -> None:
    trainee.change_manager(on=command.on, manager=tidy(command.manager or "") or None)


@on_trainee
def record_trial_verdict(trainee: Trainee, command: RecordTrialVerdict) -> None:
    trainee.record_trial_verdict(
        passed=command.verdict == "passed", on=command.on, feedback=command.feedback.strip()
    )


@on_trainee
def record_exam_result(trainee: Trainee, command: RecordExamResult) -> None:
    record = trainee.record_written_exam if command.kind == "written" else trainee.record_drill
    record(passed=command.passed, on=command.on, score=command.score)


@on_trainee
def record_makeup_missed(trainee: Trainee, command: RecordMakeupMissed) -> None:
    trainee.miss_makeup(kind=command.kind, on=command.on)


@handler
async def go_live(work: Work, command: GoLive) -> str:
    """The gate is the domain's; whether a trial is asked for is the cohort's policy."""
    trainee = await trainee_by_number(work, command.employee_no)
    cohort = await work.load(Cohort, trainee.cohort_id)
    trainee.go_live(on=command.on, trial_required=cohort.trial_required)
    return trainee.id


@on_trainee
def hold_off_post(trainee: Trainee, command: HoldOffPost) -> None:
    trainee.hold_off_post(on=command.on, reason=command.reason.strip())


@on_trainee
def record_spot_check(trainee: Trainee, command: RecordSpotCheck) -> None:
    trainee.record_spot_check(
        on=command.on,
        topic=command.topic,
        passed=command.passed,
        feedback=(command.feedback or "").strip() or None,
    )


@on_trainee
def record_leaving(trainee: Trainee, command: RecordLeaving) -> None:
    trainee.leave(on=command.on, reason=command.reason.strip())


@on_trainee
def eliminate_trainee(trainee: Trainee, command: EliminateTrainee) -> None:
    trainee.eliminate(on=command.on, reason=command.reason.strip())


async def _enrolled(
    work: Work, cohort_code: str, *, name: str, manager: str | None, **facts: Any
) -> Trainee:
    if not tidy(name):
        raise Refusal("name_missing", field="name")
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
