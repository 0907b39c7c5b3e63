"""Class sessions: from the plan to the written summary. A session is named by its code."""

from typing import Annotated

import msgspec
from msgspec import Meta
from msgspec.structs import asdict

from domain.teaching.session import INDUCTION, Session
from services.kernel.fields import (
    CohortCode,
    Day,
    Headcount,
    PlannedDay,
    Reason,
    SessionCode,
    SessionKind,
    SummaryText,
    Topics,
)
from services.kernel.handler import handler, handler_on
from services.kernel.naming import Naming
from services.kernel.work import Work
from services.teaching.cohort import COHORTS


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


class CorrectOpening(OpenSession, frozen=True):
    """Corrects the opening of a class that had been typed wrong."""

    reason: Reason


class CloseSession(msgspec.Struct, frozen=True):
    """Records that a class ended (结班), and what was taught."""

    session: SessionCode
    on: Day
    topics_taught: Topics
    headcount: Headcount


class CorrectClosing(CloseSession, frozen=True):
    """Corrects the closing of a class that had been typed wrong."""

    reason: Reason


class WriteSummary(msgspec.Struct, frozen=True):
    """Records the written summary (书面培训总结) of a class (S33)."""

    session: SessionCode
    on: Annotated[Day, Meta(description="The day on which it was written.")]
    text: SummaryText


class CorrectSummary(WriteSummary, frozen=True):
    """Corrects the summary of a class that had been recorded wrong."""

    reason: Reason


class CancelSession(msgspec.Struct, frozen=True):
    """Cancels a class that will not take place; it stays on record (S10)."""

    session: SessionCode
    on: Day
    reason: Reason


SESSIONS = Naming(Session, "session")
on_session = handler_on(SESSIONS.named, "session")


@handler
async def plan_session(work: Work, command: PlanSession) -> str:
    code = SESSIONS.require(command.code)
    cohort = await COHORTS.get(work, command.cohort)
    said = asdict(command) | {"code": code, "topics": tuple(command.topics)}
    del said["cohort"]
    session = Session.plan(
        work.new_id(Session), cohort_id=cohort.id, cohort_code=cohort.code, **said
    )
    SESSIONS.claim(work, code, session.id)
    return work.add(session)


@handler
async def approve_plan_change(work: Work, command: ApprovePlanChange) -> str:
    """Approves a change of the plan; the approver's role is the principal's."""
    session = await SESSIONS.get(work, command.session)
    session.approve_plan_change(
        planned_on=command.planned_on,
        topics=tuple(command.topics),
        approved_by=str(work.ctx.principal.role),
        on=command.on,
        reason=command.reason,
    )
    return session.id


open_session = on_session(OpenSession, Session.open)
correct_opening = on_session(CorrectOpening, Session.correct_opening)
close_session = on_session(CloseSession, Session.close)
correct_closing = on_session(CorrectClosing, Session.correct_closing)
write_summary = on_session(WriteSummary, Session.write_summary)
correct_summary = on_session(CorrectSummary, Session.correct_summary)
cancel_session = on_session(CancelSession, Session.cancel)
