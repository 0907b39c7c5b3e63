"""The KPI scheme, and the scorecard of a group that it judges."""

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import strawberry

from api.graphql.engine.context import Info
from api.graphql.engine.enums import MISSING, ORIGIN
from api.graphql.engine.structs import View, output_of, read, showing
from api.graphql.types.ratio import UNITS, AsOf, Bounded, Ratio, Rounded, shown_as
from domain.kernel.values import Month
from domain.kpi.scheme import scorecard as exact
from domain.kpi.scheme import versions as kpi
from domain.kpi.scheme.lines import WHOLE, Criterion, Dimension, Line, defined
from infra.bootstrap import read_texts
from projections.figures.schemes import SchemeRow
from services.reading.question import Question

output_of(kpi.Parameters, "SchemeParameters")


@showing()
class SchemeTarget(Ratio):
    """An exact fraction that a KPI is to reach, or not to exceed."""

    value: float


def target_of(criterion: Criterion, rounding: str) -> SchemeTarget | None:
    """The target as people read it; None where none is set."""
    target = criterion.target
    return SchemeTarget.of(target, UNITS.get(criterion.kpi), rounding) if target else None


def name_field(path: str = "row") -> Any:
    """The name of a line or dimension, where there is one."""

    def resolve(self: Any, info: Info) -> str | None:
        named: Line | Dimension | None = read(self, path)
        return read_texts(info.context.language).name_of(named) if named else None

    return strawberry.field(resolve)


@showing(Criterion, "kpi weight")
class SchemeCriterion(Rounded):
    """A KPI that a line judges."""

    @property
    def target(self) -> SchemeTarget | None:
        return target_of(self.row, self.rounding)


@showing(Line, "code weight scoring")
class SchemeLine(Rounded):
    """A line of the scheme; weights are percent points."""

    name = name_field()
    criteria = shown_as(list[SchemeCriterion], "row.criteria")

    @property
    def dimension(self) -> str | None:
        known: Dimension | None = self.row.dimension
        return known.code if known else None


@showing(kpi.Version, "number mandatory parameters origin", origin=ORIGIN)
class SchemeVersion(View):
    """The scheme from a month on; number 0 stands for the defaults."""

    recorded_at: datetime | None = None
    actor: str | None = None

    @classmethod
    def of(cls, row: SchemeRow) -> "SchemeVersion":
        """A version that was published."""
        return cls(row=row.version, recorded_at=row.recorded_at, actor=row.actor)

    @property
    def effective_from(self) -> str | None:
        return str(self.row.effective_from) if self.row.effective_from else None

    @property
    def lines(self) -> list[SchemeLine]:
        rounding = self.row.parameters.rounding
        return [SchemeLine(row=line, rounding=rounding) for line in self.row.lines]

    @property
    def defined(self) -> Decimal:
        return defined(self.row.lines)

    @property
    def undefined(self) -> Decimal:
        return WHOLE - self.defined


@showing()
class Scheme(View):
    """The KPI scheme; without versions the defaults hold."""

    row: strawberry.Private[None] = None

    @strawberry.field
    async def versions(self, info: Info) -> list[SchemeVersion]:
        return [SchemeVersion.of(row) for row in await info.context.at(self.moment).scheme_rows]

    @strawberry.field
    async def in_force(self, info: Info, month: str) -> SchemeVersion:
        asked = Month.parse(month)
        rows = await info.context.at(self.moment).scheme_rows
        version = kpi.Scheme(tuple(row.version for row in rows)).in_force(asked)
        published = {row.number: SchemeVersion.of(row) for row in rows}
        return published.get(version.number) or SchemeVersion(row=version)


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
        return read_texts(info.context.language)(msgid, **params)


async def scorecard(info: Info, asked: Question) -> Scorecard:
    """A group's figures judged by the version in force in the month asked about."""
    context = info.context
    answer = await context.figures.answer(context.principal, asked)
    card = exact.scorecard(answer.version.lines, answer.whole.figures)
    state = AsOf(asked, answer.position, (answer.version.number,))
    return Scorecard(row=card, as_of=state, rounding=answer.version.parameters.rounding)
