"""The last step of a figure: from the exact fraction to what people read (S40, T21).

Whole numbers only, so that 12/18 is 66.6% on every machine. Nothing compares what is shown.
"""

from typing import Literal

from domain.values import Ratio

Unit = Literal["percent", "per_person"]


def shown(ratio: Ratio, unit: Unit, rounding: str = "truncate") -> str | None:
    """`66.6%` (percent, 1 decimal) or `1.16` (per person, 2 decimals); None when undefined.

    ratio: not negative. rounding: `truncate` or `half_up`.
    """
    if unit == "percent":
        tenths = _rounded(ratio, 1000, rounding)
        return None if tenths is None else f"{tenths // 10}.{tenths % 10}%"
    hundredths = _rounded(ratio, 100, rounding)
    return None if hundredths is None else f"{hundredths // 100}.{hundredths % 100:02d}"


def _rounded(ratio: Ratio, scale: int, rounding: str) -> int | None:
    numerator, denominator = ratio.numerator * scale, ratio.denominator
    if not denominator:
        return None
    if rounding == "half_up":
        return (2 * numerator + denominator) // (2 * denominator)
    return numerator // denominator
