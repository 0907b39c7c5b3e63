"""Employed at the cut-off (在职人数): went live and had not left by the cut-off (S23, T9)."""

from collections.abc import Iterable

from domain.kernel.values import Ratio
from domain.kpi.kpi import Example, Kpi
from domain.kpi.subjects.measure import EMPLOYED as COUNT
from domain.kpi.subjects.standing import LEFT_BEFORE_CUTOFF, Standing


def _rule(standing: Standing) -> str:
    return "not_live" if standing.window is None else LEFT_BEFORE_CUTOFF


def _events(standing: Standing) -> Iterable[int]:
    return (*standing.live_events, *standing.leaving_events)


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
