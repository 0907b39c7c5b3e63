"""Class sessions, from the plan to the written summary."""

from datetime import date
from enum import Enum
from typing import Self

import strawberry

from api.graphql.engine.context import Info
from api.graphql.engine.enums import ROLE, SESSION_KIND
from api.graphql.engine.relay import Node, global_id
from api.graphql.types.cohort import Cohort
from domain.kernel.errors import NotFoundError
from domain.kpi.subjects.teaching import Plan
from projections.teaching.cohorts import COHORT_LIST
from projections.teaching.sessions import SESSION_LIST, SessionRow
from services.reading.moment import Moment


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
            id=global_id(SESSION_LIST.kind, row.session_id),
            code=facts.code,
            kind=facts.kind,
            status=SessionStatus(row.status),
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
        row = await info.context.at(self.moment).row(COHORT_LIST).load(self.cohort_id)
        if row is None:
            raise NotFoundError("cohort_unknown", code=self.cohort_id)
        return Cohort.of(row, self.moment)
