"""What head office sees of the partners: a KPI's series of each, and the league of a month."""

import strawberry

from api.graphql.engine.arguments import paged, taking
from api.graphql.engine.connections import Connection
from api.graphql.engine.context import Info
from api.graphql.engine.outputs import View, showing
from api.graphql.types.ratio import Ratio, ratio_of
from domain.kernel.values import Month
from domain.kpi.catalog import kpi_by_slug
from domain.kpi.kpi import Kpi
from projections.figures.hq_series import VisibleFigure
from projections.kernel.paging import LARGEST_PAGE, Paging

PAGE = 50


@showing()
class NamedPartner:
    """A partner by its code and name; nothing of its business."""

    code: str
    name: str


@showing()
class _OfPartner(View):
    kpi: strawberry.Private[Kpi]

    @property
    def partner(self) -> NamedPartner:
        return NamedPartner(code=self.row.code, name=self.row.name)


@showing(VisibleFigure, "month is_final day position")
class PartnerFigure(View):
    """A partner's figure of a month, or of all, as it was last filled."""

    kpi: strawberry.Private[Kpi]

    @property
    def ratio(self) -> Ratio | None:
        found, kpi = self.row, self.kpi
        return ratio_of(found.ratio, kpi.unit, found.rounding) if kpi.has_source else None


@showing()
class PartnerSeries(_OfPartner):
    """A partner's figures month by month."""

    @property
    def points(self) -> list[PartnerFigure]:
        return [PartnerFigure(row=point, kpi=self.kpi) for point in self.row.points]


@showing()
class LeaguePlace(_OfPartner):
    """A partner's place in a league."""

    rank: int | None

    @property
    def figure(self) -> PartnerFigure:
        return PartnerFigure(row=self.row, kpi=self.kpi)


@showing()
class HeadOffice:
    """Head office's view over all partners: figures, nobody's data."""

    @taking(paged(PAGE))
    async def series(self, info: Info, paging: Paging, kpi: str) -> Connection[PartnerSeries]:
        found, figures = kpi_by_slug(kpi), info.context.figures
        page = await figures.partner_series(found, paging)
        return Connection.of(
            page, lambda one: PartnerSeries(row=one, kpi=found), figures.count_partners
        )

    @taking(paged(LARGEST_PAGE))
    async def league(
        self, info: Info, paging: Paging, kpi: str, month: str | None = None
    ) -> Connection[LeaguePlace]:
        found = kpi_by_slug(kpi)
        wanted = None if month is None else Month.parse(month)
        league = await info.context.figures.league(found, wanted)
        places = [LeaguePlace(row=one, kpi=found, rank=rank) for rank, one in league]
        return Connection.of_lines(places, paging, lambda place: place)
