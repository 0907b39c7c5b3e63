"""The catalog and its figures: with their lines, over time, as submitted, and of all partners."""

from datetime import date
from functools import partial
from typing import Any, Self

import strawberry

from api.graphql.engine.context import Info
from api.graphql.engine.fields import (
    Connection,
    Item,
    lines_field,
    opened_lines,
    opened_size,
    paged,
    taking,
)
from api.graphql.engine.scalars import (
    EVENT_TOPIC,
    KPI_POPULATION,
    KPI_SUBJECT,
    SUBMISSION_KIND,
    SeriesBy,
)
from api.graphql.engine.structs import View, computed, float_field, output_of, showing, size_of
from api.graphql.types.newcomers import ExplainedLine, OfTrainee, events_at, events_field
from api.graphql.types.ratio import AsOf, Bounded, Ratio
from domain.kernel.values import Month
from domain.kernel.values import Ratio as ExactRatio
from domain.kpi import kpi as declared
from domain.kpi.catalog import BY_SLUG, kpi_by_slug, kpis
from domain.kpi.kpi import KpiFigure as ExactFigure
from domain.kpi.proof.breakdown import Contribution, break_down
from domain.kpi.proof.restatement import Cause, Restatement
from domain.kpi.rounding import shown
from domain.kpi.scheme.versions import Scheme
from domain.kpi.statistics import curve as exact_curve
from domain.kpi.statistics import forecast as exact_forecast
from domain.kpi.statistics.distribution import distribution_of
from projections.figures.hq_series import Series, VisibleFigure
from projections.kernel.paging import LARGEST_NUMBER, LARGEST_PAGE, Paging
from projections.reporting.submissions import (
    SUBMISSION_LIST,
    RestatementRow,
    SubmissionRow,
    VintageRow,
)
from projections.trainees.timeline import TimelineRow
from services.reading.moment import NAMED, Question
from services.reading.names import labelled
from services.words.texts import read_texts

PARTNERS = 50
"""Partners on a page of head office's series."""


def _sentence(attribute: str) -> Any:
    """The sentence of the catalogs under a message id of the KPI."""

    def resolve(self: Any, info: Info) -> str:
        return read_texts(info.context.language)(getattr(self.row, attribute))

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


@showing(
    Contribution, "label numerator denominator rule positions cohort=cohort_code floor ceiling"
)
class KpiLine(ExplainedLine):
    """What one newcomer, class or other subject adds to a figure, and why not more."""


@showing()
class KpiExplanation(View):
    """The lines of a figure; they add up to it."""

    counted = opened_size("counted")
    not_counted = opened_size("not_counted")
    contributions = opened_lines(KpiLine, "lines")
    events = events_field()


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

    @strawberry.field
    def explanation(self, info: Info) -> KpiExplanation:
        of, kpi = self.as_of, self.kpi.row
        found = info.context.opened(break_down, of, kpi)
        return KpiExplanation(row=found, moment=of.moment, unit=kpi.unit, rounding=self.rounding)

    @strawberry.field
    async def distribution(self, info: Info) -> list[Bucket]:
        opened = info.context.opened(distribution_of, self.as_of, self.kpi.row)
        found = await opened.lines("buckets", Paging(LARGEST_NUMBER))
        return [Bucket(value=value, count=count) for value, count in found.lines]


@showing()
class SeriesPoint:
    """A figure of one group, day or month of a series."""

    key: str
    label: str
    figure: KpiFigure


@showing(exact_curve.Point, "day at_risk ordered left")
class CurvePoint(View):
    """A day on which somebody ordered first or left; shares of all."""

    incidence_of_order = float_field("row.incidence_of_order")
    incidence_of_leaving = float_field("row.incidence_of_leaving")


@showing(exact_curve.Curve, "people points as_of")
class FirstOrderCurve(View):
    """Days to the first order, with leaving as the competing outcome."""

    as_of: AsOf


async def kpi_figures(
    info: Info, asked: Question, slugs: tuple[str, ...] | None = None
) -> list[KpiFigure]:
    """A group's figures of these KPIs, or of the whole catalog. Refuses `kpi_unknown`."""
    context, chosen = info.context, kpis(slugs)
    answer = await context.figures.answer(context.principal, asked, chosen)
    return [
        KpiFigure.of(kpi, answer.whole, asked, answer.position, kpi=Kpi(row=kpi)) for kpi in chosen
    ]


async def series(
    info: Info, asked: Question, kpi: str, by: SeriesBy, since: date | None = None
) -> list[SeriesPoint]:
    """A figure along months, groups or evenings; `since`: the first evening.

    Refuses `kpi_unknown`, `days_too_many`.
    """
    context, found = info.context, kpi_by_slug(kpi)
    if by == "day":
        evenings, position = await context.figures.days(context.principal, asked, since, [found])
        points = [(key, one, asked.on(date.fromisoformat(key))) for key, one in evenings.items()]
    else:
        groups, position = await context.figures.series(context.principal, asked, by, [found])
        points = [(key, one, asked.narrowed(by, key)) for key, one in groups.items()]
    figure, at = partial(KpiFigure.of, found, kpi=Kpi(row=found)), asked.moment(position)
    shown = [
        SeriesPoint(key=key, label=key, figure=figure(one, its, position))
        for key, one, its in points
    ]
    return await labelled(context.at(at).reader, shown) if by in NAMED else shown


async def first_order_curve(info: Info, asked: Question) -> FirstOrderCurve:
    """The curve of a group's newcomers."""
    answer = await info.context.figures.curve(info.context.principal, asked)
    return FirstOrderCurve(row=answer.found, as_of=AsOf(asked, answer.position))


