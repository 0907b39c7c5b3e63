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


async def plan_session(work: Work, command: PlanSession) -> str:
    """Refuses `code_missing`, `cohort_unknown` and, tenant-wide, `session_code_taken`."""
    code = tidy(command.code)
    if not code:
        raise Refusal("code_missing", field="code")

    def taken() -> Refusal:
        return TakenError("session_code_taken", field="code", code=code)

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
    work.claim(CODE, number_key(code), session.id, taken)
    return session.id


async def approve_plan_change(work: Work, command: ApprovePlanChange) -> str:
    """The approver is whoever gives the command: nobody approves in another one's name."""
    work.require_past(command.on)
    session = await session_by_code(work, command.session)
    session.approve_plan_change(
        planned_on=command.planned_on,
        topics=_tidied(command.topics),
        approved_by=str(work.ctx.principal.role),
        on=command.on,
        reason=command.reason.strip(),
    )
    return session.id


async def open_session(work: Work, command: OpenSession) -> str:
    work.require_past(command.on)
    session = await session_by_code(work, command.session)
    session.open(on=command.on, headcount=command.headcount)
    return session.id


async def correct_opening(work: Work, command: CorrectOpening) -> str:
    work.require_past(command.on)
    session = await session_by_code(work, command.session)
    session.correct_opening(
        on=command.on, headcount=command.headcount, reason=command.reason.strip()
    )
    return session.id


async def close_session(work: Work, command: CloseSession) -> str:
    work.require_past(command.on)
    session = await session_by_code(work, command.session)
    session.close(
        on=command.on, topics_taught=_tidied(command.topics_taught), headcount=command.headcount
    )
    return session.id


async def correct_closing(work: Work, command: CorrectClosing) -> str:
    work.require_past(command.on)
    session = await session_by_code(work, command.session)
    session.correct_closing(
        on=command.on,
        topics_taught=_tidied(command.topics_taught),
        headcount=command.headcount,
        reason=command.reason.strip(),
    )
    return session.id


async def write_summary(work: Work, command: WriteSummary) -> str:
    work.require_past(command.on)
    session = await session_by_code(work, command.session)
    session.write_summary(on=command.on, text=command.text.strip())
    return session.id


async def correct_summary(work: Work, command: CorrectSummary) -> str:
    work.require_past(command.on)
    session = await session_by_code(work, command.session)
    session.correct_summary(on=command.on, text=command.text.strip(), reason=command.reason.strip())
    return session.id


async def cancel_session(work: Work, command: CancelSession) -> str:
    work.require_past(command.on)
    session = await session_by_code(work, command.session)
    session.cancel(on=command.on, reason=command.reason.strip())
    return session.id


async def session_by_code(work: Work, code: str) -> Session:
    """Raises NotFoundError `session_unknown`."""
    session = await work.find(Session, CODE, number_key(code))
    if session is None:
        raise NotFoundError("session_unknown", field="session", code=tidy(code))
    return session


def _tidied(topics: Sequence[str]) -> tuple[str, ...]:
    """Each topic once, in the order given, whatever its spacing."""
    return tuple(dict.fromkeys(topic for topic in map(tidy, topics) if topic))
