"""Went live (上岗人数): passed the gate and formally took the post; leavers stay in, always."""

from domain.kernel.values import Ratio
from domain.kpi.kpi import Example, Kpi
from domain.kpi.subjects.measure import WENT_LIVE as COUNT

WENT_LIVE = Kpi(
    slug="went_live",
    source=("S23", "S40"),
    numerator=COUNT,
    denominator=None,
    unit="people",
    direction="none",
    population="went_live",
    rule=lambda _: "not_live",
    events=lambda state: state.live_events,
    example=Example(Ratio(18, 1), "18"),
)
