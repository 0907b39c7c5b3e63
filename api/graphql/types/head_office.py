"""What head office sees of the partners: a KPI's series of each, and the league of a month."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Annotated, Self

import strawberry

from api.graphql.engine.arguments import paged, taking
from api.graphql.engine.connections import Connection
from api.graphql.engine.context import Info
from api.graphql.types.ratio import Ratio, ratio_of
from domain.kernel.values import Month
from domain.kpi.catalog import kpi_by_slug
from domain.kpi.kpi import Kpi
from projections.figures.hq_series import (
    Series,
    VisibleFigure,
    count_partners,
    list_league,
    list_partner_series,
)
from projections.kernel.paging import LARGEST_PAGE, Paging

PAGE = 50

Slug = Annotated[str, strawberry.argument(description="The figure's slug.")]


@strawberry.type(description="A partner by its code and name; nothing of its business.")
class NamedPartner:
    code: str
    name: str


@strawberry.type(description="A partner's figure of a month, or of all, as it was last filled.")
class PartnerFigure:
    month: str | None
    ratio: Ratio | None = strawberry.field(description="Null where nothing is recorded for it yet.")
    is_final: bool
    day: date = strawberry.field(description="The partner's local day of whose evening it is.")
    position: int = strawberry.field(description="Of the partner's log.")

    @classmethod
    def of(cls, kpi: Kpi, shown: VisibleFigure) -> Self:
        return cls(
            month=shown.month,
            ratio=ratio_of(shown.ratio, kpi.unit, shown.rounding) if kpi.has_source else None,
            is_final=shown.is_final,
            day=shown.day,
            position=shown.position,
        )


@strawberry.type(description="A partner's figures month by month.")
class PartnerSeries:
    partner: NamedPartner
    points: list[PartnerFigure]

    @classmethod
    def of(cls, kpi: Kpi, series: Series) -> Self:
        points = [PartnerFigure.of(kpi, point) for point in series.points]
        return cls(partner=NamedPartner(code=series.code, name=series.name), points=points)


@strawberry.type(description="A partner's place in a league.")
class LeaguePlace:
    rank: int | None = strawberry.field(
        description="From 1, equal figures alike; null where the figure is not defined."
    )
    partner: NamedPartner
    figure: PartnerFigure

    @classmethod
    def of(cls, kpi: Kpi, rank: int | None, shown: VisibleFigure) -> Self:
        return cls(
            rank=rank,
            partner=NamedPartner(code=shown.code, name=shown.name),
            figure=PartnerFigure.of(kpi, shown),
        )


@strawberry.type(description="Head office's view over all partners: figures, nobody's data.")
class HeadOffice:
    @taking(paged(PAGE), description="Partners in the order of their codes.")
    async def series(self, info: Info, paging: Paging, kpi: Slug) -> Connection[PartnerSeries]:
        found, head_office = kpi_by_slug(kpi), info.context.system.db.head_office
        async with head_office() as connection:
            page = await list_partner_series(connection, kpi=found, paging=paging)

        async def count() -> int:
            async with head_office() as connection:
                return await count_partners(connection)

        return Connection.of(page, lambda partner: PartnerSeries.of(found, partner), count)

    @taking(
        paged(LARGEST_PAGE),
        description="The best first, where there is a better; what is not defined last.",
    )
    async def league(
        self,
        info: Info,
        paging: Paging,
        kpi: Slug,
        month: Annotated[
            str | None, strawberry.argument(description="YYYY-MM; null: of all months.")
        ] = None,
    ) -> Connection[LeaguePlace]:
        found = kpi_by_slug(kpi)
        wanted = None if month is None else Month.parse(month)
        async with info.context.system.db.head_office() as connection:
            league = await list_league(connection, kpi=found, month=wanted)
        return Connection.of_lines(
            list(_ranked(league)), paging, lambda place: LeaguePlace.of(found, *place)
        )


def _ranked(league: Sequence[VisibleFigure]) -> Iterator[tuple[int | None, VisibleFigure]]:
    rank, last = 0, None
    for place, shown in enumerate(league, 1):
        if not shown.ratio.denominator:
            yield None, shown
            continue
        if last is None or not (shown.ratio.at_least(last) and last.at_least(shown.ratio)):
            rank, last = place, shown.ratio
        yield rank, shown
