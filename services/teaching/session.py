"""Class sessions: from the plan to the written summary. A session is named by its code."""

from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from domain.kernel.errors import NotFoundError, Refusal, TakenError
from domain.kernel.values import number_key, tidy
from domain.teaching.session import INDUCTION, Session
from services.kernel.fields import (
    CohortCode,
    Day,
    Headcount,
    PlannedDay,
    Reason,
    SessionCode,
    SessionKind,
    Summary,
    Topics,
)
from services.kernel.handler import handler, handler_on
from services.kernel.work import Work
from services.teaching.cohort import cohort_by_code

CODE = "session_code"


class PlanSession(msgspec.Struct, frozen=True):
    """Plans a class of a cohort for a day, with its topics (S34)."""

    cohort: CohortCode
    code: SessionCode
    planned_on: PlannedDay
    topics: Topics
    kind: SessionKind = INDUCTION


class ApprovePlanChange(msgspec.Struct, frozen=True):
    """Approves another day or other topics for a class (S1, S34).

    Topics that are not named are dropped.
    """

    session: SessionCode
    planned_on: PlannedDay
    topics: Topics
    on: Annotated[Day, Meta(description="The day of the approval.")]
    reason: Reason


class OpenSession(msgspec.Struct, frozen=True):
    """Records that a class opened (开班) (S31, S32)."""

    session: SessionCode
    on: Day
    headcount: Headcount


class CorrectOpening(msgspec.Struct, frozen=True):
    """Corrects the opening of a class that had been typed wrong."""

    session: SessionCode
    on: Day
    headcount: Headcount
    reason: Reason


class CloseSession(msgspec.Struct, frozen=True):
    """Records that a class ended (结班), and what was taught."""

    session: SessionCode
    on: Day
    topics_taught: Topics
    headcount: Headcount


class CorrectClosing(msgspec.Struct, frozen=True):
    """Corrects the closing of a class that had been typed wrong."""

    session: SessionCode
    on: Day
    topics_taught: Topics
    headcount: Headcount
    reason: Reason


class WriteSummary(msgspec.Struct, frozen=True):
    """Records the written summary (书面培训总结) of a class (S33)."""

    session: SessionCode
    on: Annotated[Day, Meta(description="The day on which it was written.")]
    text: Summary


class CorrectSummary(msgspec.Struct, frozen=True):
    """Corrects the summary of a class that had been recorded wrong."""

    session: SessionCode
    on: Annotated[Day, Meta(description="The day on which it was written.")]
    text: Summary
    reason: Reason


class CancelSession(msgspec.Struct, frozen=True):
    """Cancels a class that will not take place; it stays on record (S10)."""

    session: SessionCode
    on: Day
    reason: Reason


async def session_by_code(work: Work, code: str) -> Session:
    """Raises NotFoundError `session_unknown`."""
    session = await work.find(Session, CODE, number_key(code))
    if session is None:
        raise NotFoundError("session_unknown", field="session", code=tidy(code))
    return session


on_session = handler_on(lambda work, command: session_by_code(work, command.session))
"""Makes a handler of what one class decides, which the command names by its code."""


@handler
async def plan_session(work: Work, command: PlanSession) -> str:
    """Refuses `code_missing`, `cohort_unknown` and, tenant-wide, `session_code_taken`."""
    code = tidy(command.code)
    if not code:
        raise Refusal("code_missing", field="code")

    cohort = await cohort_by_code(work, command.cohort)
    session = Session.plan(
        work.new_id(Session),
        cohort_id=cohort.id,
        cohort_code=cohort.code,
        code=code,
        kind=command.kind,
        planned_on=command.planned_on,
        topics=_tidied(command.topics),
    )
    work.add(session)
    taken = TakenError("session_code_taken", field="code", code=code)
    work.claim(CODE, number_key(code), session.id, taken)
    return session.id


@handler
async def approve_plan_change(work: Work, command: ApprovePlanChange) -> str:
    """Records the principal's own role as the approver's."""
    session = await session_by_code(work, command.session)
    session.approve_plan_change(
        planned_on=command.planned_on,
        topics=_tidied(command.topics),
        approved_by=str(work.ctx.principal.role),
        on=command.on,
        reason=command.reason.strip(),
    )
    return session.id


@on_session
def open_session(session: Session, command: OpenSession) -> None:
    session.open(on=command.on, headcount=command.headcount)


@on_session
def correct_opening(session: Session, command: CorrectOpening) -> None:
    session.correct_opening(
        on=command.on, headcount=command.headcount, reason=command.reason.strip()
    )


@on_session
def close_session(session: Session, command: CloseSession) -> None:
    session.close(
        on=command.on, topics_taught=_tidied(command.topics_taught), headcount=command.headcount
    )


@on_session
def correct_closing(session: Session, command: CorrectClosing) -> None:
    session.correct_closing(
        on=command.on,
        topics_taught=_tidied(command.topics_taught),
        headcount=command.headcount,
        reason=command.reason.strip(),
    )


@on_session
def write_summary(session: Session, command: WriteSummary) -> None:
    session.write_summary(on=command.on, text=command.text.strip())


@on_session
def correct_summary(session: Session, command: CorrectSummary) -> None:
    session.correct_summary(on=command.on, text=command.text.strip(), reason=command.reason.strip())


@on_session
def cancel_session(session: Session, command: CancelSession) -> None:
    session.cancel(on=command.on, reason=command.reason.strip())


def _tidied(topics: Sequence[str]) -> tuple[str, ...]:
    """Each topic once, in the order given, whatever its spacing."""
    return tuple(dict.fromkeys(topic for topic in map(tidy, topics) if topic))
