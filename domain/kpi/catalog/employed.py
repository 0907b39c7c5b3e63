"""Employed at the cut-off (在职人数): went live and had not left by the cut-off (S23, T9)."""

from collections.abc import Iterable

from domain.kernel.values import Ratio
from domain.kpi.kpi import Example, Kpi
from domain.kpi.rule import Rule
from domain.kpi.subjects.measure import EMPLOYED as COUNT
from domain.kpi.subjects.newcomer_state import LEFT_BEFORE_CUTOFF, NewcomerState


def _rule(state: NewcomerState) -> Rule:
    return "not_live" if state.window is None else LEFT_BEFORE_CUTOFF


def _events(state: NewcomerState) -> Iterable[int]:
    return (*state.live_events, *state.leaving_events)


EMPLOYED = Kpi(
    slug="employed",
    source=("S23", "S40"),
    numerator=COUNT,
    denominator=None,
    unit="people",
    direction="none",
    population="employed",
    rule=_rule,
    events=_events,
    example=Example(Ratio(15, 1), "15"),
)
