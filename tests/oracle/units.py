"""How a figure is printed, and which targets it may have: spec/kpi.md, "Formulas"."""

from fractions import Fraction
from typing import Literal

Unit = Literal["percent", "average", "people", "points", "mean of points", "days"]

DECIMALS: dict[Unit, int] = {
    "percent": 1,
    "average": 2,
    "people": 0,
    "points": 0,
    "mean of points": 1,
    "days": 1,
}

UNITS: dict[str, Unit] = {
    "entered": "people",
    "went_live": "people",
    "employed": "people",
    "average_orders": "average",
    "average_exam_score": "mean of points",
    "days_to_go_live": "days",
    "days_to_first_order": "days",
    "orders_by_day": "days",
    "days_late": "days",
}
"""By KPI; all others are rates in percent."""

OF_SOMETHING_ELSE = (
    "class_opened_on_time",
    "summary_written",
    "plan_kept",
    "submissions_in_time",
)
"""Rates of classes and of months: neither of people nor of orders."""


def unit_of(slug: str) -> Unit:
    return UNITS.get(slug, "percent")


def shows_its_fraction(slug: str) -> bool:
    """Only a fraction of people or orders stands beside the printed figure."""
    return unit_of(slug) in ("percent", "average") and slug not in OF_SOMETHING_ELSE


def shown(value: Fraction | None, unit: Unit, rounding: str = "truncate") -> str | None:
    """None: nobody to speak of."""
    if value is None:
        return None
    scaled = value * 10 ** DECIMALS[unit] * (100 if unit == "percent" else 1)
    whole = int(scaled + Fraction(1, 2)) if rounding == "half_up" else int(scaled)
    digits = str(whole).zfill(DECIMALS[unit] + 1)
    before, after = digits[: len(digits) - DECIMALS[unit]], digits[len(digits) - DECIMALS[unit] :]
    return before + (f".{after}" if after else "") + ("%" if unit == "percent" else "")


def may_be_a_target(value: Fraction, unit: Unit) -> bool:
    return value >= 0 and (unit != "percent" or value <= 1)


def meets(figure: Fraction | None, target: Fraction | None) -> bool | None:
    """By the exact fraction; None: not scored."""
    return None if figure is None or target is None else figure >= target
