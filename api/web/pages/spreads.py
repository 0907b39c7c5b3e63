"""How days are spread: the distribution behind a mean, and the curve of the first order.

As in charts.py: options for ECharts, with the numbers beside them for the table.
"""

from fractions import Fraction
from itertools import pairwise
from typing import Any

from msgspec import Struct

from api.web.kit.charts import category_axis, frame, value_axis
from api.web.kit.wording import Wording
from domain.kernel.values import Ratio
from domain.kpi.catalog.orders import DAYS_TO_FIRST_ORDER
from domain.kpi.evidence import Basis
from domain.kpi.kpi import Kpi
from domain.kpi.statistics.curve import Curve, Point, curve_of
from domain.kpi.statistics.distribution import Distribution, distribution_of

HALF = Ratio(1, 2)


class Spread(Struct, frozen=True):
    """A distribution to look at. chart: an ECharts option."""

    distribution: Distribution
    median: int | None
    chart: dict[str, Any]


class FirstOrders(Struct, frozen=True):
    """The curve to look at. chart: an ECharts option."""

    curve: Curve
    chart: dict[str, Any]


def spread(kpi: Kpi, basis: Basis, wording: Wording) -> Spread | None:
    """The distribution behind a mean; None where the figure is no mean, or of nothing."""
    found = distribution_of(kpi, basis)
    if not found.people:
        return None
    days = range(min(found.counts), max(found.counts) + 1)
    bars = [
        {
            "value": found.counts.get(day, 0),
            "tip": wording.t("spread.tip", day=day, count=found.counts.get(day, 0)),
            "itemStyle": {"color": "var(--chart-average-orders)", "borderRadius": [2, 2, 0, 0]},
        }
        for day in days
    ]
    option = frame(category_axis([str(day) for day in days]), value_axis("people"))
    option["series"] = [{"type": "bar", "data": bars, "barMaxWidth": 34}]
    return Spread(found, found.quantile(HALF), option)


def first_order_curve(kpi: Kpi, basis: Basis, wording: Wording) -> FirstOrders | None:
    """The incidence of first orders, with leaving as the competing risk; None for other figures."""
    if kpi != DAYS_TO_FIRST_ORDER:
        return None
    found = curve_of(basis)
    if not found.points:
        return None
    last = found.points[-1].day
    shares = _by_day(found, last)
    option = frame(category_axis([str(day) for day in range(1, last + 1)]), value_axis("percent"))
    option["series"] = [
        _area("ordered", [share for share, _ in shares], "var(--chart-order-rate)", wording),
        _area("left", [share for _, share in shares], "var(--chart-left)", wording),
    ]
    return FirstOrders(found, option)


def _by_day(found: Curve, last: int) -> list[tuple[Fraction, Fraction]]:
    """The two incidences by the evening of each day."""
    start = Point(1, found.people, 0, 0, Fraction(0), Fraction(0))
    end = Point(last + 1, 0, 0, 0, Fraction(0), Fraction(0))
    return [
        (point.incidence_of_order, point.incidence_of_leaving)
        for point, following in pairwise([start, *found.points, end])
        for _ in range(point.day, following.day)
    ]


def _area(outcome: str, shares: list[Fraction], colour: str, wording: Wording) -> dict[str, Any]:
    return {
        "type": "line",
        "step": "end",
        "stack": "all",
        "symbolSize": 7,
        "showAllSymbol": True,
        "lineStyle": {"color": colour, "width": 2},
        "itemStyle": {"color": colour, "opacity": 0.01},
        "emphasis": {"itemStyle": {"opacity": 1}},
        "areaStyle": {"color": colour, "opacity": 0.25},
        "data": [
            {
                "value": round(float(share) * 100, 2),
                "tip": wording.t(f"curve.tip.{outcome}", day=day, share=wording.share(share)),
            }
            for day, share in enumerate(shares, start=1)
        ],
    }
