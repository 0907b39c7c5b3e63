"""The work of a question is told from the people and evenings alone, and never far too low."""

from datetime import date, timedelta

from hypothesis import given, settings
from msgspec.structs import replace

from domain.kpi.evidence import Basis, Evening
from domain.kpi.group import Keys
from domain.kpi.subject import State
from domain.kpi.subjects.newcomers import NEWCOMERS
from domain.kpi.sweep import sweep
from services.reading.budget import looks_of
from tests.domain.kpi.test_sweep import days, evidence_after, lives, many
from tests.examples import examples
from tests.steps import Step


@settings(max_examples=examples(60))
@given(lives, days, many)
def test_after_any_history_half_of_the_looks_at_people_along_evenings_were_foretold(
    history: list[Step], last: date, reach: timedelta
) -> None:
    looks = 0

    def counted(one: object, evening: Evening) -> tuple[State, Keys] | None:
        nonlocal looks
        looks += 1
        return NEWCOMERS.on(one, evening)

    basis = Basis(evidence_after(history), last)
    evenings = basis.evenings(last - reach)
    list(sweep(replace(NEWCOMERS, on=counted), (), basis, evenings, ()))
    assert len(basis.evidence.newcomers) * looks_of(1, len(evenings)) >= looks / 2
