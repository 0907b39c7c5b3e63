"""Orders in the first week (首周出单占比): closed by day 7, of all valid orders (S39)."""

from collections.abc import Iterable

from domain.kernel.values import Ratio
from domain.kpi.kpi import Example, Kpi
from domain.kpi.subjects.measure import VALID_ORDERS, Measure
from domain.kpi.subjects.newcomer_state import NewcomerState

WEEK = 7
"""Days since the go-live, itself day 1."""


def _in_first_week(state: NewcomerState) -> int:
    return sum(day <= WEEK for day in state.order_days)


def _events(state: NewcomerState) -> Iterable[int]:
    return (*state.live_events, *state.order_events)


ORDERS_IN_FIRST_WEEK = Kpi(
    slug="orders_in_first_week",
    source=("S39", "S43"),
    numerator=Measure("orders_in_first_week", _in_first_week),
    denominator=VALID_ORDERS,
    unit="percent",
    direction="higher_is_better",
    population="ordered",
    rule=lambda _: "ordered_after_first_week",
    events=_events,
    facts="orders",
    example=Example(Ratio(21, 21), "100.0%"),
)
