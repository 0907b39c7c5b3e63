"""Trainees: from enrolment to leaving, and back again. People are named by employee number."""

from collections.abc import Collection
from datetime import date
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from msgspec.structs import asdict

from domain.teaching.cohort import Cohort
from domain.trainees.events import SALES
from domain.trainees.trainee import Trainee
from services.kernel import fields
from services.kernel.handler import handler, handler_on
from services.kernel.naming import Naming
from services.kernel.work import Work
from services.people.meant import id_meant
from services.people.names import who
from services.teaching.cohort import COHORTS
from services.trainees.whose import PERSONAL, register, say_again, whose


class EnrolTrainee(msgspec.Struct, frozen=True):
    """Enrols a newcomer in a cohort."""

    cohort: fields.CohortCode
    employee_no: fields.EmployeeNo
    name: fields.PersonName
    entered_on: fields.EntryDay
    post: fields.Post = SALES
    manager: fields.Manager | None = None
    phone: fields.Phone | None = None
    mail: fields.Mail | None = None
    id_number: fields.IdNumber | None = None


class RejoinTrainee(msgspec.Struct, frozen=True):
    """Enrols a former trainee again, who had left."""

    employee_no: fields.EmployeeNo
    cohort: fields.CohortCode
    entered_on: Annotated[
        fields.EntryDay, Meta(description="The day of entering the training again.")
    ]
    manager: Annotated[
        fields.Manager | None, Meta(description="The manager (主管); none if not given.")
    ] = None
    post: Annotated[fields.Post | None, Meta(description="If not given, as before.")] = None
    name: Annotated[fields.PersonName | None, Meta(description="If not given, as before.")] = None
    phone: Annotated[fields.Phone | None, Meta(description="If not given, as before.")] = None
    mail: Annotated[fields.Mail | None, Meta(description="If not given, as before.")] = None
    id_number: Annotated[fields.IdNumber | None, Meta(description="If not given, as before.")] = (
        None
    )


class TransferTrainee(msgspec.Struct, frozen=True):
    """Moves a trainee to another cohort, before the first go-live."""

    employee_no: fields.EmployeeNo
    cohort: Annotated[
        fields.CohortCode, Meta(description="The code of the cohort that is moved to.")
    ]
    on: fields.Day
    reason: fields.Reason


class ChangeManager(msgspec.Struct, frozen=True):
    """Puts a trainee under another manager (主管), or under none."""

    employee_no: fields.EmployeeNo
    on: Annotated[fields.Day, Meta(description="The first day under the new manager.")]
    manager: Annotated[
        fields.Manager | None, Meta(description="The new manager; none if not given.")
    ] = None


class ChangePost(msgspec.Struct, frozen=True):
    """Puts a trainee on another post (岗位)."""

    employee_no: fields.EmployeeNo
    on: Annotated[fields.Day, Meta(description="The first day on the new post.")]
    post: Annotated[fields.Post, Meta(description="The new post.")]


class RecordTrialVerdict(msgspec.Struct, frozen=True):
    """Records the verdict on a trial post (试岗), with written feedback (S28)."""

    employee_no: fields.EmployeeNo
    verdict: fields.TrialVerdict
    on: fields.Day
    feedback: fields.Feedback


class RecordExamResult(msgspec.Struct, frozen=True):
    """Records the result of a written exam (笔试) or of a drill (演练)."""

    employee_no: fields.EmployeeNo
    kind: fields.ExamKind
    passed: fields.Passed
    on: fields.Day
    score: fields.ExamPoints | None = None


class RecordMakeupMissed(msgspec.Struct, frozen=True):
    """Records that a trainee did not come to a makeup (补考): 0 points, which count (S98)."""

    employee_no: fields.EmployeeNo
    kind: fields.ExamKind
    on: fields.Day


class GoLive(msgspec.Struct, frozen=True):
    """Puts a trainee formally on the post (上岗), once the gate is passed."""

    employee_no: fields.EmployeeNo
    on: Annotated[fields.Day, Meta(description="The first day on the post: day 1 of the window.")]


class HoldOffPost(msgspec.Struct, frozen=True):
    """Holds a trainee off the post (停岗) until the next go-live (S36)."""

    employee_no: fields.EmployeeNo
    on: fields.Day
    reason: fields.Reason


class RecordSpotCheck(msgspec.Struct, frozen=True):
    """Records a spot check (抽查) on basics or rules (S37)."""

    employee_no: fields.EmployeeNo
    topic: fields.SpotCheckTopic
    passed: fields.Passed
    on: fields.Day
    feedback: fields.Feedback | None = None


class RecordLeaving(msgspec.Struct, frozen=True):
    """Records that a trainee leaves the company (离职)."""

    employee_no: fields.EmployeeNo
    on: fields.LastDay
    reason: Annotated[fields.Reason, Meta(description="Why; may be blank.")] = ""


class EliminateTrainee(msgspec.Struct, frozen=True):
    """Eliminates a trainee (淘汰), which ends the employment (S36)."""

    employee_no: fields.EmployeeNo
    on: fields.LastDay
    reason: fields.Reason


TRAINEES = Naming(Trainee, "trainee", "employee_no")
"""Of somebody who rejoined, the last enrolment has the number."""


