"""The KPI scheme, the scorecards that it judges, and two moments of figures side by side."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any

import strawberry

from api.columns import views
from api.graphql.engine.context import Info
from api.graphql.engine.fields import Connection, connection_of, paged, taking
from api.graphql.engine.scalars import ORIGIN
from api.graphql.engine.structs import View, computed, float_field, output_of, read, showing
from api.graphql.types.kpi import Kpi, KpiLine
from api.graphql.types.newcomers import OfTrainee
from api.graphql.types.ratio import UNITS, AsOf, Bounded, Ratio
from domain.kernel.values import Month
from domain.kernel.values import Ratio as ExactRatio
from domain.kpi import catalog
from domain.kpi import kpi as declared
from domain.kpi.kpi import KpiFigure as ExactFigure
from domain.kpi.proof import comparison as compared
from domain.kpi.scheme import scorecard as exact
from domain.kpi.scheme import versions
from domain.kpi.scheme.draft import Draft
from domain.kpi.scheme.lines import WHOLE, Criterion, Dimension, Line, defined
from projections.kernel.paging import LARGEST_PAGE, Paging
from services.reading.evaluations import AskedLines, FigureAnswer
from services.reading.moment import AskedMoment, Moment, Question, Sides
from services.reading.opened import Opened
from services.words.texts import read_texts

output_of(versions.Parameters, "SchemeParameters")


@showing(ExactRatio, "numerator denominator value shown", value=float)
class SchemeTarget(Ratio):
    """An exact fraction that a KPI is to reach, or not to exceed."""


def target_field(path: str) -> Any:
    """A field that shows the target of a criterion, where one is set."""

    def show(self: Any) -> SchemeTarget | None:
        asked: Criterion = read(self, path)
        if asked.target is None:
            return None
        return SchemeTarget(row=asked.target, unit=UNITS.get(asked.kpi), rounding=self.rounding)

    return property(show)


code_field = partial(
    computed, lambda dimension: dimension and dimension.code, str | None, "row.dimension"
)
"""The code of a line's or subtotal's dimension, where there is one."""


def name_field(path: str = "row") -> Any:
    """The name of a line or dimension, where there is one."""

    def resolve(self: Any, info: Info) -> str | None:
        named: Line | Dimension | None = read(self, path)
        return read_texts(info.context.language).name_of(named) if named else None

    return strawberry.field(resolve)


@showing(Criterion, "kpi weight")
class SchemeCriterion(View):
    """A KPI that a line judges."""

    target = target_field("row")


@showing(Line, "code weight scoring criteria", criteria=list[SchemeCriterion])
class SchemeLine(View):
    """A line of the scheme; weights are percent points."""

    name = name_field()
    dimension = code_field()


@showing(versions.Version, "number mandatory parameters origin reason", origin=ORIGIN)
class SchemeVersion(View):
    """The scheme from a month on; number 0 stands for the defaults."""

    recorded_at: datetime | None = None
    actor: str | None = None
    position: int | None = None

    effective_from = computed(lambda month: month and str(month), str | None, "row.effective_from")

    @property
    def lines(self) -> list[SchemeLine]:
        rounding = self.row.parameters.rounding
        return [SchemeLine(row=line, rounding=rounding) for line in self.row.lines]

    defined = computed(defined, Decimal, "row.lines")
    undefined = computed(lambda lines: WHOLE - defined(lines), Decimal, "row.lines")


@showing()
class Scheme(View):
    """The KPI scheme; without versions the defaults hold."""

    row: strawberry.Private[None] = None

    @strawberry.field
    async def versions(self, info: Info) -> list[SchemeVersion]:
        return await self._published(info)

    @strawberry.field
    async def in_force(self, info: Info, month: str) -> SchemeVersion:
        published = await self._published(info)
        found = versions.Scheme(tuple(one.row for one in published)).in_force(Month.parse(month))
        return next((one for one in published if one.row is found), SchemeVersion(row=found))

    async def _published(self, info: Info) -> list[SchemeVersion]:
        rows = await info.context.at(self.moment).scheme_rows
        of = ("recorded_at", "actor", "position")
        return [SchemeVersion(row=r.version, **{one: getattr(r, one) for one in of}) for r in rows]


@showing(Fraction, "numerator denominator", numerator=int, denominator=int)
class Points(View):
    """Percent points, exact."""

    value = float_field("row")

    @property
    def shown(self) -> str:
        return exact.shown_points(self.row, self.rounding)


@showing(exact.Judged, "verdict is_final kpi=criterion.kpi weight=criterion.weight missing")
class ScorecardCriterion(Bounded):
    """A KPI that a line judges, and what its figure says."""

    figure = "row.figure"
    target = target_field("row.criterion")

    @property
    def final_on(self) -> date | None:
        figure = self.row.figure
        return figure.final_on if figure and figure.has_source else None


@showing(
    exact.ScoredLine,
    "is_scored is_final code=line.code weight=line.weight scoring=line.scoring missing criteria"
    " points",
)
class ScorecardLine(View):
    """A line of the scheme, scored or saying why not."""

    name = name_field("row.line")


@showing(exact.Subtotal, "scored defined earned")
class ScorecardDimension(View):
    """The subtotal of the lines that belong together; in percent points."""

    name = name_field("row.dimension")
    code = code_field()


@showing(exact.Scorecard, "scored defined undefined is_final final_on lines dimensions earned")
class Scorecard(View):
    """A group's figures judged by the scheme in force; never rescaled."""

    as_of: AsOf

    @strawberry.field
    async def summary(self, info: Info) -> str:
        earned = exact.shown_points(self.row.earned, self.rounding)
        msgid, params = exact.summary_of(self.row, earned)
        return read_texts(info.context.language)(msgid, **params)


