"""Order rate (出单率): who ordered inside the window and had not left, of all who went live."""

from domain.kpi.kpi import Example, Kpi
from domain.values import Ratio

ORDER_RATE = Kpi(
    slug="order_rate",
    source=("S23", "S39", "S40"),
    numerator="ordered",
    denominator="went_live",
    unit="percent",
    direction="higher_is_better",
    population="went_live",
    has_bounds=True,
    example=Example(Ratio(12, 18), "66.6%"),
)
