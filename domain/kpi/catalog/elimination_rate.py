"""Elimination rate (淘汰率): who was eliminated by the day, of all who entered (S36)."""

from domain.kernel.values import Ratio
from domain.kpi.kpi import Example, Kpi
from domain.kpi.subjects.measure import ENTERED, Measure

ELIMINATION_RATE = Kpi(
    slug="elimination_rate",
    source=("S36",),
    numerator=Measure("eliminated", lambda s: int(s.newcomer.eliminated and s.has_left)),
    denominator=ENTERED,
    unit="percent",
    direction="lower_is_better",
    population="entered",
    rule=lambda _: "not_eliminated",
    events=lambda state: state.leaving_events,
    example=Example(Ratio(1, 20), "5.0%"),
)
