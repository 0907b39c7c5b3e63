"""A KPI's chart as data: the ECharts option that `static/charts.js` draws.

Colours are names of CSS variables (`var(--…)`), resolved in the browser, so that light and dark
follow the page. A provisional figure is hatched, and a whisker goes from its floor to its ceiling.
Bars are drawn at the printed precision; the exact fraction is in the table below.
"""

from collections.abc import Sequence
from typing import Any

from api.web.kit.wording import Wording
from api.web.pages.board_view import GroupLine
from domain.kernel.values import Ratio
from domain.kpi.kpi import Kpi, KpiFigure
from domain.kpi.rounding import Unit

MOST_BARS = 24
"""More groups than this are reached by the table alone."""

LONGEST_NAME = 96
"""Pixels of a name on the axis."""

BESIDE_WHISKER = 8
"""Pixels from the middle of a bar, half as wide as the ends of a whisker."""

HATCH = {"symbol": "rect", "dashArrayX": [1, 0], "dashArrayY": [2, 5], "rotation": -0.7854}


def chart(kpi: Kpi, lines: Sequence[GroupLine], wording: Wording) -> dict[str, Any]:
    """lines: in the order of the axis, the last ones are shown.

    Each bar carries `tip` (text) and `open` (the query that opens its members).
    """
    lines = lines[-MOST_BARS:]
    scale = 100 if kpi.unit == "percent" else 1
    series = [bars([_bar(kpi, line, wording) for line in lines])]
    if kpi.has_bounds:
        whiskers = [
            _whisker(index, line.figures[kpi.slug], scale) for index, line in enumerate(lines)
        ]
        series.append(
            {
                "type": "custom",
                "renderItem": "whisker",
                "data": [whisker for whisker in whiskers if whisker],
                "encode": {"x": 0, "y": [1, 2]},
                "itemStyle": {"color": "var(--chart-whisker)"},
                "silent": True,
                "z": 5,
            }
        )
    names = category_axis([label(line, wording) for line in lines])
    if any(line.month is None for line in lines):
        # Of months one knows which are left out.
        every = {"interval": 0, "hideOverlap": False}
        names["axisLabel"] |= every | {"width": LONGEST_NAME, "overflow": "truncate"}
    return frame(names, value_axis(kpi.unit)) | {"series": series}


def frame(x_axis: dict[str, Any], y_axis: dict[str, Any]) -> dict[str, Any]:
    """The grid, tooltip and axes around a chart's series, whose items carry `tip`."""
    return {
        "grid": {"left": 4, "right": 8, "top": 14, "bottom": 4, "containLabel": True},
        "tooltip": {"trigger": "item", "formatter": "tip"},
        "xAxis": x_axis,
        "yAxis": y_axis,
    }


def label(line: GroupLine, wording: Wording) -> str:
    """How a group is called: a month in the reader's language, else its code."""
    return wording.month(line.month) if line.month else line.label


def _bar(kpi: Kpi, line: GroupLine, wording: Wording) -> dict[str, Any]:
    figure, rounding = line.figures[kpi.slug], line.figures.rounding
    said = wording.ratio(figure.ratio, kpi.unit, rounding)
    return {
        **bar(kpi, figure.ratio, said, is_final=figure.is_final, is_crossed=bool(figure.bounds)),
        "tip": tip(kpi, line, wording),
        "open": line.filters.query,
        "kpi": kpi.slug,
    }


def bar(
    kpi: Kpi, ratio: Ratio, said: str, *, is_final: bool, is_crossed: bool = False
) -> dict[str, Any]:
    """A bar as it is drawn. said: the figure in words. is_crossed: by a whisker, beside which they
    stand then."""
    colour = f"var(--chart-{kpi.slug.replace('_', '-')})"
    style: dict[str, Any] = {
        "color": colour if is_final else "var(--chart-open)",
        "borderRadius": [3, 3, 0, 0],
    }
    if not is_final:
        style |= {"borderColor": colour, "borderWidth": 1, "decal": {**HATCH, "color": colour}}
    label = {"show": True, "position": "top", "color": "var(--chart-text)"}
    if is_crossed:
        label |= {"align": "left", "offset": [BESIDE_WHISKER, 0]}
    # A bar of no height cannot be told from a group without a value.
    named = {"label": label | {"formatter": said}}
    return {
        **(named if ratio.value == 0 else {}),
        "value": _height(ratio, 100 if kpi.unit == "percent" else 1),
        "itemStyle": style,
    }


def bars(data: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """A series of bars."""
    return {
        "type": "bar",
        "data": data,
        "barMaxWidth": 34,
        "barCategoryGap": "32%",
        "cursor": "pointer",
    }


def tip(kpi: Kpi, line: GroupLine, wording: Wording) -> str:
    """The tooltip of a bar."""
    found, rounding = line.figures[kpi.slug], line.figures.rounding
    ratio = found.ratio
    said = wording.ratio(ratio, kpi.unit, rounding)
    rows = [label(line, wording), f"{said}  ({ratio.numerator}/{ratio.denominator})"]
    if found.final_on and not found.is_final:
        if found.bounds:
            floor, ceiling = (wording.ratio(one, kpi.unit, rounding) for one in found.bounds)
            rows.append(wording.t("bounds.range", floor=floor, ceiling=ceiling))
        rows.append(wording.t("state.provisional_until", day=wording.day(found.final_on)))
    return "\n".join(rows)


def _whisker(index: int, found: KpiFigure, scale: int) -> list[float | int] | None:
    if found.bounds is None:
        return None
    floor, ceiling = (_height(one, scale) for one in found.bounds)
    if floor is None or ceiling is None:
        return None
    return [index, floor, ceiling]


def _height(ratio: Ratio, scale: int) -> float | None:
    return None if ratio.value is None else round(ratio.value * scale, 2)


def category_axis(labels: list[str]) -> dict[str, Any]:
    """An axis of names."""
    return {
        "type": "category",
        "data": labels,
        "axisTick": {"show": False},
        "axisLine": {"lineStyle": {"color": "var(--chart-axis)"}},
        "axisLabel": {"color": "var(--chart-text)", "hideOverlap": True, "fontSize": 12},
    }


def value_axis(unit: Unit) -> dict[str, Any]:
    """An axis of values from 0, to 100 for percent."""
    steps: dict[Unit, dict[str, Any]] = {
        "percent": {"max": 100, "interval": 25},
        "people": {"minInterval": 1},
    }
    return {
        "type": "value",
        "min": 0,
        **steps.get(unit, {"minInterval": 0.5}),
        "axisLabel": {
            "color": "var(--chart-text)",
            "formatter": "{value}%" if unit == "percent" else "{value}",
            "fontSize": 12,
        },
        "splitLine": {"lineStyle": {"color": "var(--chart-grid)"}},
    }
