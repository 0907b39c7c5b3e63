"""What is corrected of batches, as named steps: see tests/situation.py."""

from datetime import date

from services.teaching.cohort import (
    CorrectCohortOpening,
    CorrectHandover,
    WithdrawCohortOpening,
    WithdrawHandover,
)
from tests.situation import MISTAKEN
from tests.steps import Commands, step


@step
def batch_corrected(
    code: str,
    *,
    on: date | None = None,
    name: str | None = None,
    trial_required: bool | None = None,
    training_manager: str | None = None,
) -> Commands:
    yield CorrectCohortOpening(
        cohort=code,
        name=name,
        opened_on=on,
        trial_required=trial_required,
        training_manager=training_manager,
        reason=MISTAKEN,
    )


@step
def batch_withdrawn(code: str) -> Commands:
    yield WithdrawCohortOpening(cohort=code, reason=MISTAKEN)


@step
def handover_corrected(code: str, *, was_on: date, to: str, on: date) -> Commands:
    yield CorrectHandover(cohort=code, training_manager=to, on=on, was_on=was_on, reason=MISTAKEN)


@step
def handover_withdrawn(code: str, *, was_on: date) -> Commands:
    yield WithdrawHandover(cohort=code, was_on=was_on, reason=MISTAKEN)
