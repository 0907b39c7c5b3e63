"""Class sessions: from the plan to the written summary. A session is named by its code."""

from typing import Annotated

import msgspec
from msgspec import Meta
from msgspec.structs import asdict

from domain.kernel.errors import Refusal
from domain.teaching.cohort import Cohort
from domain.teaching.session import INDUCTION, Session
from services.kernel import fields
from services.kernel.handler import handler, handler_on
from services.kernel.naming import Naming
from services.kernel.permissions import Permission
from services.kernel.work import Work
from services.teaching.cohort import COHORTS
from services.within import exercised


class PlanSession(msgspec.Struct, frozen=True):
    """Plans a class of a cohort for a day, with its topics (S34)."""

    cohort: fields.CohortCode
    code: fields.SessionCode
    planned_on: fields.PlannedDay
    topics: fields.Topics
    kind: fields.SessionKind = INDUCTION


class ApprovePlanChange(msgspec.Struct, frozen=True):
    """Approves another day or other topics for a class (S1, S34).

    Topics that are not named are dropped.
    """

    session: fields.SessionCode
    planned_on: fields.PlannedDay
    topics: fields.Topics
    on: Annotated[fields.Day, Meta(description="The day of the approval.")]
    reason: fields.ReasonOfNobody


class OpenSession(msgspec.Struct, frozen=True):
    """Records that a class opened (开班) (S31, S32)."""

    session: fields.SessionCode
    on: fields.Day
    headcount: fields.Headcount


class CorrectOpening(OpenSession, fields.Amending, frozen=True):
    """Corrects the opening of a class that had been typed wrong."""

    reason: fields.ReasonOfNobody


class CloseSession(msgspec.Struct, frozen=True):
    """Records that a class ended (结班), and what was taught."""

    session: fields.SessionCode
    on: fields.Day
    topics_taught: fields.TopicsTaught
    headcount: fields.Headcount


class CorrectClosing(CloseSession, fields.Amending, frozen=True):
    """Corrects the closing of a class that had been typed wrong."""

    reason: fields.ReasonOfNobody


class WriteSummary(msgspec.Struct, frozen=True):
    """Records the written summary (书面培训总结) of a class (S33)."""

    session: fields.SessionCode
    on: Annotated[fields.Day, Meta(description="The day on which it was written.")]
    text: fields.SummaryText


class CorrectSummary(WriteSummary, fields.Amending, frozen=True):
    """Corrects the summary of a class that had been recorded wrong."""

    reason: fields.ReasonOfNobody


class CancelSession(msgspec.Struct, frozen=True):
    """Cancels a class that will not take place; it stays on record (S10)."""

    session: fields.SessionCode
    on: fields.Day
    reason: fields.ReasonOfNobody


SESSIONS = Naming(Session, "session")
on_session = handler_on(SESSIONS.named, "session")


@handler
async def plan_session(work: Work, command: PlanSession) -> str:
    said = asdict(command)
    cohort = await COHORTS.get(work, said.pop("cohort"))
    session = Session.plan(
        work.new_id(Session), cohort_id=cohort.id, cohort_code=cohort.code, **said
    )
    SESSIONS.claim(work, command.code, session.id)
    return work.add(session)


@handler
async def approve_plan_change(work: Work, command: ApprovePlanChange) -> str:
    """Approves a change of the plan; the approver's role is that by which it is allowed. Refuses
    `own_override`: who answers for the batch, or stands in, has somebody else decide (S1)."""
    said = asdict(command)
    session = await SESSIONS.get(work, said.pop("session"))
    cohort = await work.load(Cohort, session.planned.cohort_id)
    answering = {cohort.answering_on(day) for day in (command.on, work.ctx.today)}
    if answering & work.ctx.principal.acts_for:
        raise Refusal("own_override", field="session", code=session.code)
    session.approve_plan_change(
        approved_by=str(await exercised(work, Permission.APPROVE_PLANS, session)), **said
    )
    return session.id


open_session = on_session(OpenSession, Session.open)
correct_opening = on_session(CorrectOpening, Session.correct_opening)
close_session = on_session(CloseSession, Session.close)
correct_closing = on_session(CorrectClosing, Session.correct_closing)
write_summary = on_session(WriteSummary, Session.write_summary)
correct_summary = on_session(CorrectSummary, Session.correct_summary)
cancel_session = on_session(CancelSession, Session.cancel)
