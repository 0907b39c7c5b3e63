"""The scorecard: a group's figures judged by the scheme's lines, with what is missing said."""

from datetime import date
from fractions import Fraction
from typing import Any

import strawberry

from api.graphql.engine.context import Info
from api.graphql.engine.enums import MISSING
from api.graphql.engine.outputs import showing
from api.graphql.types.ratio import AsOf, Bounded, Rounded, as_of, shown_as
from api.graphql.types.scheme import SchemeTarget, name_field, target_of
from api.web.kit.catalogs import catalogs
from domain.kpi.scheme import scorecard as exact
from domain.kpi.scheme.lines import Dimension
from services.reading.question import Question


@showing(Fraction, "numerator denominator", numerator=int, denominator=int)
class Points(Rounded):
    """Percent points, exact."""

    @property
    def value(self) -> float:
        return float(self.row)

    @property
    def shown(self) -> str:
        return exact.shown_points(self.row, self.rounding)


@showing(
    exact.Judged,
    "verdict is_final kpi=criterion.kpi weight=criterion.weight missing",
    missing=list[MISSING],
)
class ScorecardCriterion(Bounded):
    """A KPI that a line judges, and what its figure says."""

    @property
    def target(self) -> SchemeTarget | None:
        return target_of(self.row.criterion, self.rounding)

    @property
    def final_on(self) -> date | None:
        figure = self._figure()
        return figure.final_on if figure and figure.has_source else None

    def _figure(self) -> Any:
        return self.row.figure


@showing(
    exact.ScoredLine,
    "is_scored is_final code=line.code weight=line.weight scoring=line.scoring missing",
    missing=list[MISSING],
)
class ScorecardLine(Rounded):
    """A line of the scheme, scored or saying why not."""

    name = name_field("row.line")
    criteria = shown_as(list[ScorecardCriterion], "row.criteria")
    points = shown_as(Points | None, "row.points")


@showing(exact.Subtotal, "scored defined")
class ScorecardDimension(Rounded):
    """The subtotal of the lines that belong together; in percent points."""

    name = name_field("row.dimension")
    earned = shown_as(Points, "row.earned")

    @property
    def code(self) -> str | None:
        known: Dimension | None = self.row.dimension
        return known.code if known else None


@showing(exact.Scorecard, "scored defined undefined is_final final_on")
class Scorecard(Rounded):
    """A group's figures judged by the scheme in force; never rescaled."""

    as_of: AsOf
    lines = shown_as(list[ScorecardLine], "row.lines")
    dimensions = shown_as(list[ScorecardDimension], "row.dimensions")
    earned = shown_as(Points, "row.earned")

    @strawberry.field
    async def summary(self, info: Info) -> str:
        msgid, params = exact.summary_of(self.row, self.earned.shown)
        return catalogs().sentence(info.context.language, msgid, **params)


async def scorecard(info: Info, asked: Question) -> Scorecard:
    """A group's figures judged by the version in force in the month asked about."""
    context = info.context
    answer = await context.figures.answer(context.principal, asked)
    card = exact.scorecard(answer.version.lines, answer.whole.figures)
    state = as_of(asked, answer.position, (answer.version.number,))
    return Scorecard(row=card, as_of=state, rounding=answer.version.parameters.rounding)
