"""The catalog, its figures, their lines down to the events, and their series."""

from collections import Counter
from datetime import date, timedelta
from enum import Enum
from typing import Any, Self, cast

import strawberry

from api.graphql.engine.connections import lines_field
from api.graphql.engine.context import Info
from api.graphql.engine.enums import KPI_POPULATION, KPI_SUBJECT
from api.graphql.engine.outputs import View, showing, size_of
from api.graphql.types.newcomers import Line, events_field
from api.graphql.types.ratio import AsOf, Bounded, Ratio, as_of, ratio_of
from api.web.kit.catalogs import catalogs
from domain.kernel.errors import Refusal
from domain.kernel.values import Ratio as ExactRatio
from domain.kpi import kpi as declared
from domain.kpi.catalog import kpi_by_slug, kpis
from domain.kpi.evaluation import Evaluated, states_of
from domain.kpi.figure import KpiFigure as ExactFigure
from domain.kpi.group import By
from domain.kpi.proof.breakdown import Contribution
from domain.kpi.statistics import curve as exact_curve
from domain.kpi.subjects.newcomers import states
from services.reading.question import Question

MOST_DAYS = 92
"""Evenings that one series answers."""


@strawberry.enum
class SeriesBy(Enum):
    MONTH = "month"
    COHORT = "cohort"
    MANAGER = "manager"
    TRAINING_MANAGER = "training_manager"
    DAY = "day"


def _sentence(attribute: str) -> Any:
    """What the catalogs say under a message id of the KPI."""

    def resolve(self: Any, info: Info) -> str:
        return catalogs().sentence(info.context.language, getattr(self.row, attribute))

    return strawberry.field(resolve)


@showing(
    declared.Kpi,
    "slug unit direction source has_source is_headline subject=subject.slug population=counted",
    subject=KPI_SUBJECT,
    population=KPI_POPULATION,
)
class Kpi(View):
    """What a figure of the catalog counts, in the reader's language."""

    name = _sentence("name_id")
    meaning = _sentence("meaning_id")
    formula = _sentence("formula_id")


@showing(Contribution, "label numerator denominator rule positions cohort=cohort_code")
class KpiLine(Line):
    """What one newcomer, class or other subject adds to a figure, and why not more."""

    kpi: strawberry.Private[declared.Kpi]

    @property
    def floor(self) -> Ratio | None:
        return self._part(self.row.floor)

    @property
    def ceiling(self) -> Ratio | None:
        return self._part(self.row.ceiling)

    def _part(self, exact: ExactRatio | None) -> Ratio | None:
        return ratio_of(exact, self.kpi.unit) if exact else None

    @classmethod
    def below(cls, line: Any, parent: Any) -> Self:
        return cls(row=line, moment=parent.moment, kpi=parent.row.kpi)


@showing()
class KpiExplanation(View):
    """The lines of a figure; they add up to it."""

    contributions = lines_field(KpiLine, "row.lines")
    events = events_field()
    counted = size_of("row.counted")
    not_counted = size_of("row.not_counted")


@showing()
class Bucket:
    """How many at which value; days for the figures of days."""

    value: int
    count: int


@showing(ExactFigure, "is_final final_on")
class KpiFigure(Bounded):
    """One figure of the catalog for a group, and how it may still change."""

    kpi: Kpi
    as_of: AsOf
    question: strawberry.Private[Question]

    @classmethod
    def of(cls, kpi: declared.Kpi, found: Evaluated, position: int, asked: Question) -> Self:
        """The domain's figure as the schema has it."""
        return cls(
            row=found.figures[kpi.slug],
            rounding=found.rounding,
            kpi=Kpi(row=kpi),
            as_of=as_of(asked, position, found.versions),
            question=asked,
        )

    @strawberry.field
    async def explanation(self, info: Info) -> KpiExplanation:
        context, asked, position = info.context, self.question, self.as_of.position
        found = await context.figures.breakdown(context.principal, asked, self.kpi.row, position)
        return KpiExplanation(row=found, moment=asked.moment(position, context.today))

    @strawberry.field
    async def distribution(self, info: Info) -> list[Bucket]:
        context, asked, kpi = info.context, self.question, self.kpi.row
        if kpi.values is None:
            return []
        known = await context.figures.basis(context.principal, asked.at(self.as_of.position))
        found = states_of(kpi, known.evidence, asked.happened_by, known.group)
        counted = Counter(value for state in found for value in kpi.values(state))
        return [Bucket(value=value, count=counted[value]) for value in sorted(counted)]


@showing()
class SeriesPoint:
    """A figure of one group, day or month of a series."""

    key: str
    figure: KpiFigure


@showing(exact_curve.Point, "day at_risk ordered left")
class CurvePoint(View):
    """A day on which somebody ordered first or left; shares of all."""

    @property
    def incidence_of_order(self) -> float:
        return float(self.row.incidence_of_order)

    @property
    def incidence_of_leaving(self) -> float:
        return float(self.row.incidence_of_leaving)


@showing()
class FirstOrderCurve:
    """Days to the first order, with leaving as the competing outcome."""

    people: int
    points: list[CurvePoint]
    as_of: AsOf


async def kpi_figures(
    info: Info, asked: Question, slugs: list[str] | None = None
) -> list[KpiFigure]:
    """These figures of a group, or all of the catalog. Refuses `kpi_unknown`."""
    context, chosen = info.context, kpis(slugs)
    answer = await context.figures.answer(context.principal, asked, chosen)
    return [KpiFigure.of(kpi, answer.whole, answer.position, asked) for kpi in chosen]


async def series(
    info: Info, asked: Question, kpi: str, by: SeriesBy, since: date | None = None
) -> list[SeriesPoint]:
    """A figure along months, groups or evenings; `since`: the first evening.

    Refuses `kpi_unknown`, `days_too_many`.
    """
    context, found = info.context, kpi_by_slug(kpi)
    if by is SeriesBy.DAY:
        days = _days(asked, since)
        evenings, position = await context.figures.days(context.principal, asked, days, [found])
        points = [(str(day), one, asked.on(day)) for day, one in evenings.items()]
    else:
        way = cast(By, by.value)
        groups, position = await context.figures.series(context.principal, asked, way, [found])
        points = [(key, one, asked.narrowed(way, key)) for key, one in groups.items()]
    return [
        SeriesPoint(key=key, figure=KpiFigure.of(found, one, position, narrowed))
        for key, one, narrowed in points
    ]


async def first_order_curve(info: Info, asked: Question) -> FirstOrderCurve:
    """The curve of a group's newcomers."""
    context = info.context
    known = await context.figures.basis(context.principal, asked)
    windows = known.evidence.windows(asked.happened_by)
    found = exact_curve.curve(
        exact_curve.observation(one.newcomer, one.window)
        for one, _ in states(known.evidence, windows, known.group)
        if one.window is not None
    )
    return FirstOrderCurve(
        people=found.people,
        points=[CurvePoint(row=point) for point in found.points],
        as_of=as_of(asked, known.position, ()),
    )


def _days(asked: Question, since: date | None) -> list[date]:
    last = asked.happened_by
    first = since or last - timedelta(days=29)
    count = (last - first).days + 1
    if not 1 <= count <= MOST_DAYS:
        raise Refusal("days_too_many", days=count, most=MOST_DAYS)
    return [first + timedelta(days=n) for n in range(count)]
