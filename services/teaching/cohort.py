"""Batches: opening one, and who answers for it."""

from typing import Annotated

import msgspec
from msgspec import Meta

from domain.kernel.errors import NotFoundError, Refusal, TakenError
from domain.kernel.values import number_key, tidy
from domain.teaching.cohort import Cohort
from services.kernel.fields import CohortCode, Day, PlannedDay, Title, TrainingManager
from services.kernel.handler import handler
from services.kernel.work import Work

CODE = "cohort_code"


class OpenCohort(msgspec.Struct, frozen=True):
    """Opens a cohort (批次): newcomers who are trained together."""

    code: CohortCode
    name: Title
    opened_on: Annotated[PlannedDay, Meta(description="The day on which the class opened (开班).")]
    trial_required: Annotated[
        bool, Meta(description="Whether its members go live only after a passed trial post.")
    ] = False
    training_manager: TrainingManager | None = None


class HandOverCohort(msgspec.Struct, frozen=True):
    """Hands a cohort over to another training manager (班主任), who answers for it (S14)."""

    cohort: CohortCode
    training_manager: TrainingManager
    on: Annotated[Day, Meta(description="The first day under the new training manager.")]


@handler
async def open_cohort(work: Work, command: OpenCohort) -> str:
    """Answers the cohort's stream id.

    Refuses `code_missing`, `name_missing`, `cohort_code_taken`.
    """
    code, name = tidy(command.code), tidy(command.name)
    if not code:
        raise Refusal("code_missing", field="code")
    if not name:
        raise Refusal("name_missing", field="name")

    cohort = Cohort.open(
        work.new_id(Cohort),
        code=code,
        name=name,
        opened_on=command.opened_on,
        trial_required=command.trial_required,
        training_manager=tidy(command.training_manager or "") or None,
    )
    work.add(cohort)
    taken = TakenError("cohort_code_taken", field="code", code=code)
    work.claim(CODE, number_key(code), cohort.id, taken)
    return cohort.id


@handler
async def hand_over_cohort(work: Work, command: HandOverCohort) -> str:
    """Refuses `training_manager_missing`, `cohort_unknown`."""
    training_manager = tidy(command.training_manager)
    if not training_manager:
        raise Refusal("training_manager_missing", field="training_manager")
    cohort = await cohort_by_code(work, command.cohort)
    cohort.hand_over(on=command.on, training_manager=training_manager)
    return cohort.id


async def cohort_by_code(work: Work, code: str) -> Cohort:
    """Raises NotFoundError `cohort_unknown`."""
    cohort = await work.find(Cohort, CODE, number_key(code))
    if cohort is None:
        raise NotFoundError("cohort_unknown", field="cohort", code=tidy(code))
    return cohort
