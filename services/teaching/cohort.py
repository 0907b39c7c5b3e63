"""Batches: opening one, and who answers for it."""

from datetime import date

import msgspec

from domain.kernel.errors import NotFoundError, Refusal, TakenError
from domain.kernel.values import number_key, tidy
from domain.teaching.cohort import Cohort
from services.kernel.work import Work

CODE = "cohort_code"


class OpenCohort(msgspec.Struct, frozen=True):
    """A new batch. `trial_required`: its members go live only after a passed trial."""

    code: str
    name: str
    opened_on: date
    trial_required: bool = False
    training_manager: str | None = None


class HandOverCohort(msgspec.Struct, frozen=True):
    """`cohort` is a code; `training_manager` the name of who answers for the batch from now on."""

    cohort: str
    training_manager: str
    on: date


async def open_cohort(work: Work, command: OpenCohort) -> str:
    """Answers the cohort's stream id.

    Refuses `code_missing`, `name_missing`, `cohort_code_taken`.
    """
    code, name = tidy(command.code), tidy(command.name)
    if not code:
        raise Refusal("code_missing")
    if not name:
        raise Refusal("name_missing")

    def taken() -> Refusal:
        return TakenError("cohort_code_taken", code=code)

    cohort = Cohort.open(
        work.new_id(Cohort),
        code=code,
        name=name,
        opened_on=command.opened_on,
        trial_required=command.trial_required,
        training_manager=tidy(command.training_manager or "") or None,
    )
    work.add(cohort)
    work.claim(CODE, number_key(code), cohort.id, taken)
    return cohort.id


async def hand_over_cohort(work: Work, command: HandOverCohort) -> str:
    """Refuses `training_manager_missing`, `cohort_unknown`."""
    training_manager = tidy(command.training_manager)
    if not training_manager:
        raise Refusal("training_manager_missing")
    work.require_past(command.on)
    cohort = await cohort_by_code(work, command.cohort)
    cohort.hand_over(on=command.on, training_manager=training_manager)
    return cohort.id


async def cohort_by_code(work: Work, code: str) -> Cohort:
    """Raises NotFoundError `cohort_unknown`."""
    cohort = await work.find(Cohort, CODE, number_key(code))
    if cohort is None:
        raise NotFoundError("cohort_unknown", code=tidy(code))
    return cohort