async def enrolment_on(work: Work, trainee: Trainee, day: date) -> Trainee:
    """The enrolment that a day belongs to: of somebody who rejoined perhaps an earlier one."""
    while (rejoins := trainee.employment.enrolled.rejoins) and (
        day < trainee.employment.enrolled.entered_on
    ):
        trainee = await work.load(Trainee, rejoins)
    return trainee


async def enrolments_of(work: Work, last: Trainee) -> list[Trainee]:
    """All enrolments of a person, the last first."""
    found = [last]
    while (rejoins := found[-1].employment.enrolled.rejoins) is not None:
        found.append(await work.load(Trainee, rejoins))
    return found


async def enrolment_meant(work: Work, said: Any) -> Trainee:
    """The enrolment in which the day of a command about a person lies."""
    return await enrolment_on(work, await TRAINEES.named(work, said), said.on)


on_trainee = handler_on(enrolment_meant, "employee_no")


@handler
async def enrol_trainee(work: Work, command: EnrolTrainee) -> str:
    """Registers the person, and enrols them by that."""
    said, trainee_id = asdict(command), work.new_id(Trainee)
    personal = {name: said.pop(name) for name in PERSONAL}
    register(work, trainee_id, command.employee_no, command.entered_on, **personal)
    trainee = await _enrolled(work, trainee_id, **said)
    TRAINEES.claim(work, command.employee_no, trainee.id)
    return trainee.id


@handler
async def rejoin_trainee(work: Work, command: RejoinTrainee) -> str:
    return await rejoin(work, command)


async def rejoin(work: Work, command: RejoinTrainee, lost: Collection[str] = ()) -> str:
    """Enrols a new trainee, that points to the old one and takes the number over. The person is the
    same; on which post they were last, a new stay says anew. lost: contacts that are others now,
    and nobody knows which."""
    old = await TRAINEES.get(work, command.employee_no)
    said = asdict(command)
    personal = {name: said.pop(name) or None for name in PERSONAL}
    said |= {"employee_no": old.employee_no, "rejoins": old.id}
    said["post"] = command.post or old.employment.post_on(date.max)
    personal |= {name: personal[name] or "" for name in lost}
    say_again(await whose(work, old), command.entered_on, **personal)
    trainee = await _enrolled(work, await work.later_id(old.id), **said)
    old.rejoin(on=command.entered_on, as_trainee_id=trainee.id)
    TRAINEES.hand_over(work, old.employee_no, trainee.id)
    return trainee.id


@handler
async def transfer_trainee(work: Work, command: TransferTrainee) -> str:
    trainee = await enrolment_meant(work, command)
    cohort = await COHORTS.get(work, command.cohort)
    trainee.transfer(
        on=command.on, cohort_id=cohort.id, cohort_code=cohort.code, reason=command.reason
    )
    return trainee.id


@handler
async def go_live(work: Work, command: GoLive) -> str:
    """Puts a trainee on the post; whether a trial is asked for is the cohort's policy."""
    trainee = await enrolment_meant(work, command)
    cohort = await work.load(Cohort, trainee.cohort_id)
    trainee.go_live(on=command.on, trial_required=cohort.trial_required)
    return trainee.id


@handler
async def change_manager(work: Work, command: ChangeManager) -> str:
    """Puts a trainee under another manager; one who was joined into another is that one."""
    stay = await enrolment_meant(work, command)
    recorded_id = stay.employment.manager_on(command.on)
    manager_id = await manager_instead(work, command.manager, command.on, recorded_id)
    stay.change_manager(on=command.on, manager_id=manager_id)
    return stay.id


change_post = on_trainee(ChangePost, Trainee.change_post)
record_trial_verdict = on_trainee(RecordTrialVerdict, Trainee.record_trial_verdict)
record_exam_result = on_trainee(RecordExamResult, Trainee.record_exam)
record_makeup_missed = on_trainee(RecordMakeupMissed, Trainee.miss_makeup)
hold_off_post = on_trainee(HoldOffPost, Trainee.hold_off_post)
record_spot_check = on_trainee(RecordSpotCheck, Trainee.record_spot_check)
record_leaving = on_trainee(RecordLeaving, Trainee.leave)
eliminate_trainee = on_trainee(EliminateTrainee, Trainee.eliminate)


async def manager_named(work: Work, said: str | None, on: date) -> str | None:
    """The id of the manager whom a number or a name means, if any is given. on: the day of what
    names them."""
    return await who(work, said, "manager", on) if said else None


async def manager_instead(
    work: Work, said: str | None, on: date, recorded_id: str | None
) -> str | None:
    """The same, but the recorded one's where that was joined into who is meant: it is no other."""
    manager_id = await manager_named(work, said, on)
    return recorded_id if await id_meant(work, recorded_id, "manager") == manager_id else manager_id


async def _enrolled(
    work: Work, trainee_id: str, *, cohort: str, manager: str | None, **facts: Any
) -> Trainee:
    facts["manager_id"] = await manager_named(work, manager, facts["entered_on"])
    batch = await COHORTS.get(work, cohort)
    trainee = Trainee.enrol(trainee_id, cohort_id=batch.id, cohort_code=batch.code, **facts)
    work.add(trainee)
    return trainee
