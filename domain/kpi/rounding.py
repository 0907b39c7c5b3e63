"""The last step of a figure: from the exact fraction to what people read (S40, T21).

Whole numbers only, so that 12/18 is 66.6% on every machine. Nothing compares what is shown.
"""

from typing import Literal

from domain.kernel.values import Ratio

Unit = Literal["percent", "per_person", "people", "days", "points"]

_DECIMALS: dict[Unit, int] = {"percent": 1, "per_person": 2, "people": 0, "days": 1, "points": 1}


def shown(ratio: Ratio, unit: Unit, rounding: str = "truncate") -> str | None:
    """`66.6%`, `1.16` (per person), `18` (people), `3.2` (days, points); None when undefined.

    ratio: not negative. rounding: `truncate` or `half_up`.
    """
    decimals = _DECIMALS[unit]
    scale = 10**decimals
    numerator = ratio.numerator * scale * (100 if unit == "percent" else 1)
    denominator = ratio.denominator
    if not denominator:
        return None
    if rounding == "half_up":
        numerator, denominator = 2 * numerator + denominator, 2 * denominator
    whole, part = divmod(numerator // denominator, scale)
    digits = f"{whole}.{part:0{decimals}d}" if decimals else str(whole)
    return f"{digits}%" if unit == "percent" else digits
