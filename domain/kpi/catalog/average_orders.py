"""Average orders (平均出单数): valid orders inside the windows, leavers' too, per who went live."""

from domain.kpi.kpi import Example, Kpi
from domain.values import Ratio

AVERAGE_ORDERS = Kpi(
    slug="average_orders",
    source=("S25",),
    numerator="valid_orders",
    denominator="went_live",
    unit="per_person",
    direction="higher_is_better",
    population="went_live",
    has_bounds=False,
    example=Example(Ratio(21, 18), "1.16"),
)
