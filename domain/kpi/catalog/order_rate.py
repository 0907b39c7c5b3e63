"""Order rate (出单率): who ordered inside the window and had not left, of all who went live."""

from collections.abc import Iterable

from domain.kernel.values import Ratio
from domain.kpi.kpi import Bound, Example, Kpi
from domain.kpi.rule import Rule
from domain.kpi.subjects.measure import (
    FLOOR_BASE,
    ORDER_BASE,
    ORDERED,
    ORDERED_FOR_GOOD,
    ORDERED_OR_COULD,
)
from domain.kpi.subjects.newcomer_state import (
    LEFT_BEFORE_CUTOFF,
    NO_ORDER_IN_WINDOW,
    WINDOW_OPEN,
    NewcomerState,
)


def _rule(state: NewcomerState) -> Rule | None:
    if not state.employed:
        return LEFT_BEFORE_CUTOFF
    return WINDOW_OPEN if state.is_open else NO_ORDER_IN_WINDOW


def _events(state: NewcomerState) -> Iterable[int]:
    return (*state.live_events, *state.order_events, *state.leaving_events)


ORDER_RATE = Kpi(
    slug="order_rate",
    source=("S23", "S39", "S40"),
    numerator=ORDERED,
    denominator=ORDER_BASE,
    unit="percent",
    direction="higher_is_better",
    population="went_live",
    floor=Bound(ORDERED_FOR_GOOD, FLOOR_BASE),
    ceiling=Bound(ORDERED_OR_COULD),
    rule=_rule,
    events=_events,
    facts="orders",
    is_headline=True,
    example=Example(Ratio(12, 18), "66.6%"),
)
