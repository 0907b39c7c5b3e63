"""Batches: opening one, and who answers for it."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Annotated

import msgspec
from msgspec import Meta
from msgspec.structs import asdict

from domain.kernel.aggregate import Aggregate
from domain.kernel.errors import Refusal
from domain.kernel.values import required
from domain.teaching.cohort import Cohort
from domain.teaching.session import Session
from domain.trainees.trainee import Trainee
from services.kernel import fields
from services.kernel.handler import handler, handler_on
from services.kernel.naming import Naming
from services.kernel.work import Work
from services.people.names import who


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
    said = asdict(command)
    name, on = said.pop("training_manager"), command.opened_on
    said["training_manager_id"] = await _answering(work, name, on)
    cohort = Cohort.open(work.new_id(Cohort), **said)
    COHORTS.claim(work, command.code, cohort.id)
    return work.add(cohort)


@handler
async def hand_over_cohort(work: Work, command: HandOverCohort) -> str:
    return await _handed_over(work, command, Cohort.hand_over)


@handler
async def correct_handover(work: Work, command: CorrectHandover) -> str:
    return await _handed_over(work, command, Cohort.correct_handover)


@handler
async def correct_cohort_opening(work: Work, command: CorrectCohortOpening) -> str:
    said = asdict(command)
    name, cohort = said.pop("training_manager"), await COHORTS.get(work, said.pop("cohort"))
    on = command.opened_on or cohort.opening.opened_on
    said["training_manager_id"] = await _answering(work, name, on)
    cohort.correct_opening(**said)
    return cohort.id


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


async def _handed_over(work: Work, command: HandOverCohort, decide: Callable[..., None]) -> str:
    """Has a batch handed over, or a handover corrected."""
    said = asdict(command)
    name = required(said.pop("training_manager"), "training_manager")
    said["training_manager_id"] = await who(work, name, "training_manager", command.on)
    cohort = await COHORTS.get(work, said.pop("cohort"))
    decide(cohort, **said)
    return cohort.id


async def _answering(work: Work, name: str | None, on: date) -> str | None:
    """The id of who answers for a batch from its opening on; None and a blank stay as they are."""
    return await who(work, name, "training_manager", on) if name else name


on_cohort = handler_on(COHORTS.named, "cohort")
withdraw_handover = on_cohort(WithdrawHandover, Cohort.withdraw_handover)