async def scorecard(info: Info, asked: Question) -> Scorecard:
    """A group's figures judged by the version in force in the month asked about."""
    return scored(await info.context.figures.answer(info.context.principal, asked), asked)


def scored(answer: FigureAnswer, asked: Question) -> Scorecard:
    """Figures that answer a question, judged by their version of the scheme."""
    version = answer.version
    card = exact.scorecard(version.lines, answer.whole.figures)
    as_of = AsOf(asked, answer.position, (version.number,))
    return Scorecard(row=card, as_of=as_of, rounding=version.parameters.rounding)


@showing(ExactFigure, "is_final final_on")
class ComparedFigure(Bounded):
    """A figure on one side of a comparison."""

    is_drafted: bool
    as_of: AsOf


@showing(
    compared.Moved,
    "numerator denominator label cohort=cohort_code before after",
    label=str,
    after=KpiLine | None,
)
class MovedLine(OfTrainee):
    """Whose line differs, and what that adds to the figure."""

    was: strawberry.Private[Moment | None]

    @property
    def before(self) -> KpiLine | None:
        line = self.row.before
        return KpiLine(row=line, moment=self.was, unit=self.unit) if line else None


def side_field(number: int) -> Any:
    """The figure on one side of a comparison."""

    async def resolve(self: "Comparison") -> ComparedFigure:
        of, side = self.sides, (await self.row.answer()).sides[number]
        is_drafted = of.drafts[number] is not None
        its = (self.kpi.row, side.whole, of.questions[number], side.position)
        return ComparedFigure.of(*its, is_drafted=is_drafted)

    return strawberry.field(resolve)


@showing()
class Comparison(View):
    """A figure before and after; what moved it adds up to the difference."""

    row: strawberry.Private[Opened]
    kpi: Kpi
    sides: strawberry.Private[Sides]
    before = side_field(0)
    after = side_field(1)

    @strawberry.field
    async def moved_count(self) -> int:
        return await self.row.count(self.kpi.row.slug)

    @taking(paged(LARGEST_PAGE), answer=connection_of(MovedLine))
    async def moved(self, info: Info, paging: Paging) -> Any:
        kpi, part = self.kpi.row, AskedLines(self.kpi.row.slug, paging)
        found = await self.row.answer(part)
        was, now = self.sides.moments([side.position for side in found.sides])

        def line(row: compared.Moved) -> MovedLine:
            return MovedLine(row=row, moment=now, was=was, unit=kpi.unit)

        lines = found.parts[part]
        return Connection.numbered(views(lines.lines, line), lines.start, lines.total)


@showing()
class ScorecardComparison:
    """A group's scorecard before and after."""

    before: Scorecard
    after: Scorecard


async def compare(
    info: Info,
    asked: Question,
    before: AskedMoment | None = None,
    after: AskedMoment | None = None,
    kpis: tuple[str, ...] | None = None,
) -> list[Comparison]:
    """Of these figures, or all of the catalog. Refuses `kpi_unknown`, and what a moment refuses."""
    chosen = catalog.kpis(kpis)
    return _compared(info, chosen, await _sides(info, asked, before, after))


async def what_if(
    info: Info, asked: Question, scheme: Draft, kpis: tuple[str, ...] | None = None
) -> list[Comparison]:
    """Before: the scheme in force; after: as if the draft were. Refuses what the draft refuses."""
    chosen = catalog.kpis(kpis)
    return _compared(info, chosen, Sides.of((asked, None), (asked, scheme)))


async def compare_scorecards(
    info: Info, asked: Question, before: AskedMoment | None = None, after: AskedMoment | None = None
) -> ScorecardComparison:
    """Each judged by its own moment's version."""
    sides = await _sides(info, asked, before, after)
    found = await info.context.compared(sides, catalog.CATALOG).answer()
    was, now = map(scored, found.sides, sides.questions)
    return ScorecardComparison(before=was, after=now)


async def _sides(info: Info, about: Question, *moments: AskedMoment | None) -> Sides:
    return await info.context.system.times.sides(info.context.principal, about, *moments)


def _compared(info: Info, chosen: Sequence[declared.Kpi], sides: Sides) -> list[Comparison]:
    opened = info.context.compared(sides, chosen)
    return [Comparison(row=opened, kpi=Kpi(row=kpi), sides=sides) for kpi in chosen]