@showing()
class Estimate(View):
    """An estimate: exact as computed, and far too long to be told so."""

    value = float_field("row")

    @property
    def shown(self) -> str:
        return shown(ExactRatio.of(self.row), "percent") or ""


@showing(
    exact_forecast.Forecast,
    "expected low high level coverage mean_absolute_error batches as_of",
    expected=Estimate,
    mean_absolute_error=Estimate,
)
class Forecast(View):
    """The order rate expected in the end, with its back-tested error."""

    as_of: AsOf


async def forecast(info: Info, asked: Question) -> Forecast | None:
    """The forecast of a group; None where there are too few matured batches."""
    answer = await info.context.figures.forecast(info.context.principal, asked)
    found, as_of = answer.found, AsOf(asked, answer.position)
    return Forecast(row=found, unit="percent", as_of=as_of) if found else None


@showing()
class SubmittedFigure:
    """A figure as it was submitted."""

    kpi: Kpi
    ratio: Ratio


@showing(Cause, "position topic numerator denominator", topic=EVENT_TOPIC)
class RestatementCause(OfTrainee):
    """An event that touched a figure, and what it added to it."""

    @taking()
    async def event(self, info: Info) -> TimelineRow | None:
        return next(iter(await events_at(info, [self.row.position])), None)


@showing(Restatement, "kpi old new")
class RestatedFigure(View):
    """A figure before and after; the causes add up to the difference."""

    kpi: Kpi
    causes = lines_field(RestatementCause, "row.causes", 20)
    cause_count = size_of("row.causes")


@showing(
    VintageRow,
    "number submitted_at happened_by pinned_position scheme_versions calendar_version sha256"
    " provisional",
)
class SubmissionVintage(View):
    """One vintage: what was submitted, which never changes."""

    file_url = computed("/files/{}".format, str, "row.file_id")

    @strawberry.field
    async def submitted_figures(self, info: Info) -> list[SubmittedFigure]:
        ratio = partial(Ratio, rounding=await _rounding(info, self.row))
        return [
            SubmittedFigure(kpi=Kpi(row=kpi), ratio=ratio(row=exact, unit=kpi.unit))
            for slug, exact in self.row.figures.items()
            if (kpi := BY_SLUG.get(slug))
        ]


@showing(RestatementRow, "number vintage opened_at until position acknowledged_at note")
class SubmissionRestatement(View):
    """What touched a vintage until it was acknowledged."""

    of_vintage: strawberry.Private[VintageRow]

    @classmethod
    def below(cls, line: Any, parent: Any) -> Self:
        (vintage,) = (one for one in parent.row.vintages if one.number == line.vintage)
        return cls(row=line, moment=parent.moment, of_vintage=vintage)

    acknowledged = computed(bool, bool, "row.acknowledged_at")

    @strawberry.field
    async def restated_figures(self, info: Info) -> list[RestatedFigure]:
        rounding = await _rounding(info, self.of_vintage)
        return [
            RestatedFigure(
                row=one, kpi=Kpi(row=kpi), moment=self.moment, unit=kpi.unit, rounding=rounding
            )
            for one in self.row.figures
            if (kpi := BY_SLUG.get(one.kpi))
        ]


@showing(SubmissionRow, "month kind is_restated latest vintages restatements", kind=SUBMISSION_KIND)
class Submission(Item):
    """The figures of a month that were submitted, vintage after vintage."""

    listing = SUBMISSION_LIST

    @property
    def latest(self) -> SubmissionVintage:
        return SubmissionVintage.below(self.row.vintages[-1], self)


async def _rounding(info: Info, vintage: VintageRow) -> str:
    rows = await info.context.at().scheme_rows
    return Scheme(tuple(row.version for row in rows)).rounding_of(vintage.scheme_versions)


output_of(Series, "NamedPartner", "code name")


@showing()
class _OfPartner(View):
    partner = computed(lambda row: row, Series, "row")


@showing(VisibleFigure, "month is_final day position")
class PartnerFigure(View):
    """A partner's figure of a month, or of all, as it was last filled."""

    @property
    def ratio(self) -> Ratio | None:
        found, kpi = self.row, self.row.kpi
        exact = found.ratio if kpi.has_source else None
        return exact and Ratio(row=exact, unit=kpi.unit, rounding=found.rounding)


@showing(Series, "partner points")
class PartnerSeries(_OfPartner):
    """A partner's figures month by month."""


@showing(VisibleFigure, "rank")
class LeaguePlace(_OfPartner):
    """A partner's place in a league."""

    @property
    def figure(self) -> PartnerFigure:
        return PartnerFigure.below(self.row, self)


@showing()
class HeadOffice:
    """Head office's view over all partners: figures, nobody's data."""

    @taking(paged(PARTNERS))
    async def series(self, info: Info, paging: Paging, kpi: str) -> Connection[PartnerSeries]:
        office, asker = info.context.system.head_office_figures, info.context.principal
        page = await office.partner_series(asker, kpi_by_slug(kpi), paging)
        count = partial(office.count_partners, asker)
        return Connection.of(page, lambda one: PartnerSeries(row=one), count)

    @taking(paged(LARGEST_PAGE))
    async def league(
        self, info: Info, paging: Paging, kpi: str, month: str | None = None
    ) -> Connection[LeaguePlace]:
        office, asker = info.context.system.head_office_figures, info.context.principal
        wanted = None if month is None else Month.parse(month)
        league = await office.league(asker, kpi_by_slug(kpi), wanted)
        return Connection.of_lines(league, paging, lambda one: LeaguePlace(row=one))
