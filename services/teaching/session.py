"""Class sessions: from the plan to the written summary. A session is named by its code."""

from collections.abc import Sequence
from datetime import date

import msgspec

from domain.kernel.errors import NotFoundError, Refusal, TakenError
from domain.kernel.values import number_key, tidy
from domain.teaching.session import INDUCTION, Session
from services.kernel.work import Work
from services.teaching.cohort import cohort_by_code

CODE = "session_code"


class PlanSession(msgspec.Struct, frozen=True):
    """`cohort` is a code; the day may lie in the future or, for a plan told late, in the past."""

    cohort: str
    code: str
    planned_on: date
    topics: Sequence[str]
    kind: str = INDUCTION


class ApprovePlanChange(msgspec.Struct, frozen=True):
    """The day and topics that hold from `on`, the day of the approval; unnamed ones are dropped."""

    session: str
    planned_on: date
    topics: Sequence[str]
    on: date
    reason: str


class OpenSession(msgspec.Struct, frozen=True):
    session: str
    on: date
    headcount: int


class CorrectOpening(msgspec.Struct, frozen=True):
    """What the opening truly was, where it was typed wrong."""

    session: str
    on: date
    headcount: int
    reason: str


class CloseSession(msgspec.Struct, frozen=True):
    session: str
    on: date
    topics_taught: Sequence[str]
    headcount: int


class CorrectClosing(msgspec.Struct, frozen=True):
    """What the closing truly was, where it was typed wrong."""

    session: str
    on: date
    topics_taught: Sequence[str]
    headcount: int
    reason: str


class WriteSummary(msgspec.Struct, frozen=True):
    session: str
    on: date
    text: str


class CorrectSummary(msgspec.Struct, frozen=True):
    """What the summary truly says and when it was written, where it was recorded wrong."""

    session: str
    on: date
    text: str
    reason: str


class CancelSession(msgspec.Struct, frozen=True):
    session: str
    on: date
    reason: str


async def plan_session(work: Work, command: PlanSession) -> str:
    """Refuses `code_missing`, `cohort_unknown` and, tenant-wide, `session_code_taken`."""
    code = tidy(command.code)
    if not code:
        raise Refusal("code_missing")

    def taken() -> Refusal:
        return TakenError("session_code_taken", code=code)

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
        raise NotFoundError("session_unknown", code=tidy(code))
    return session


def _tidied(topics: Sequence[str]) -> tuple[str, ...]:
    """Each topic once, in the order given, whatever its spacing."""
    return tuple(dict.fromkeys(topic for topic in map(tidy, topics) if topic))
