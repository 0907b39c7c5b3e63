"""Batches: opening one."""

from datetime import date

import msgspec

from domain.cohort import Cohort
from domain.errors import NotFoundError, Refusal, TakenError
from domain.values import number_key, tidy
from services.work import Work

CODE = "cohort_code"


class OpenCohort(msgspec.Struct, frozen=True):
    """A new batch. `trial_required`: its members go live only after a passed trial."""

    code: str
    name: str
    opened_on: date
    trial_required: bool = False


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
    )
    work.add(cohort)
    work.claim(CODE, number_key(code), cohort.id, taken)
    return cohort.id


async def cohort_by_code(work: Work, code: str) -> Cohort:
    """Raises NotFoundError `cohort_unknown`."""
    cohort = await work.find(Cohort, CODE, number_key(code))
    if cohort is None:
        raise NotFoundError("cohort_unknown", code=tidy(code))
    return cohort
