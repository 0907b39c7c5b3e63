"""Days to the first order (首单天数) of those with one, the go-live being day 1.

The mean forgets who never ordered: the curve beside it (domain/kpi/statistics/curve.py) does not.
"""

from collections.abc import Iterable

from domain.kernel.values import Ratio
from domain.kpi.kpi import Example, Kpi
from domain.kpi.subjects.measure import Measure
from domain.kpi.subjects.newcomer_state import NewcomerState


def _days(state: NewcomerState) -> Iterable[int]:
    return (min(state.order_days),) if state.orders else ()


DAYS_TO_FIRST_ORDER = Kpi(
    slug="days_to_first_order",
    source=("S39", "S43"),
    numerator=Measure("days_to_first_order", lambda s: sum(_days(s))),
    denominator=Measure("with_an_order", lambda s: min(1, len(s.orders))),
    unit="days",
    direction="lower_is_better",
    population="ordered",
    events=lambda state: (*state.live_events, *state.order_events),
    facts="orders",
    values=_days,
    example=Example(Ratio(39, 13), "3.0"),
)
