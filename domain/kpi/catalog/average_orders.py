"""Average orders (平均出单数): valid orders inside the windows, leavers' too, per who went live."""

from collections.abc import Iterable

from domain.kernel.values import Ratio
from domain.kpi.kpi import Bound, Example, Kpi
from domain.kpi.rule import Rule
from domain.kpi.subjects.measure import ORDER_BASE, VALID_ORDERS
from domain.kpi.subjects.newcomer_state import NO_ORDER_IN_WINDOW, WINDOW_OPEN, NewcomerState


def _rule(state: NewcomerState) -> Rule:
    return WINDOW_OPEN if state.is_open else NO_ORDER_IN_WINDOW


def _events(state: NewcomerState) -> Iterable[int]:
    return (*state.live_events, *state.order_events)


AVERAGE_ORDERS = Kpi(
    slug="average_orders",
    source=("S25",),
    numerator=VALID_ORDERS,
    denominator=ORDER_BASE,
    unit="per_person",
    direction="higher_is_better",
    population="went_live",
    floor=Bound(VALID_ORDERS),
    rule=_rule,
    events=_events,
    facts="orders",
    is_headline=True,
    example=Example(Ratio(21, 18), "1.16"),
)
