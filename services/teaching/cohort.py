"""Batches: opening one, and who answers for it."""

from typing import Annotated

import msgspec
from msgspec import Meta
from msgspec.structs import asdict

from domain.teaching.cohort import Cohort
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


COHORTS = Naming(Cohort, "cohort")


@handler
async def open_cohort(work: Work, command: OpenCohort) -> str:
    await COHORTS.require_unlike(work, command.code)
    cohort = Cohort.open(work.new_id(Cohort), **asdict(command))
    COHORTS.claim(work, command.code, cohort.id)
    return work.add(cohort)


hand_over_cohort = handler_on(COHORTS.named, "cohort")(HandOverCohort, Cohort.hand_over)
