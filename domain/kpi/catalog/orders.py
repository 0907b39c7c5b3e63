"""KPIs of orders inside the window: how many sold, how much, and how soon (S23, S25, S39, S43)."""

from collections.abc import Iterable
from typing import Any

from domain.kpi.kpi import Bound, Kpi
from domain.kpi.rule import Rule
from domain.kpi.subjects.measure import (
    FLOOR_BASE,
    ORDER_BASE,
    ORDERED,
    ORDERED_FOR_GOOD,
    ORDERED_OR_COULD,
    VALID_ORDERS,
    Measure,
)
from domain.kpi.subjects.newcomer_state import LEAVING, ORDERING, NewcomerState, events_of
from domain.trainees.events import WentLive

WEEK = 7
"""Days since the go-live, itself day 1."""


def _no_order(state: NewcomerState) -> Rule:
    return "window_open" if state.is_open else "no_order_in_window"


def _first_day(state: NewcomerState) -> Iterable[int]:
    return (min(state.order_days),) if state.orders else ()


def _events(state: NewcomerState) -> Iterable[int]:
    return (*state.live_events, *events_of(*state.orders))


def _withdrawn(state: NewcomerState) -> Iterable[int]:
    return state.withdrawn(WentLive, *ORDERING)


_OF_ORDERS: dict[str, Any] = {"events": _events, "withdrawn": _withdrawn, "facts": "orders"}

ORDER_RATE = Kpi(
    slug="order_rate",
    source=("S23", "S39", "S40"),
    numerator=ORDERED,
    denominator=ORDER_BASE,
    population="went_live",
    floor=Bound(ORDERED_FOR_GOOD, FLOOR_BASE),
    ceiling=Bound(ORDERED_OR_COULD),
    rule=lambda s: _no_order(s) if s.employed else "left_before_cutoff",
    events=lambda s: (*_events(s), *s.leaving_events),
    withdrawn=lambda s: (*_withdrawn(s), *s.withdrawn(*LEAVING)),
    facts="orders",
    is_headline=True,
)
"""Order rate (出单率): who ordered inside the window and had not left, of all who went live."""

AVERAGE_ORDERS = Kpi(
    slug="average_orders",
    source=("S25",),
    numerator=VALID_ORDERS,
    denominator=ORDER_BASE,
    unit="per_person",
    population="went_live",
    floor=Bound(VALID_ORDERS),
    rule=_no_order,
    **_OF_ORDERS,
    is_headline=True,
)
"""Average orders (平均出单数): valid orders inside the windows, leavers' too, per who went live."""

DAYS_TO_FIRST_ORDER = Kpi(
    slug="days_to_first_order",
    source=("S39", "S43"),
    numerator=Measure("days_to_first_order", lambda s: sum(_first_day(s))),
    denominator=Measure("with_an_order", lambda s: min(1, len(s.orders))),
    unit="days",
    direction="lower_is_better",
    population="ordered",
    **_OF_ORDERS,
    values=_first_day,
)
"""Days to the first order (首单天数) of those with one, the go-live being day 1.

The mean forgets who never ordered: the curve beside it (domain/kpi/statistics/curve.py) does not.
"""

ORDERS_BY_DAY = Kpi(
    slug="orders_by_day",
    source=("S39", "S43"),
    numerator=Measure("days_of_orders", lambda s: sum(s.order_days)),
    denominator=VALID_ORDERS,
    unit="days",
    direction="lower_is_better",
    population="ordered",
    **_OF_ORDERS,
    values=lambda s: s.order_days,
)
"""Orders by day since the go-live (上岗后逐日出单): the mean day of an order, and their spread."""

ORDERS_IN_FIRST_WEEK = Kpi(
    slug="orders_in_first_week",
    source=("S39", "S43"),
    numerator=Measure("orders_in_first_week", lambda s: sum(day <= WEEK for day in s.order_days)),
    denominator=VALID_ORDERS,
    population="ordered",
    rule=lambda _: "ordered_after_first_week",
    **_OF_ORDERS,
)
"""Orders in the first week (首周出单占比): closed by day 7, of all valid orders (S39)."""
