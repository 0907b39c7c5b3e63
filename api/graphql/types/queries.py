"""Every query. The tenant comes from the credential, never from an argument."""

from typing import cast

import strawberry

from api.graphql.engine.arguments import AT_A_MOMENT, asking, taking
from api.graphql.engine.connections import list_field, single, single_field
from api.graphql.engine.context import Info
from api.graphql.engine.outputs import Node
from api.graphql.engine.relay import own_id
from api.graphql.types import comparison, figures, kpi, whatif_for_all
from api.graphql.types import job as jobs_of
from api.graphql.types import partner as partners
from api.graphql.types.calendar_queries import CalendarQueries
from api.graphql.types.follow_up import FollowUp
from api.graphql.types.forecast import forecast
from api.graphql.types.head_office import HeadOffice
from api.graphql.types.newcomers import Cohort, Trainee
from api.graphql.types.partner import Partner, Viewer
from api.graphql.types.scorecard import scorecard
from api.graphql.types.session import Session
from api.graphql.types.submission import Submission
from domain.kernel.errors import Refusal
from domain.kpi.catalog import CATALOG
from services.reading.moment import Moment

NODES = {node.listing.kind: node for node in (Cohort, Trainee, Session, Submission, FollowUp)}
"""What a list's global ids stand for, by the kind that they name."""


OF_A_MONTH = ("month", "cohort", "training_manager")


@strawberry.type
class Query(CalendarQueries):
    cohort, cohorts = single_field(Cohort), list_field(Cohort)
    trainee, trainees = single_field(Trainee), list_field(Trainee)
    session, sessions = single_field(Session), list_field(Session)
    submission, submissions = single_field(Submission), list_field(Submission)
    follow_up, follow_ups = single_field(FollowUp), list_field(FollowUp)

    @strawberry.field
    async def me(self, info: Info) -> Viewer:
        return partners.viewer(info)

    @strawberry.field
    async def partner(self, info: Info, min_position: int | None = None) -> Partner:
        await info.context.reach(min_position)
        return await partners.partner(info)

    @taking(AT_A_MOMENT)
    async def node(self, info: Info, id: strawberry.ID, moment: Moment | None) -> Node | None:
        kind, own = own_id(id)
        if kind in NODES:
            return cast(Node | None, await single(info, NODES[kind], moment, {"id": own}))
        if kind == jobs_of.KIND:
            return cast(Node | None, await jobs_of.job(info, id))
        if kind == partners.KIND:
            partner = await partners.partner(info)
            return partner if partner.id == id else None
        raise Refusal("id_invalid", id=id[:200])

    newcomer_figures = taking(asking())(figures.newcomer_figures)
    board = taking(asking("manager"))(figures.board)
    kpis = taking(asking())(kpi.kpi_figures)
    series = taking(asking())(kpi.series)
    first_order_curve = taking(asking())(kpi.first_order_curve)
    forecast = taking(asking())(forecast)
    scorecard = taking(asking(*OF_A_MONTH, required="month"))(scorecard)
    compare = taking(asking(at_a_moment=False))(comparison.compare)
    compare_scorecards = taking(asking(*OF_A_MONTH, required="month", at_a_moment=False))(
        comparison.compare_scorecards
    )
    what_if = taking(asking())(comparison.what_if)
    what_if_for_all = strawberry.field(whatif_for_all.what_if_for_all)
    job = strawberry.field(jobs_of.job)

    @strawberry.field
    def kpi_catalog(self) -> list[kpi.Kpi]:
        return [kpi.Kpi(row=declared) for declared in CATALOG]

    @strawberry.field
    def head_office(self) -> HeadOffice:
        return HeadOffice()
