"""Batches: opening one, and who answers for it."""

from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta
from msgspec.structs import asdict

from domain.kernel.aggregate import Aggregate
from domain.kernel.errors import Refusal
from domain.teaching.cohort import Cohort
from domain.teaching.session import Session
from domain.trainees.trainee import Trainee
from services.kernel import fields
from services.kernel.handler import handler, handler_on
from services.kernel.naming import Naming
from services.kernel.work import Work


class OpenCohort(msgspec.Struct, frozen=True):
    """Opens a cohort (批次): newcomers who are trained together."""

    code: fields.CohortCode
    name: fields.Title
    opened_on: Annotated[
        fields.PlannedDay,
        fields.MOSTLY_TODAY,
        Meta(description="The day on which the class opened (开班)."),
    ]
    trial_required: Annotated[
        bool, Meta(description="Whether its members go live only after a passed trial post.")
    ] = False
    training_manager: fields.TrainingManager | None = None


class HandOverCohort(msgspec.Struct, frozen=True):
    """Hands a cohort over to another training manager (班主任), who answers for it (S14)."""

    cohort: fields.CohortCode
    training_manager: fields.TrainingManager
    on: Annotated[fields.Day, Meta(description="The first day under the new training manager.")]


class CorrectCohortOpening(fields.Amending, frozen=True, kw_only=True):
    """Corrects the opening of a cohort that had been typed wrong; its code stays."""

    cohort: fields.CohortCode
    name: fields.Stays[fields.Title] = None
    opened_on: fields.Stays[fields.PlannedDay] = None
    trial_required: fields.Stays[bool] = None
    training_manager: fields.StaysOrNone[fields.TrainingManager] = None
    reason: fields.ReasonOfNobody


class WithdrawCohortOpening(fields.Amending, frozen=True):
    """Withdraws the opening of a cohort that was recorded by mistake; nothing may be in it."""

    cohort: fields.CohortCode
    reason: fields.ReasonOfNobody


class CorrectHandover(HandOverCohort, fields.Amending, frozen=True):
    """Corrects a handover of a cohort that had been typed wrong; says all of it again."""

    reason: fields.ReasonOfNobody
    fact: fields.FactId | None = None
    was_on: fields.RecordedDay | None = None


class WithdrawHandover(fields.Amending, frozen=True):
    """Withdraws a handover of a cohort that was recorded by mistake."""

    cohort: fields.CohortCode
    reason: fields.ReasonOfNobody
    fact: fields.FactId | None = None
    was_on: fields.RecordedDay | None = None


COHORTS = Naming(Cohort, "cohort")


@handler
async def open_cohort(work: Work, command: OpenCohort) -> str:
    cohort = Cohort.open(work.new_id(Cohort), **asdict(command))
    COHORTS.claim(work, command.code, cohort.id)
    return work.add(cohort)


on_cohort = handler_on(COHORTS.named, "cohort")
correct_cohort_opening = on_cohort(CorrectCohortOpening, Cohort.correct_opening)


@handler
async def withdraw_cohort_opening(work: Work, command: WithdrawCohortOpening) -> str:
    """Withdraws an opening, which frees the code. Refuses `cohort_has_trainees`,
    `cohort_has_classes`."""
    cohort = await COHORTS.named(work, command)
    named_by = await work.naming("cohort_id", cohort.id)
    if classes := _of(Session, named_by):
        first = await work.load(Session, classes[0])
        raise _used("cohort_has_classes", cohort, len(classes), session=first.code)
    if people := _of(Trainee, named_by):
        trainee = await work.load(Trainee, people[0])
        raise _used("cohort_has_trainees", cohort, len(people), employee_no=trainee.employee_no)
    cohort.withdraw_opening(reason=command.reason)
    await COHORTS.release(work, cohort.code, cohort.id)
    return cohort.id


def _of(kind: type[Aggregate], stream_ids: Sequence[str]) -> list[str]:
    return [one for one in stream_ids if one.startswith(f"{kind.TOPIC}-")]


def _used(code: str, cohort: Cohort, count: int, **first: str) -> Refusal:
    return Refusal(code, field="cohort", code=cohort.code, count=count, **first)


hand_over_cohort = on_cohort(HandOverCohort, Cohort.hand_over)
correct_handover = on_cohort(CorrectHandover, Cohort.correct_handover)
withdraw_handover = on_cohort(WithdrawHandover, Cohort.withdraw_handover)
