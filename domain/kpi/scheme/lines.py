"""The lines of the scheme (考核项): what each weighs, which KPIs it judges and by which targets.

Weights are percent points and exact. What is not laid down stays so: a target may be unset (T2), a
split may be missing (T3), and weights may add up to less than 100 (T1); nothing is ever rescaled.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from domain.kernel.bounds import OWN_REFUSAL, Many, Text, choices_of
from domain.kernel.errors import Refusal
from domain.kernel.values import Ratio, tidy
from domain.kpi.rounding import Unit

WHOLE = Decimal(100)
FINEST = Decimal("0.01")

Scoring = Annotated[
    Literal["all_met", "proportional", "split"],
    OWN_REFUSAL,
    Meta(description="How the line earns its points."),
]
SCORINGS = choices_of(Scoring)
"""How a line earns its points; the first is the default of the source (T3)."""


class Criterion(Struct, frozen=True):
    """A KPI (by slug) that a line judges.

    Where less is better, its target is not to be exceeded.
    """

    kpi: Annotated[str, Text(64), Meta(description="The slug of the KPI.")]
    target: Annotated[
        Ratio | None,
        Meta(description="The exact fraction to reach; null: not set, which is not 0."),
    ] = None
    weight: Annotated[
        Decimal | None,
        OWN_REFUSAL,
        Meta(description="Where the line is split: its part of the line's weight."),
    ] = None


class Dimension(Struct, frozen=True):
    """A group of the scheme's lines with a subtotal, such as the training work (S22, S26)."""

    code: Annotated[str, Text(64), Meta(description="The code of the dimension.")]
    name: Annotated[
        str | None,
        Text(100),
        Meta(description="The name that people read; null for a dimension of the source."),
    ] = None

    @property
    def name_id(self) -> str:
        """The message id of its name, where it is one of the source."""
        return f"scheme.dimension.{self.code}"


class Line(Struct, frozen=True):
    """One line and its criteria, in the order in which people read them."""

    code: Annotated[str, Text(64), Meta(description="The code of the line.")]
    weight: Annotated[
        Decimal,
        OWN_REFUSAL,
        Meta(description="Percent points, with at most two decimal places."),
    ]
    criteria: Annotated[tuple[Criterion, ...], Many(50), Meta(description="What the line judges.")]
    scoring: Scoring = "all_met"
    name: Annotated[
        str | None,
        Text(100),
        Meta(description="The name that people read; null for the lines of the source."),
    ] = None
    dimension: Annotated[
        Dimension | None, Meta(description="What it belongs to; null: to nothing.")
    ] = None

    def refuse(self, code: str, **params: Any) -> Refusal:
        return Refusal(code, field="lines", line=self.code, **params)

    @property
    def kpis(self) -> tuple[str, ...]:
        return tuple(criterion.kpi for criterion in self.criteria)

    @property
    def name_id(self) -> str:
        """The message id of its name, where it is a line of the source."""
        return f"scheme.line.{self.code}"

    @property
    def lacks_split(self) -> bool:
        """Whether its weight is to be split and no shares are given (T3)."""
        return self.scoring == "split" and all(c.weight is None for c in self.criteria)


Lines = Annotated[tuple[Line, ...], Many(50), Meta(description="The lines of the scheme.")]


def defined(lines: Sequence[Line]) -> Decimal:
    """The percent points that the lines add up to; the rest of 100 is undefined."""
    return sum((line.weight for line in lines), Decimal(0))


def check_lines(lines: Sequence[Line], units: Mapping[str, Unit]) -> None:
    """Refuses lines that cannot be scored. units: what all KPIs are measured in, by their slugs."""
    if not lines:
        raise Refusal("scheme_without_lines", field="lines")
    for line in lines:
        _check_line(line, units)
    if twice := _first_twice([line.code for line in lines]):
        raise Refusal("scheme_line_twice", field="lines", line=twice)
    if (total := defined(lines)) > WHOLE:
        raise Refusal("scheme_over_100", field="lines", weight=total)
    named = {line.dimension for line in lines if line.dimension}
    if twice := _first_twice(sorted(dimension.code for dimension in named)):
        raise Refusal("scheme_dimension_differs", field="lines", dimension=twice)


def _check_line(line: Line, units: Mapping[str, Unit]) -> None:
    if not tidy(line.code):
        raise Refusal("scheme_line_without_code", field="lines")
    if line.dimension is not None and not tidy(line.dimension.code):
        raise line.refuse("scheme_dimension_without_code")
    _check_weight(line, line.weight)
    if not line.criteria:
        raise line.refuse("scheme_line_without_measure")
    for criterion in line.criteria:
        if criterion.kpi not in units:
            raise line.refuse("kpi_unknown", kpi=criterion.kpi)
        if criterion.target is not None:
            _check_target(line, criterion.target, units[criterion.kpi])
    if twice := _first_twice(line.kpis):
        raise line.refuse("scheme_kpi_twice", kpi=twice)
    if line.scoring not in SCORINGS:
        raise line.refuse("scoring_unknown", scoring=line.scoring, choices=list(SCORINGS))
    _check_split(line)


def _check_target(line: Line, target: Ratio, unit: Unit) -> None:
    """No share is more than all: 80 for 80% would never be met, or always."""
    above, below = target.numerator, target.denominator
    if above < 0 or below < 1:
        raise line.refuse("target_invalid", numerator=above, denominator=below)
    if unit == "percent" and above > below:
        raise line.refuse("target_over_whole")


def _check_split(line: Line) -> None:
    weights = [c.weight for c in line.criteria if c.weight is not None]
    if not weights:
        return
    if line.scoring != "split":
        raise line.refuse("split_not_asked")
    for weight in weights:
        _check_weight(line, weight)
    if len(weights) < len(line.criteria) or sum(weights) != line.weight:
        raise line.refuse("split_incomplete", weight=line.weight)


def _check_weight(line: Line, weight: Decimal) -> None:
    if not weight.is_finite() or not 0 < weight <= WHOLE or weight != weight.quantize(FINEST):
        raise line.refuse("weight_invalid", weight=weight)


def _first_twice(words: Sequence[str]) -> str | None:
    return next((word for n, word in enumerate(words) if word in words[:n]), None)
