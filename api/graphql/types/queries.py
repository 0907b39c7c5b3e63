"""Every query. The tenant comes from the credential, never from an argument."""

from typing import Annotated, Any, cast

import strawberry

from api.graphql.engine.arguments import AT_A_MOMENT, asking, taking
from api.graphql.engine.connections import Listed, list_field, single, single_field
from api.graphql.engine.context import Info
from api.graphql.engine.relay import Node, own_id
from api.graphql.types import figures as figures_of
from api.graphql.types import job as jobs_of
from api.graphql.types import partner as partners
from api.graphql.types.calendar_queries import CalendarQueries
from api.graphql.types.cohort import Cohort, CohortStatus
from api.graphql.types.comparison_queries import ComparisonQueries
from api.graphql.types.figures import Board, NewcomerFigures
from api.graphql.types.follow_up import FollowUp, FollowUpStatus
from api.graphql.types.head_office import HeadOffice
from api.graphql.types.job import Job
from api.graphql.types.kpi_queries import KpiQueries
from api.graphql.types.partner import Partner, Viewer
from api.graphql.types.session import Session
from api.graphql.types.submission import Submission
from api.graphql.types.trainee import Trainee, TraineeStatus
from api.graphql.types.whatif_for_all import WhatIfForAllQueries
from domain.kernel.errors import Refusal
from projections.kernel.listing import Listing
from projections.reporting.submissions import SUBMISSION_LIST
from projections.teaching.cohorts import COHORT_LIST
from projections.teaching.sessions import SESSION_LIST
from projections.trainees.cohort_roster import TRAINEE_LIST
from projections.trainees.follow_ups import FOLLOW_UP_LIST
from services.reading.moment import Moment
from services.reading.question import Question

NODES: dict[str, tuple[Listing[Any], type[Listed]]] = {
    listing.kind: (listing, node)
    for listing, node in (
        (COHORT_LIST, Cohort),
        (TRAINEE_LIST, Trainee),
        (SESSION_LIST, Session),
        (SUBMISSION_LIST, Submission),
        (FOLLOW_UP_LIST, FollowUp),
    )
}
"""What a list's global ids stand for, by the kind that they name."""


@strawberry.type
class Query(KpiQueries, ComparisonQueries, WhatIfForAllQueries, CalendarQueries):
    cohort = single_field(COHORT_LIST, Cohort)
    cohorts = list_field(COHORT_LIST, Cohort, enums={"status": CohortStatus})
    trainee = single_field(TRAINEE_LIST, Trainee)
    trainees = list_field(TRAINEE_LIST, Trainee, enums={"status": TraineeStatus})
    session = single_field(SESSION_LIST, Session)
    sessions = list_field(SESSION_LIST, Session)
    submission = single_field(SUBMISSION_LIST, Submission)
    submissions = list_field(SUBMISSION_LIST, Submission)
    follow_up = single_field(FOLLOW_UP_LIST, FollowUp)
    follow_ups = list_field(FOLLOW_UP_LIST, FollowUp, enums={"status": FollowUpStatus})

    @strawberry.field
    async def me(self, info: Info) -> Viewer:
        return partners.viewer(info)

    @strawberry.field
    async def partner(self, info: Info, min_position: int | None = None) -> Partner:
        await info.context.reach(min_position)
        return await partners.partner(info)

    @taking(AT_A_MOMENT, description="Whatever has this global id; null where there is none.")
    async def node(self, info: Info, id: strawberry.ID, moment: Moment | None) -> Node | None:
        kind, own = own_id(id)
        if kind in NODES:
            return cast(Node | None, await single(info, *NODES[kind], moment, {"id": own}))
        if kind == jobs_of.KIND:
            return cast(Node | None, await jobs_of.job(info, id))
        if kind == partners.KIND:
            partner = await partners.partner(info)
            return partner if partner.id == id else None
        raise Refusal("id_invalid", id=id[:200])

    @taking(asking(), description="The newcomers' figures of a group on the evening of a day.")
    async def newcomer_figures(self, info: Info, asked: Question) -> NewcomerFigures:
        return await figures_of.newcomer_figures(info, asked)

    @taking(asking("manager"), description="A partner's figures by month, cohort and manager.")
    async def board(
        self,
        info: Info,
        asked: Question,
        last_months: Annotated[int, strawberry.argument(description="Of months the last.")] = 24,
    ) -> Board:
        return await figures_of.board(info, asked, last_months)

    @strawberry.field
    async def job(self, info: Info, id: strawberry.ID) -> Job | None:
        return await jobs_of.job(info, id)

    @strawberry.field
    def head_office(self) -> HeadOffice:
        return HeadOffice()
