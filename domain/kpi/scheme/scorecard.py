"""The scorecard (考核表): a group's figures judged by the lines of a scheme (S22 to S38).

Exact to the last step. A line whose target, figure, source or split is missing is not scored: it
earns nothing and counts in no total of what was scored, and is never shown as 0 or as met. Nothing
is rescaled: the points are of what was scored, beside what the scheme defines and leaves undefined.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal, get_args

from msgspec import Struct

from domain.kernel.values import Ratio
from domain.kpi.catalog import CATALOG
from domain.kpi.figure import KpiFigure
from domain.kpi.rounding import shown
from domain.kpi.scheme.lines import WHOLE, Criterion, Dimension, Line, defined

LOWER_IS_BETTER = frozenset(kpi.slug for kpi in CATALOG if kpi.direction == "lower_is_better")

Verdict = Literal["met", "not_met", "no_target", "undefined", "no_source"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)

TARGET_NOT_SET = "target_not_set"
NO_SOURCE = "no_source"
FIGURE_UNDEFINED = "figure_undefined"
SPLIT_MISSING = "split_missing"
MISSING = (TARGET_NOT_SET, NO_SOURCE, FIGURE_UNDEFINED, SPLIT_MISSING)
"""What may keep a line from being scored."""


class Judged(Struct, frozen=True):
    """One criterion and what the figure says of it. figure: None where there is none to judge.

    is_final: whether the verdict stands; else it is provisional. missing: of MISSING.
    """

    criterion: Criterion
    figure: KpiFigure | None
    verdict: Verdict
    is_final: bool
    missing: tuple[str, ...]


class ScoredLine(Struct, frozen=True):
    """A line with its criteria judged. points: percent points earned, None when not scored.

    is_final: whether all of its figures are. missing: what keeps it from being scored, each once.
    """

    line: Line
    criteria: tuple[Judged, ...]
    points: Fraction | None
    is_final: bool
    missing: tuple[str, ...]

    @property
    def is_scored(self) -> bool:
        return self.points is not None


class Subtotal(Struct, frozen=True):
    """The lines of one dimension, in percent points; None: of the lines that belong to none.

    earned: of `scored`, the weights of the lines that are scored. defined: of all of them.
    """

    dimension: Dimension | None
    lines: tuple[ScoredLine, ...]
    earned: Fraction
    scored: Decimal
    defined: Decimal


class Scorecard(Struct, frozen=True):
    """All lines, and the totals in percent points.

    dimensions: in the order in which the lines name them. earned: of `scored`, the weights of the
    lines that are scored. defined: the weights of all lines; undefined: the rest of 100. is_final:
    whether every figure that was scored is, and any was. final_on: the latest day from which one
    of them is.
    """

    lines: tuple[ScoredLine, ...]
    dimensions: tuple[Subtotal, ...]
    earned: Fraction
    scored: Decimal
    defined: Decimal
    undefined: Decimal
    is_final: bool
    final_on: date | None


def scorecard(lines: Sequence[Line], figures: Mapping[str, KpiFigure]) -> Scorecard:
    """The figures judged by the lines. figures: by slug; a KPI without one has no source."""
    judged = tuple(_judge_line(line, figures) for line in lines)
    scored = [line for line in judged if line.points is not None]
    whole = _subtotal(None, judged)
    by_dimension: dict[Dimension | None, list[ScoredLine]] = {}
    for line in judged:
        by_dimension.setdefault(line.line.dimension, []).append(line)
    return Scorecard(
        lines=judged,
        dimensions=tuple(_subtotal(one, its) for one, its in by_dimension.items()),
        earned=whole.earned,
        scored=whole.scored,
        defined=whole.defined,
        undefined=WHOLE - whole.defined,
        is_final=bool(scored) and all(line.is_final for line in scored),
        final_on=max(_final_days(scored), default=None),
    )


def _subtotal(dimension: Dimension | None, lines: Sequence[ScoredLine]) -> Subtotal:
    points = [line.points for line in lines if line.points is not None]
    return Subtotal(
        dimension=dimension,
        lines=tuple(lines),
        earned=sum(points, Fraction(0)),
        scored=defined([line.line for line in lines if line.is_scored]),
        defined=defined([line.line for line in lines]),
    )


def shown_points(points: Fraction, rounding: str = "truncate") -> str:
    """Percent points as people read them: up to two decimals, `8.33`, `2.5`, `65`."""
    text = shown(Ratio(points.numerator, points.denominator), "per_person", rounding) or ""
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
        missing.append(SPLIT_MISSING)
    return ScoredLine(
        line=line,
        criteria=judged,
        points=None if missing else _points(line, judged),
        is_final=all(criterion.is_final for criterion in judged),
        missing=tuple(dict.fromkeys(missing)),
    )


def _judge(criterion: Criterion, figure: KpiFigure | None) -> Judged:
    missing = []
    if figure is None or not figure.has_source:
        missing.append(NO_SOURCE)
        verdict: Verdict = "no_source"
    elif not figure.ratio.denominator:
        missing.append(FIGURE_UNDEFINED)
        verdict = "undefined"
    elif criterion.target is None:
        verdict = "no_target"
    else:
        verdict = "met" if _share(figure, criterion.target) == 1 else "not_met"
    if criterion.target is None:
        missing.append(TARGET_NOT_SET)
    is_final = figure is not None and figure.has_source and figure.is_final
    return Judged(criterion, figure, verdict, is_final, tuple(missing))


def _points(line: Line, judged: Sequence[Judged]) -> Fraction:
    """Of a line in which nothing is missing."""
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
    """How much of the target a defined figure reaches: 1 when it is met, never more."""
    reached = Fraction(figure.ratio.numerator, figure.ratio.denominator)
    wanted = Fraction(target.numerator, target.denominator)
    if figure.slug in LOWER_IS_BETTER:
        reached, wanted = wanted, reached
    return Fraction(1) if reached >= wanted else reached / wanted


def _final_days(scored: Sequence[ScoredLine]) -> list[date]:
    figures = [one.figure for line in scored for one in line.criteria]
    return [figure.final_on for figure in figures if figure and figure.final_on]
