"""What head office sees of the partners: a KPI's series of each, and the league of a month."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Annotated, Self

import strawberry

from api.graphql.engine.context import Info
from api.graphql.types.explanation import MOST_LINES, After, First, lines_of
from api.graphql.types.ratio import Ratio, ratio_of
from domain.kernel.values import Month
from domain.kpi.catalog import kpi_by_slug
from domain.kpi.kpi import Kpi
from projections.figures.hq_series import Series, Shown, list_league, list_partner_series

PAGE = 50

Partners = Annotated[int, strawberry.argument(description="Partners to answer, at most 200.")]
AfterCode = Annotated[str, strawberry.argument(description="The code of the last partner before.")]


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
    def of(cls, kpi: Kpi, shown: Shown) -> Self:
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


@strawberry.type(description="Head office's view over all partners: figures, nobody's data.")
class HeadOffice:
    @strawberry.field
    async def series(
        self, info: Info, kpi: str, first: Partners = PAGE, after: AfterCode = ""
    ) -> list[PartnerSeries]:
        """Partners in the order of their codes."""
        found = kpi_by_slug(kpi)
        async with info.context.system.db.head_office() as connection:
            partners = await list_partner_series(connection, kpi=found, first=first, after=after)
        return [PartnerSeries.of(found, partner) for partner in partners]

    @strawberry.field
    async def league(
        self,
        info: Info,
        kpi: str,
        month: str | None = None,
        first: First = MOST_LINES,
        after: After = 0,
    ) -> list[LeaguePlace]:
        """The best first, where there is a better; what is not defined last."""
        found = kpi_by_slug(kpi)
        wanted = None if month is None else Month.parse(month)
        async with info.context.system.db.head_office() as connection:
            league = await list_league(connection, kpi=found, month=wanted)
        places = lines_of(list(_ranked(league)), first, after)
        return [
            LeaguePlace(
                rank=rank,
                partner=NamedPartner(code=shown.code, name=shown.name),
                figure=PartnerFigure.of(found, shown),
            )
            for rank, shown in places
        ]


def _ranked(league: Sequence[Shown]) -> Iterator[tuple[int | None, Shown]]:
    rank, last = 0, None
    for place, shown in enumerate(league, 1):
        if not shown.ratio.denominator:
            yield None, shown
            continue
        if last is None or not (shown.ratio.at_least(last) and last.at_least(shown.ratio)):
            rank, last = place, shown.ratio
        yield rank, shown
