"""The mutations of class sessions: their inputs, what they answer, and the commands they give."""

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

import msgspec
import strawberry

from api.graphql.engine.context import Info
from api.graphql.engine.payload import UserError, given
from api.graphql.types.changed import changed_session
from api.graphql.types.session import Session
from domain.teaching.session import INDUCTION
from services.teaching.session import (
    ApprovePlanChange,
    CancelSession,
    CloseSession,
    CorrectClosing,
    CorrectOpening,
    CorrectSummary,
    OpenSession,
    PlanSession,
    WriteSummary,
)

P = TypeVar("P")


@strawberry.input
class PlanSessionInput:
    cohort: str = strawberry.field(description="The cohort's code.")
    code: str
    planned_on: date
    topics: list[str]
    kind: str = INDUCTION
    idempotency_key: str | None = None


@strawberry.input
class ApprovePlanChangeInput:
    session: str = strawberry.field(description="The class's code.")
    planned_on: date
    topics: list[str] = strawberry.field(description="All that hold from now on.")
    on: date = strawberry.field(description="The day of the approval.")
    reason: str
    idempotency_key: str | None = None


@strawberry.input
class OpenSessionInput:
    session: str = strawberry.field(description="The class's code.")
    on: date
    headcount: int
    idempotency_key: str | None = None


@strawberry.input
class CorrectOpeningInput:
    session: str = strawberry.field(description="The class's code.")
    on: date
    headcount: int
    reason: str
    idempotency_key: str | None = None


@strawberry.input
class CloseSessionInput:
    session: str = strawberry.field(description="The class's code.")
    on: date
    topics_taught: list[str]
    headcount: int
    idempotency_key: str | None = None


@strawberry.input
class CorrectClosingInput:
    session: str = strawberry.field(description="The class's code.")
    on: date
    topics_taught: list[str]
    headcount: int
    reason: str
    idempotency_key: str | None = None


@strawberry.input
class WriteSummaryInput:
    session: str = strawberry.field(description="The class's code.")
    on: date
    text: str
    idempotency_key: str | None = None


@strawberry.input
class CorrectSummaryInput:
    session: str = strawberry.field(description="The class's code.")
    on: date
    text: str
    reason: str
    idempotency_key: str | None = None


@strawberry.input
class CancelSessionInput:
    session: str = strawberry.field(description="The class's code.")
    on: date
    reason: str
    idempotency_key: str | None = None


@strawberry.type
class PlanSessionPayload:
    session: Session | None
    position: int | None
    errors: list[UserError]


@strawberry.type
class ApprovePlanChangePayload:
    session: Session | None
    position: int | None
    errors: list[UserError]


@strawberry.type
class OpenSessionPayload:
    session: Session | None
    position: int | None
    errors: list[UserError]


@strawberry.type
class CorrectOpeningPayload:
    session: Session | None
    position: int | None
    errors: list[UserError]


@strawberry.type
class CloseSessionPayload:
    session: Session | None
    position: int | None
    errors: list[UserError]


@strawberry.type
class CorrectClosingPayload:
    session: Session | None
    position: int | None
    errors: list[UserError]


@strawberry.type
class WriteSummaryPayload:
    session: Session | None
    position: int | None
    errors: list[UserError]


@strawberry.type
class CorrectSummaryPayload:
    session: Session | None
    position: int | None
    errors: list[UserError]


@strawberry.type
class CancelSessionPayload:
    session: Session | None
    position: int | None
    errors: list[UserError]


async def _of_session(
    info: Info, kind: type[msgspec.Struct], stated: Any, payload: Callable[..., P]
) -> P:
    outcome = await given(info, kind, stated)
    session = await changed_session(info.context, outcome)
    return payload(session=session, position=outcome.position, errors=outcome.errors)


@strawberry.type
class SessionChanges:
    @strawberry.mutation
    async def plan_session(self, info: Info, input: PlanSessionInput) -> PlanSessionPayload:
        return await _of_session(info, PlanSession, input, PlanSessionPayload)

    @strawberry.mutation
    async def approve_plan_change(
        self, info: Info, input: ApprovePlanChangeInput
    ) -> ApprovePlanChangePayload:
        return await _of_session(info, ApprovePlanChange, input, ApprovePlanChangePayload)

    @strawberry.mutation
    async def open_session(self, info: Info, input: OpenSessionInput) -> OpenSessionPayload:
        return await _of_session(info, OpenSession, input, OpenSessionPayload)

    @strawberry.mutation
    async def correct_opening(
        self, info: Info, input: CorrectOpeningInput
    ) -> CorrectOpeningPayload:
        return await _of_session(info, CorrectOpening, input, CorrectOpeningPayload)

    @strawberry.mutation
    async def close_session(self, info: Info, input: CloseSessionInput) -> CloseSessionPayload:
        return await _of_session(info, CloseSession, input, CloseSessionPayload)

    @strawberry.mutation
    async def correct_closing(
        self, info: Info, input: CorrectClosingInput
    ) -> CorrectClosingPayload:
        return await _of_session(info, CorrectClosing, input, CorrectClosingPayload)

    @strawberry.mutation
    async def write_summary(self, info: Info, input: WriteSummaryInput) -> WriteSummaryPayload:
        return await _of_session(info, WriteSummary, input, WriteSummaryPayload)

    @strawberry.mutation
    async def correct_summary(
        self, info: Info, input: CorrectSummaryInput
    ) -> CorrectSummaryPayload:
        return await _of_session(info, CorrectSummary, input, CorrectSummaryPayload)

    @strawberry.mutation
    async def cancel_session(self, info: Info, input: CancelSessionInput) -> CancelSessionPayload:
        return await _of_session(info, CancelSession, input, CancelSessionPayload)
