"""Every query. The tenant comes from the credential, never from an argument."""

from datetime import date, datetime
from typing import cast

import strawberry

from api.graphql.engine.asked import moment, question
from api.graphql.engine.context import Info
from api.graphql.engine.relay import Node, own_id
from api.graphql.types import cohort as cohorts_of
from api.graphql.types import figures as figures_of
from api.graphql.types import job as jobs_of
from api.graphql.types import partner as partners
from api.graphql.types import session as sessions_of
from api.graphql.types import submission as submissions_of
from api.graphql.types import trainee as trainees_of
from api.graphql.types.calendar_queries import CalendarQueries
from api.graphql.types.cohort import Cohort, CohortConnection, CohortStatus
from api.graphql.types.comparison_queries import ComparisonQueries
from api.graphql.types.figures import Board, NewcomerFigures
from api.graphql.types.head_office import HeadOffice
from api.graphql.types.job import Job
from api.graphql.types.kpi_queries import KpiQueries
from api.graphql.types.partner import Partner, Viewer
from api.graphql.types.session import Session, SessionConnection
from api.graphql.types.submission import SubmissionQueries
from api.graphql.types.trainee import Trainee, TraineeConnection, TraineeStatus
from api.graphql.types.whatif_for_all import WhatIfForAllQueries
from domain.kernel.errors import Refusal


@strawberry.type
class Query(KpiQueries, ComparisonQueries, SubmissionQueries, WhatIfForAllQueries, CalendarQueries):
    @strawberry.field
    async def me(self, info: Info) -> Viewer:
        return partners.viewer(info)

    @strawberry.field
    async def partner(self, info: Info, min_position: int | None = None) -> Partner:
        await info.context.reach(min_position)
        return await partners.partner(info)

    @strawberry.field
    async def node(
        self,
        info: Info,
        id: strawberry.ID,
        happened_by: date | None = None,
        known_by: datetime | None = None,
        known_by_position: int | None = None,
        min_position: int | None = None,
    ) -> Node | None:
        await info.context.reach(min_position)
        then = await moment(info, happened_by, known_by, known_by_position)
        kind, _ = own_id(id)
        if kind == trainees_of.KIND:
            return cast(Node | None, await trainees_of.trainee(info, id, None, then))
        if kind == cohorts_of.KIND:
            return cast(Node | None, await cohorts_of.cohort(info, id, None, then))
        if kind == sessions_of.KIND:
            return cast(Node | None, await sessions_of.session(info, id, None, then))
        if kind == submissions_of.KIND:
            return cast(Node | None, await submissions_of.submission(info, id, then))
        if kind == jobs_of.KIND:
            return cast(Node | None, await jobs_of.job(info, id))
        if kind == partners.KIND:
            partner = await partners.partner(info)
            return partner if partner.id == id else None
        raise Refusal("id_invalid", id=id[:200])

    @strawberry.field
    async def cohort(
        self,
        info: Info,
        id: strawberry.ID | None = None,
        code: str | None = None,
        happened_by: date | None = None,
        known_by: datetime | None = None,
        known_by_position: int | None = None,
        min_position: int | None = None,
    ) -> Cohort | None:
        await info.context.reach(min_position)
        then = await moment(info, happened_by, known_by, known_by_position)
        return await cohorts_of.cohort(info, id, code, then)

    @strawberry.field
    async def cohorts(
        self,
        info: Info,
        first: int | None = None,
        after: str | None = None,
        month: str | None = None,
        status: CohortStatus | None = None,
        happened_by: date | None = None,
        known_by: datetime | None = None,
        known_by_position: int | None = None,
        min_position: int | None = None,
    ) -> CohortConnection:
        await info.context.reach(min_position)
        then = await moment(info, happened_by, known_by, known_by_position)
        size = cohorts_of.PAGE if first is None else first
        return await cohorts_of.cohorts(info, first=size, after=after, month=month, moment=then)

    @strawberry.field
    async def trainee(
        self,
        info: Info,
        id: strawberry.ID | None = None,
        employee_no: str | None = None,
        happened_by: date | None = None,
        known_by: datetime | None = None,
        known_by_position: int | None = None,
        min_position: int | None = None,
    ) -> Trainee | None:
        await info.context.reach(min_position)
        then = await moment(info, happened_by, known_by, known_by_position)
        return await trainees_of.trainee(info, id, employee_no, then)

    @strawberry.field
    async def trainees(
        self,
        info: Info,
        first: int | None = None,
        after: str | None = None,
        cohort: strawberry.ID | None = None,
        status: TraineeStatus | None = None,
        search: str | None = None,
        happened_by: date | None = None,
        known_by: datetime | None = None,
        known_by_position: int | None = None,
        min_position: int | None = None,
    ) -> TraineeConnection:
        await info.context.reach(min_position)
        then = await moment(info, happened_by, known_by, known_by_position)
        return await trainees_of.trainees(
            info,
            first=trainees_of.PAGE if first is None else first,
            after=after,
            cohort=cohort,
            status=status,
            search=search,
            moment=then,
        )

    @strawberry.field
    async def session(
        self,
        info: Info,
        id: strawberry.ID | None = None,
        code: str | None = None,
        happened_by: date | None = None,
        known_by: datetime | None = None,
        known_by_position: int | None = None,
        min_position: int | None = None,
    ) -> Session | None:
        await info.context.reach(min_position)
        then = await moment(info, happened_by, known_by, known_by_position)
        return await sessions_of.session(info, id, code, then)

    @strawberry.field
    async def sessions(
        self,
        info: Info,
        first: int | None = None,
        after: str | None = None,
        cohort: strawberry.ID | None = None,
        month: str | None = None,
        happened_by: date | None = None,
        known_by: datetime | None = None,
        known_by_position: int | None = None,
        min_position: int | None = None,
    ) -> SessionConnection:
        await info.context.reach(min_position)
        then = await moment(info, happened_by, known_by, known_by_position)
        size = sessions_of.PAGE if first is None else first
        return await sessions_of.sessions(
            info, first=size, after=after, cohort=cohort, month=month, moment=then
        )

    @strawberry.field
    async def newcomer_figures(
        self,
        info: Info,
        cohort: str | None = None,
        month: str | None = None,
        manager: str | None = None,
        happened_by: date | None = None,
        known_by: datetime | None = None,
        known_by_position: int | None = None,
        min_position: int | None = None,
    ) -> NewcomerFigures:
        await info.context.reach(min_position)
        asked = question(
            info, month, cohort, manager, None, happened_by, known_by, known_by_position
        )
        return await figures_of.newcomer_figures(info, asked)

    @strawberry.field
    async def board(
        self,
        info: Info,
        manager: str | None = None,
        happened_by: date | None = None,
        known_by: datetime | None = None,
        known_by_position: int | None = None,
        last_months: int = 24,
        min_position: int | None = None,
    ) -> Board:
        await info.context.reach(min_position)
        asked = question(info, None, None, manager, None, happened_by, known_by, known_by_position)
        return await figures_of.board(info, asked, last_months)

    @strawberry.field
    async def job(self, info: Info, id: strawberry.ID) -> Job | None:
        return await jobs_of.job(info, id)

    @strawberry.field
    def head_office(self) -> HeadOffice:
        return HeadOffice()
