"""The answer of a what-if for one month: figures and scorecards side by side, and who moved."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import msgspec

from domain.kernel.values import Month, Ratio
from domain.kpi.evaluation import Evaluated
from domain.kpi.evidence import Evidence
from domain.kpi.group import Group
from domain.kpi.kpi import Kpi
from domain.kpi.proof.comparison import ComparedState, Comparison, compare, scored
from domain.kpi.rounding import shown
from domain.kpi.scheme.draft import Draft
from domain.kpi.scheme.scorecard import Scorecard


class WhatIfFigure(msgspec.Struct, frozen=True):
    """A figure of a what-if. ratio: None without a source. shown: None also where undefined."""

    ratio: Ratio | None
    shown: str | None
    is_final: bool


class WhatIfPart(msgspec.Struct, frozen=True):
    """The part of one subject in a figure, and the rule that keeps it from more."""

    numerator: int
    denominator: int
    rule: str | None


class WhatIfMoved(msgspec.Struct, frozen=True, rename={"cohort_code": "cohort"}):
    """A subject that moved a figure, by its label; see comparison.Moved."""

    label: str
    cohort_code: str
    before: WhatIfPart | None
    after: WhatIfPart | None


class WhatIfFigures(msgspec.Struct, frozen=True):
    """One KPI (by slug) on both sides."""

    kpi: str
    before: WhatIfFigure
    after: WhatIfFigure
    moved: tuple[WhatIfMoved, ...]


class WhatIfPoints(msgspec.Struct, frozen=True):
    """A line of a scheme and what it earns: percent points, None where it is not scored."""

    line: str
    weight: Decimal
    points: Ratio | None


class WhatIfScorecard(msgspec.Struct, frozen=True):
    """A scorecard: earned of what is scored of what is defined. version: of the scheme."""

    version: int
    earned: Ratio
    scored: Decimal
    defined: Decimal
    lines: tuple[WhatIfPoints, ...]


class WhatIfMonth(msgspec.Struct, frozen=True):
    """A month (YYYY-MM) of a what-if: its figures, and its scorecard before and after."""

    month: str
    figures: tuple[WhatIfFigures, ...]
    before: WhatIfScorecard
    after: WhatIfScorecard


class WhatIfAnswer(msgspec.Struct, frozen=True):
    """The file: what was asked of which state of the log, and the months."""

    draft: Draft
    happened_by: date
    position: int
    months: tuple[WhatIfMonth, ...]


def month_of(
    evidence: Evidence, day: date, month: Month, draft: Draft, kpis: Sequence[Kpi]
) -> WhatIfMonth:
    """The answer for the newcomers and classes of a month, on the evening of a day."""
    before = ComparedState(evidence, day, Group(month=month))
    after = before.under(draft)
    found = compare(kpis, before, after)
    return WhatIfMonth(
        month=str(month),
        figures=tuple(_figures(kpi, found) for kpi in kpis),
        before=_card(scored(before), before.version.number),
        after=_card(scored(after), after.version.number),
    )


def brief(month: WhatIfMonth) -> dict[str, Any]:
    """JSON-like data without people: each figure before and after, and how many moved it."""
    return {
        "month": month.month,
        "earned": [_text(month.before.earned), _text(month.after.earned)],
        "figures": [
            {
                "kpi": one.kpi,
                "before": _text(one.before.ratio),
                "after": _text(one.after.ratio),
                "moved": len(one.moved),
            }
            for one in month.figures
        ],
    }


def _text(ratio: Ratio | None) -> str | None:
    return f"{ratio.numerator}/{ratio.denominator}" if ratio else None


def _figures(kpi: Kpi, found: Comparison) -> WhatIfFigures:
    return WhatIfFigures(
        kpi=kpi.slug,
        before=_figure(kpi, found.before),
        after=_figure(kpi, found.after),
        moved=msgspec.convert(found.moved[kpi.slug], tuple[WhatIfMoved, ...], from_attributes=True),
    )


def _figure(kpi: Kpi, evaluated: Evaluated) -> WhatIfFigure:
    figure = evaluated.figures[kpi.slug]
    if not figure.has_source:
        return WhatIfFigure(None, None, is_final=False)
    text = shown(figure.ratio, kpi.unit, evaluated.rounding)
    return WhatIfFigure(figure.ratio, text, figure.is_final)


def _card(card: Scorecard, version: int) -> WhatIfScorecard:
    return WhatIfScorecard(
        version=version,
        earned=Ratio.of(card.earned),
        scored=card.scored,
        defined=card.defined,
        lines=tuple(
            WhatIfPoints(
                one.line.code,
                one.line.weight,
                None if one.points is None else Ratio.of(one.points),
            )
            for one in card.lines
        ),
    )
