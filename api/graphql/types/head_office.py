"""Head office's view of the partners and its what-if over all of them: figures, nobody's data."""

import strawberry
from strawberry.scalars import JSON

from api.graphql.engine.context import Info
from api.graphql.engine.fields import Connection, paged, taking
from api.graphql.engine.scalars import JOB_STATE, global_id, own_uuid
from api.graphql.engine.structs import View, output_of, showing
from api.graphql.types.ratio import Ratio
from domain.kernel.values import Month
from domain.kpi.catalog import kpi_by_slug
from projections.figures.hq_series import Series, VisibleFigure
from projections.kernel.paging import LARGEST_PAGE, Paging
from services.scheme import head_office as office

PAGE = 50
WHAT_IF = "WhatIfForAll"


output_of(Series, "NamedPartner", "code name")


@showing()
class _OfPartner(View):
    @property
    def partner(self) -> Series:
        found: Series = self.row
        return found


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

    @taking(paged(PAGE))
    async def series(self, info: Info, paging: Paging, kpi: str) -> Connection[PartnerSeries]:
        figures = info.context.figures
        page = await figures.partner_series(kpi_by_slug(kpi), paging)
        return Connection.of(page, lambda one: PartnerSeries(row=one), figures.count_partners)

    @taking(paged(LARGEST_PAGE))
    async def league(
        self, info: Info, paging: Paging, kpi: str, month: str | None = None
    ) -> Connection[LeaguePlace]:
        wanted = None if month is None else Month.parse(month)
        league = await info.context.figures.league(kpi_by_slug(kpi), wanted)
        return Connection.of_lines(league, paging, lambda one: LeaguePlace(row=one))


@showing(office.PartnerAnswer, "code name done error months", months=JSON | None)
class PartnerWhatIf(View):
    """What a draft makes of one partner's figures."""

    state: str = strawberry.field(graphql_type=JOB_STATE)


@showing(
    office.WhatIfForAll,
    "happened_by requested_at actor partners answered done total is_cancelled is_over "
    "months=asked.months kpis=asked.kpis",
)
class WhatIfForAll(View):
    """A draft over all partners; done of total are their months."""

    @property
    def id(self) -> strawberry.ID:
        return global_id(WHAT_IF, str(self.row.id))

    @taking(paged(LARGEST_PAGE))
    async def answers(self, info: Info, paging: Paging) -> Connection[PartnerWhatIf]:
        context, found = info.context, self.row
        start, stop = paging.window(found.begun)
        answers = await context.system.head_office.what_if_answers(
            context.principal, found.id, first=stop - start, after=start
        )
        nodes = [
            PartnerWhatIf(row=one, state=one.state(is_cancelled=found.is_cancelled))
            for one in answers
        ]
        return Connection.numbered(nodes, start, found.begun)


async def what_if_for_all(info: Info, id: strawberry.ID) -> WhatIfForAll:
    """A what-if of head office, by its global id."""
    context = info.context
    found = await context.system.head_office.what_if(context.principal, own_uuid(id, WHAT_IF))
    return WhatIfForAll(row=found)
