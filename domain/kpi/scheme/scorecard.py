"""The scorecard (考核表): a group's figures judged by the lines of a scheme (S22 to S38).

Exact to the last step. A line whose target, figure, source or split is missing is not scored: it
earns nothing and counts in no total of what was scored, and is never shown as 0 or as met. Nothing
is rescaled: the points are of what was scored, beside what the scheme defines and leaves undefined.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from msgspec import Struct

from domain.kernel.values import Ratio
from domain.kpi.catalog import CATALOG
from domain.kpi.kpi import KpiFigure
from domain.kpi.rounding import shown
from domain.kpi.scheme.lines import WHOLE, Criterion, Dimension, Line, defined

LOWER_IS_BETTER = frozenset(kpi.slug for kpi in CATALOG if kpi.direction == "lower_is_better")

LineVerdict = Literal["met", "not_met", "no_target", "undefined", "no_source"]

Missing = Literal["target_not_set", "no_source", "figure_undefined", "split_missing"]
"""What may keep a line from being scored."""


class Judged(Struct, frozen=True):
    """A criterion and the verdict on its figure. figure: None where there is none to judge.

    is_final: whether the verdict stands; else it is provisional.
    """

    criterion: Criterion
    figure: KpiFigure | None
    verdict: LineVerdict
    is_final: bool
    missing: tuple[Missing, ...]


class ScoredLine(Struct, frozen=True):
    """A line with its criteria judged. points: percent points earned, None when not scored.

    is_final: whether all of its figures are. missing: what keeps it from being scored, each once.
    """

    line: Line
    criteria: tuple[Judged, ...]
    points: Fraction | None
    is_final: bool
    missing: tuple[Missing, ...]

    @property
    def is_scored(self) -> bool:
        return self.points is not None


class Total(Struct, frozen=True):
    """Lines and what they add up to, in percent points."""

    lines: tuple[ScoredLine, ...]

    @property
    def scored_lines(self) -> list[ScoredLine]:
        return [line for line in self.lines if line.is_scored]

    @property
    def earned(self) -> Fraction:
        """The points of the lines that are scored."""
        return sum((line.points or Fraction(0) for line in self.lines), Fraction(0))

    @property
    def scored(self) -> Decimal:
        """The weights of the lines that are scored."""
        return defined([line.line for line in self.scored_lines])

    @property
    def defined(self) -> Decimal:
        """The weights of all lines."""
        return defined([line.line for line in self.lines])


class Subtotal(Total, frozen=True):
    """The lines of one dimension; None: those that belong to none."""

    dimension: Dimension | None


class Scorecard(Total, frozen=True):
    """All lines of a scheme, judged."""

    @property
    def dimensions(self) -> list[Subtotal]:
        """The subtotals by dimension, in the order in which the lines name them."""
        by_dimension: dict[Dimension | None, list[ScoredLine]] = {}
        for line in self.lines:
            by_dimension.setdefault(line.line.dimension, []).append(line)
        return [Subtotal(tuple(its), one) for one, its in by_dimension.items()]

    @property
    def undefined(self) -> Decimal:
        """The percent points that the lines do not define: 100 less their weights."""
        return WHOLE - self.defined

    @property
    def is_final(self) -> bool:
        """Whether every figure that was scored is, and any was."""
        scored = self.scored_lines
        return bool(scored) and all(line.is_final for line in scored)

    @property
    def final_on(self) -> date | None:
        """The latest day from which a figure that was scored is final."""
        figures = [one.figure for line in self.scored_lines for one in line.criteria]
        days = [figure.final_on for figure in figures if figure and figure.final_on]
        return max(days, default=None)


def scorecard(lines: Sequence[Line], figures: Mapping[str, KpiFigure]) -> Scorecard:
    """The figures judged by the lines. figures: by slug; a KPI without one has no source."""
    return Scorecard(tuple(_judge_line(line, figures) for line in lines))


def shown_points(points: Fraction, rounding: str = "truncate") -> str:
    """Percent points as people read them: up to two decimals, `8.33`, `2.5`, `65`."""
    text = shown(Ratio.of(points), "per_person", rounding) or ""
    return text.rstrip("0").rstrip(".")


def summary_of(card: Scorecard, earned: str) -> tuple[str, dict[str, str]]:
    """The msgid of the sentence about the totals, and its parameters."""
    said = {
        "earned": earned,
        "defined": str(card.defined),
        "undefined": str(card.undefined),
    }
    if card.scored == card.defined:
        return "scorecard.summary", said
    return "scorecard.summary_of_scored", said | {"unscored": str(card.defined - card.scored)}


def _judge_line(line: Line, figures: Mapping[str, KpiFigure]) -> ScoredLine:
    judged = tuple(_judge(criterion, figures.get(criterion.kpi)) for criterion in line.criteria)
    missing = [code for criterion in judged for code in criterion.missing]
    if line.lacks_split:
        missing.append("split_missing")
    return ScoredLine(
        line=line,
        criteria=judged,
        points=None if missing else _points(line, judged),
        is_final=all(criterion.is_final for criterion in judged),
        missing=tuple(dict.fromkeys(missing)),
    )


def _judge(criterion: Criterion, figure: KpiFigure | None) -> Judged:
    missing: list[Missing] = []
    if figure is None or not figure.has_source:
        missing.append("no_source")
        verdict: LineVerdict = "no_source"
    elif not figure.ratio.denominator:
        missing.append("figure_undefined")
        verdict = "undefined"
    elif criterion.target is None:
        verdict = "no_target"
    else:
        verdict = "met" if _share(figure, criterion.target) == 1 else "not_met"
    if criterion.target is None:
        missing.append("target_not_set")
    is_final = figure is not None and figure.has_source and figure.is_final
    return Judged(criterion, figure, verdict, is_final, tuple(missing))


def _points(line: Line, judged: Sequence[Judged]) -> Fraction:
    """The percent points of a line in which nothing is missing."""
    whole = Fraction(line.weight)
    if line.scoring == "split":
        met = [one.criterion.weight for one in judged if one.verdict == "met"]
        return sum((Fraction(weight) for weight in met if weight is not None), Fraction(0))
    if line.scoring == "proportional":
        shares = [
            _share(one.figure, one.criterion.target)
            for one in judged
            if one.figure is not None and one.criterion.target is not None
        ]
        return whole * sum(shares, Fraction(0)) / len(judged)
    return whole if all(one.verdict == "met" for one in judged) else Fraction(0)


def _share(figure: KpiFigure, target: Ratio) -> Fraction:
    """How much of the target a defined figure reaches: 1 when it is met, never more.

    Compared as fractions, never as printed (S29).
    """
    reached = Fraction(figure.ratio.numerator, figure.ratio.denominator)
    wanted = Fraction(target.numerator, target.denominator)
    if figure.slug in LOWER_IS_BETTER:
        reached, wanted = wanted, reached
    return Fraction(1) if reached >= wanted else reached / wanted
