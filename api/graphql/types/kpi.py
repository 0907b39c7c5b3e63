"""The catalog, its figures, their lines down to the events, and their series."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from enum import Enum
from typing import Self

import strawberry

from api.graphql.engine.arguments import taking
from api.graphql.engine.asked import moment_of
from api.graphql.engine.connections import Connection
from api.graphql.engine.context import Info
from api.graphql.engine.enums import KPI_DIRECTION, KPI_POPULATION, KPI_SUBJECT, KPI_UNIT
from api.graphql.types.explanation import LINES, RecordedEvent, events_at, events_page
from api.graphql.types.figures import AsOf, as_of
from api.graphql.types.ratio import Ratio, ratio_of
from api.graphql.types.trainee import Trainee
from api.web.kit.catalogs import catalogs
from domain.kernel.errors import Refusal
from domain.kpi import kpi as declared
from domain.kpi.catalog import kpi_by_slug, kpis
from domain.kpi.evaluation import Evaluated, states_of
from domain.kpi.figure import KpiFigure as ExactFigure
from domain.kpi.group import By
from domain.kpi.proof.breakdown import Breakdown, Contribution
from domain.kpi.statistics import curve as exact_curve
from domain.kpi.subject import State
from domain.kpi.subjects.newcomers import states
from projections.kernel.paging import Paging
from services.reading.moment import Moment
from services.reading.question import Question

MOST_DAYS = 92
"""Evenings that one series answers."""


@strawberry.enum(description="What a series goes along.")
class SeriesBy(Enum):
    MONTH = "month"
    COHORT = "cohort"
    MANAGER = "manager"
    TRAINING_MANAGER = "training_manager"
    DAY = "day"


WAYS: Mapping[SeriesBy, By] = {
    SeriesBy.MONTH: "month",
    SeriesBy.COHORT: "cohort",
    SeriesBy.MANAGER: "manager",
    SeriesBy.TRAINING_MANAGER: "training_manager",
}
"""The ways that lead through groups; evenings are another matter."""


@strawberry.type(description="What a figure of the catalog counts, in the reader's language.")
class Kpi:
    slug: str
    unit: str = strawberry.field(graphql_type=KPI_UNIT)
    subject: str = strawberry.field(graphql_type=KPI_SUBJECT)
    direction: str = strawberry.field(graphql_type=KPI_DIRECTION)
    population: str = strawberry.field(graphql_type=KPI_POPULATION)
    source: list[str] = strawberry.field(description="Statements of the handbook.")
    has_source: bool = strawberry.field(description="False: nobody records yet what it counts.")
    is_headline: bool
    kpi: strawberry.Private[declared.Kpi]

    @strawberry.field
    def name(self, info: Info) -> str:
        return catalogs().sentence(info.context.language, self.kpi.name_id)

    @strawberry.field
    def meaning(self, info: Info) -> str:
        return catalogs().sentence(info.context.language, self.kpi.meaning_id)

    @strawberry.field
    def formula(self, info: Info) -> str:
        return catalogs().sentence(info.context.language, self.kpi.formula_id)

    @classmethod
    def of(cls, kpi: declared.Kpi) -> Self:
        return cls(
            slug=kpi.slug,
            unit=kpi.unit,
            subject=kpi.subject.slug,
            direction=kpi.direction,
            population=kpi.population or kpi.subject.slug,
            source=list(kpi.source),
            has_source=kpi.has_source,
            is_headline=kpi.is_headline,
            kpi=kpi,
        )


@strawberry.type(
    description="What one newcomer, class or other subject adds to a figure, and why not more."
)
class KpiLine:
    label: str = strawberry.field(
        description="The employee number, or the code of what is no person."
    )
    cohort: str
    numerator: int
    denominator: int
    floor: Ratio | None
    ceiling: Ratio | None
    rule: str | None
    positions: list[int]
    trainee_id: strawberry.Private[str | None]
    moment: strawberry.Private[Moment | None]

    @strawberry.field
    async def trainee(self, info: Info) -> Trainee | None:
        if self.trainee_id is None:
            return None
        return await Trainee.load(info, self.trainee_id, self.moment)

    @strawberry.field
    async def events(self, info: Info) -> list[RecordedEvent]:
        return await events_at(info, self.positions)

    @classmethod
    def of(cls, line: Contribution[State], kpi: declared.Kpi, moment: Moment | None) -> Self:
        return cls(
            label=line.label,
            cohort=line.cohort_code,
            numerator=line.numerator,
            denominator=line.denominator,
            floor=ratio_of(line.floor, kpi.unit) if line.floor else None,
            ceiling=ratio_of(line.ceiling, kpi.unit) if line.ceiling else None,
            rule=line.rule,
            positions=list(line.positions),
            trainee_id=line.trainee_id,
            moment=moment,
        )


@strawberry.type(description="The lines of a figure; they add up to it.")
class KpiExplanation:
    counted: int
    not_counted: int
    breakdown: strawberry.Private[Breakdown]
    moment: strawberry.Private[Moment | None]

    @taking(LINES, description="Those that count, then those that do not.")
    def contributions(self, info: Info, paging: Paging) -> Connection[KpiLine]:
        found = self.breakdown
        return Connection.of_lines(
            found.lines, paging, lambda line: KpiLine.of(line, found.kpi, self.moment)
        )

    @taking(LINES, description="Every event behind the lines, in the order of the log.")
    async def events(self, info: Info, paging: Paging) -> Connection[RecordedEvent]:
        places = sorted({place for line in self.breakdown.lines for place in line.positions})
        return await events_page(info, places, paging)


@strawberry.type(description="How many at which value; days for the figures of days.")
class Bucket:
    value: int
    count: int


@strawberry.type(description="One figure of the catalog for a group, and how it may still change.")
class KpiFigure:
    kpi: Kpi
    ratio: Ratio | None = strawberry.field(description="Null where nothing is recorded for it yet.")
    floor: Ratio | None
    ceiling: Ratio | None
    is_final: bool
    final_on: date | None
    as_of: AsOf
    question: strawberry.Private[Question]
    figure: strawberry.Private[ExactFigure]

    @strawberry.field
    async def explanation(self, info: Info) -> KpiExplanation:
        ask, asked, position = info.context, self.question, self.as_of.position
        found = await ask.figures.breakdown(ask.principal, asked, self.kpi.kpi, position)
        return KpiExplanation(
            counted=len(found.counted),
            not_counted=len(found.not_counted),
            breakdown=found,
            moment=moment_of(asked, position, ask.today),
        )

    @strawberry.field
    async def distribution(self, info: Info) -> list[Bucket]:
        """Of a figure that is a mean: what it is the mean of."""
        values = self.kpi.kpi.values
        if values is None:
            return []
        counted: dict[int, int] = {}
        for state in await _states(info, self):
            for value in values(state):
                counted[value] = counted.get(value, 0) + 1
        return [Bucket(value=value, count=counted[value]) for value in sorted(counted)]


@strawberry.type(description="A figure of one group, day or month of a series.")
class SeriesPoint:
    key: str
    figure: KpiFigure


@strawberry.type(description="A day on which somebody ordered first or left; shares of all.")
class CurvePoint:
    day: int = strawberry.field(description="Since the go-live, itself day 1.")
    at_risk: int
    ordered: int
    left: int
    incidence_of_order: float
    incidence_of_leaving: float


@strawberry.type(description="Days to the first order, with leaving as the competing outcome.")
class FirstOrderCurve:
    people: int
    points: list[CurvePoint]
    as_of: AsOf


def figure_of(kpi: declared.Kpi, found: Evaluated, position: int, asked: Question) -> KpiFigure:
    """The domain's figure as the schema has it."""
    figure, rounding = found.figures[kpi.slug], found.rounding
    return KpiFigure(
        kpi=Kpi.of(kpi),
        ratio=ratio_of(figure.ratio, kpi.unit, rounding) if figure.has_source else None,
        floor=ratio_of(figure.floor, kpi.unit, rounding) if figure.floor else None,
        ceiling=ratio_of(figure.ceiling, kpi.unit, rounding) if figure.ceiling else None,
        is_final=figure.is_final,
        final_on=figure.final_on,
        as_of=as_of(asked, position, found.versions),
        question=asked,
        figure=figure,
    )


