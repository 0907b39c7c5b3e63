"""The lines of the scheme (考核项): what each weighs, which KPIs it judges and by which targets.

Weights are percent points and exact. What is not laid down stays so: a target may be unset (T2), a
split may be missing (T3), and weights may add up to less than 100 (T1); nothing is ever rescaled.
"""

from collections.abc import Collection, Sequence
from decimal import Decimal

from msgspec import Struct

from domain.errors import Refusal
from domain.values import Ratio, tidy

WHOLE = Decimal(100)
FINEST = Decimal("0.01")

SCORINGS = ("all_met", "proportional", "split")
"""How a line earns its points; the first is the default of the source (T3)."""


class Criterion(Struct, frozen=True):
    """A KPI (by slug) that a line judges.

    target: the exact fraction to reach (or not to exceed, where less is better); None is "not
    set", which is not 0. weight: its part of the line's weight where the line is split.
    """

    kpi: str
    target: Ratio | None = None
    weight: Decimal | None = None

    def __post_init__(self) -> None:
        target = self.target
        if target is not None and (target.numerator < 0 or target.denominator < 1):
            raise Refusal(
                "target_invalid", numerator=target.numerator, denominator=target.denominator
            )


class Line(Struct, frozen=True):
    """One line and its criteria, in the order in which people read them.

    name: None for the lines of the source, whose names are in the catalogs. Refuses
    `scheme_line_without_code`, `scheme_line_without_measure`, `weight_invalid`, `choice_unknown`,
    `scheme_kpi_twice`, `split_incomplete`, `split_not_asked`, `target_invalid`.
    """

    code: str
    weight: Decimal
    criteria: tuple[Criterion, ...]
    scoring: str = SCORINGS[0]
    name: str | None = None

    def __post_init__(self) -> None:
        if not tidy(self.code):
            raise Refusal("scheme_line_without_code")
        _check_weight(self.code, self.weight)
        if not self.criteria:
            raise Refusal("scheme_line_without_measure", line=self.code)
        if self.scoring not in SCORINGS:
            raise Refusal(
                "choice_unknown", field="scoring", given=self.scoring, choices=list(SCORINGS)
            )
        if twice := _first_twice(self.kpis):
            raise Refusal("scheme_kpi_twice", line=self.code, kpi=twice)
        self._check_split()

    @property
    def kpis(self) -> tuple[str, ...]:
        """The slugs of the KPIs that it judges."""
        return tuple(criterion.kpi for criterion in self.criteria)

    @property
    def name_id(self) -> str:
        """The message id of its name, where it is a line of the source."""
        return f"scheme.line.{self.code}"

    @property
    def lacks_split(self) -> bool:
        """Whether it is to be split and nobody has said how (T3)."""
        return self.scoring == "split" and all(c.weight is None for c in self.criteria)

    def _check_split(self) -> None:
        weights = [c.weight for c in self.criteria if c.weight is not None]
        if not weights:
            return
        if self.scoring != "split":
            raise Refusal("split_not_asked", line=self.code)
        for weight in weights:
            _check_weight(self.code, weight)
        if len(weights) < len(self.criteria) or sum(weights) != self.weight:
            raise Refusal("split_incomplete", line=self.code, weight=self.weight)


def defined(lines: Sequence[Line]) -> Decimal:
    """The percent points that the lines add up to; the rest of 100 is undefined."""
    return sum((line.weight for line in lines), Decimal(0))


def check_lines(lines: Sequence[Line], known: Collection[str]) -> None:
    """known: the slugs of all KPIs. Refuses `scheme_without_lines`, `scheme_line_twice`,
    `scheme_over_100`, `kpi_unknown`."""
    if not lines:
        raise Refusal("scheme_without_lines")
    if twice := _first_twice([line.code for line in lines]):
        raise Refusal("scheme_line_twice", line=twice)
    if (total := defined(lines)) > WHOLE:
        raise Refusal("scheme_over_100", weight=total)
    for line in lines:
        for slug in line.kpis:
            if slug not in known:
                raise Refusal("kpi_unknown", kpi=slug, line=line.code)


def _check_weight(code: str, weight: Decimal) -> None:
    if not weight.is_finite() or not 0 < weight <= WHOLE or weight != weight.quantize(FINEST):
        raise Refusal("weight_invalid", line=code, weight=weight)


def _first_twice(words: Sequence[str]) -> str | None:
    return next((word for n, word in enumerate(words) if word in words[:n]), None)
