"""Orders by day since the go-live (上岗后逐日出单): the mean day of an order, and their spread."""

from domain.kernel.values import Ratio
from domain.kpi.kpi import Example, Kpi
from domain.kpi.subjects.measure import VALID_ORDERS, Measure

ORDERS_BY_DAY = Kpi(
    slug="orders_by_day",
    source=("S39", "S43"),
    numerator=Measure("days_of_orders", lambda s: sum(s.order_days)),
    denominator=VALID_ORDERS,
    unit="days",
    direction="lower_is_better",
    population="ordered",
    events=lambda state: (*state.live_events, *state.order_events),
    facts="orders",
    values=lambda state: state.order_days,
    example=Example(Ratio(71, 21), "3.3"),
)