async def kpi_figures(info: Info, asked: Question, slugs: list[str] | None) -> list[KpiFigure]:
    """These figures of a group, or all of the catalog. Refuses `kpi_unknown`."""
    ask = info.context
    chosen = kpis(slugs)
    answer = await ask.figures.answer(ask.principal, asked, chosen)
    return [figure_of(kpi, answer.whole, answer.position, asked) for kpi in chosen]


async def series(
    info: Info, asked: Question, slug: str, by: SeriesBy, since: date | None
) -> list[SeriesPoint]:
    """A figure along months, groups or evenings; `since`: the first evening.

    Refuses `kpi_unknown`, `days_too_many`.
    """
    kpi = kpi_by_slug(slug)
    if by is SeriesBy.DAY:
        return await _days(info, asked, kpi, since)
    ask, way = info.context, WAYS[by]
    found, position = await ask.figures.series(ask.principal, asked, way, [kpi])
    return [
        SeriesPoint(key=key, figure=figure_of(kpi, one, position, asked.narrowed(way, key)))
        for key, one in found.items()
    ]


async def first_order_curve(info: Info, asked: Question) -> FirstOrderCurve:
    """The curve of a group's newcomers."""
    ask = info.context
    known = await ask.figures.basis(ask.principal, asked)
    windows = known.evidence.windows(asked.happened_by)
    observations = [
        exact_curve.observation(one.newcomer, one.window)
        for one, _ in states(known.evidence, windows, known.group)
        if one.window is not None
    ]
    found = exact_curve.curve(observations)
    return FirstOrderCurve(
        people=found.people,
        points=[
            CurvePoint(
                day=point.day,
                at_risk=point.at_risk,
                ordered=point.ordered,
                left=point.left,
                incidence_of_order=float(point.incidence_of_order),
                incidence_of_leaving=float(point.incidence_of_leaving),
            )
            for point in found.points
        ],
        as_of=as_of(asked, known.position, ()),
    )


async def _days(
    info: Info, asked: Question, kpi: declared.Kpi, since: date | None
) -> list[SeriesPoint]:
    ask, last = info.context, asked.happened_by
    first = since or last - timedelta(days=29)
    count = (last - first).days + 1
    if not 1 <= count <= MOST_DAYS:
        raise Refusal("days_too_many", days=count, most=MOST_DAYS)
    days = [first + timedelta(days=n) for n in range(count)]
    found, position = await ask.figures.days(ask.principal, asked, days, [kpi])
    return [
        SeriesPoint(key=day.isoformat(), figure=figure_of(kpi, one, position, asked.on(day)))
        for day, one in found.items()
    ]


async def _states(info: Info, figure: KpiFigure) -> Sequence[State]:
    ask, asked = info.context, figure.question
    known = await ask.figures.basis(ask.principal, asked.at(figure.as_of.position))
    return states_of(figure.kpi.kpi, known.evidence, asked.happened_by, known.group)
