"""Class sessions, and the pages of them."""

from datetime import date
from enum import Enum
from typing import Self

import strawberry

from api.graphql.engine.context import Info
from api.graphql.engine.enums import ROLE, SESSION_KIND
from api.graphql.engine.moment import Moment
from api.graphql.engine.relay import Node, PageInfo, global_id, own_id, page_info
from api.graphql.types.cohort import KIND as COHORT
from api.graphql.types.cohort import Cohort
from domain.kernel.errors import NotFoundError
from domain.kernel.values import Month
from domain.kpi.subjects.teaching import ClassFacts, Plan
from projections.teaching.sessions import SessionRow

KIND = "Session"
PAGE = 50


@strawberry.enum(description="Where a class stands.")
class SessionStatus(Enum):
    PLANNED = "planned"
    OPENED = "opened"
    CLOSED = "closed"
    CANCELLED = "cancelled"


@strawberry.type(description="A day and topics; the first plan of a class is approved by nobody.")
class SessionPlan:
    planned_on: date
    topics: list[str]
    approved_on: date | None
    approved_by: str | None = strawberry.field(
        graphql_type=ROLE | None, description="The role of the approver."
    )

    @classmethod
    def of(cls, plan: Plan) -> Self:
        return cls(
            planned_on=plan.planned_on,
            topics=list(plan.topics),
            approved_on=plan.approved_on,
            approved_by=plan.approved_by,
        )


@strawberry.type(description="When a class opened, and how many were there.")
class SessionOpening:
    on: date
    headcount: int


@strawberry.type(description="When a class ended, what had been taught, and how many were there.")
class SessionClosing:
    on: date
    topics_taught: list[str]
    headcount: int


@strawberry.type(description="The written summary of a class.")
class SessionSummary:
    on: date
    text: str


@strawberry.type(description="A class of a cohort, from the plan to the written summary.")
class Session(Node):
    id: strawberry.ID
    code: str
    kind: str = strawberry.field(graphql_type=SESSION_KIND)
    status: SessionStatus
    plan: SessionPlan = strawberry.field(description="The one in force.")
    plans: list[SessionPlan] = strawberry.field(description="The first one and all changes.")
    opening: SessionOpening | None
    closing: SessionClosing | None
    summary: SessionSummary | None
    cancelled_on: date | None
    cohort_id: strawberry.Private[str]
    moment: strawberry.Private[Moment | None] = None

    @classmethod
    def of(cls, row: SessionRow, moment: Moment | None = None) -> Self:
        facts = row.facts
        opening, closing, summary = facts.opening, facts.closing, facts.summary
        return cls(
            id=global_id(KIND, row.session_id),
            code=facts.code,
            kind=facts.kind,
            status=_status(facts),
            plan=SessionPlan.of(facts.plan_on(date.max)),
            plans=[SessionPlan.of(plan) for plan in (facts.plan, *facts.changes)],
            opening=SessionOpening(on=opening.on, headcount=opening.headcount) if opening else None,
            closing=SessionClosing(
                on=closing.on,
                topics_taught=list(closing.topics_taught),
                headcount=closing.headcount,
            )
            if closing
            else None,
            summary=SessionSummary(on=summary.on, text=row.summary or "") if summary else None,
            cancelled_on=facts.cancelling.on if facts.cancelling else None,
            cohort_id=row.cohort_id,
            moment=moment,
        )

    @strawberry.field
    async def cohort(self, info: Info) -> Cohort:
        row = await info.context.at(self.moment).cohort_by_id.load(self.cohort_id)
        if row is None:
            raise NotFoundError("cohort_unknown", code=self.cohort_id)
        return Cohort.of(row, self.moment)


def _status(facts: ClassFacts) -> SessionStatus:
    if facts.cancelling:
        return SessionStatus.CANCELLED
    if facts.closing:
        return SessionStatus.CLOSED
    return SessionStatus.OPENED if facts.opening else SessionStatus.PLANNED


@strawberry.type
class SessionEdge:
    cursor: str
    node: Session


@strawberry.type(description="A page of classes, the latest planned first.")
class SessionConnection:
    edges: list[SessionEdge]
    page_info: PageInfo
    cohort_id: strawberry.Private[str | None]
    month: strawberry.Private[Month | None]
    moment: strawberry.Private[Moment | None]

    @strawberry.field
    async def total_count(self, info: Info) -> int:
        return await info.context.at(self.moment).count_sessions(
            cohort_id=self.cohort_id, month=self.month
        )


async def session(
    info: Info, given: str | None, code: str | None, moment: Moment | None
) -> Session | None:
    """By global id, or by code however it is spelt."""
    if given is None and code is None:
        return None
    session_id = own_id(given, KIND)[1] if given is not None else None
    row = await info.context.at(moment).get_session(session_id=session_id, code=code)
    return None if row is None else Session.of(row, moment)


async def sessions(
    info: Info,
    *,
    first: int,
    after: str | None,
    cohort: str | None,
    month: str | None,
    moment: Moment | None,
) -> SessionConnection:
    """cohort: a global id. month: YYYY-MM, of the planned day."""
    cohort_id = own_id(cohort, COHORT)[1] if cohort is not None else None
    planned_for = Month.parse(month) if month is not None else None
    page = await info.context.at(moment).list_sessions(
        cohort_id=cohort_id, month=planned_for, first=first, after=after
    )
    return SessionConnection(
        edges=[
            SessionEdge(cursor=cursor, node=Session.of(row, moment))
            for row, cursor in zip(page.rows, page.cursors, strict=True)
        ],
        page_info=page_info(page.cursors, page.has_next, after),
        cohort_id=cohort_id,
        month=planned_for,
        moment=moment,
    )
