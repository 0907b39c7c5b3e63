"""An exact figure as the schema has it."""

import strawberry

from domain.kernel.values import Ratio as ExactRatio
from domain.kpi.rounding import Unit, shown


@strawberry.type(description="An exact fraction; value and shown are null when it is undefined.")
class Ratio:
    numerator: int
    denominator: int
    value: float | None
    shown: str | None


def ratio_of(exact: ExactRatio, unit: Unit, rounding: str = "truncate") -> Ratio:
    """The fraction and how people read it."""
    return Ratio(
        numerator=exact.numerator,
        denominator=exact.denominator,
        value=exact.value,
        shown=shown(exact, unit, rounding),
    )
