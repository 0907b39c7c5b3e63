"""The pages of classes, from the plan to the written summary (S31 to S34)."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from api.web.kit.page import PageContext
from api.web.kit.resource import Amendment, CommandKind, Resource, Section, Steps
from domain.teaching.session import Session
from projections.teaching.sessions import SESSION_LIST, SessionRow, SessionStatus
from services.reading.moment import Moment
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

COMMANDS = (OpenSession, CloseSession, WriteSummary, ApprovePlanChange, CancelSession)
STEPS: dict[SessionStatus, Steps] = {
    "planned": Steps(
        (OpenSession, ApprovePlanChange), refused=frozenset({CloseSession, WriteSummary})
    ),
    "opened": Steps((CloseSession,), refused=frozenset({OpenSession, WriteSummary, CancelSession})),
    "closed": Steps((WriteSummary,), refused=frozenset({OpenSession, CloseSession, CancelSession})),
    "cancelled": Steps(refused=frozenset(COMMANDS)),
}
"""What comes next, by how far the class has come, and what cannot be."""


async def _steps(_: PageContext, row: SessionRow) -> Steps:
    steps = STEPS[row.status]
    if row.summed_up_on:
        return Steps(refused=steps.refused | {WriteSummary})
    return steps


async def _begins(_: PageContext, row: SessionRow, command: CommandKind) -> Mapping[str, Any]:
    """What was planned is mostly what was taught."""
    return {"topics_taught": row.facts.plan_on(date.max).topics} if command is CloseSession else {}


async def _dropped(
    _: PageContext, row: SessionRow, __: Moment | None
) -> dict[str, tuple[str, ...]] | None:
    dropped = row.facts.topics_dropped(date.max)
    return {"topics": dropped} if dropped else None


SESSIONS = Resource(
    listing=SESSION_LIST,
    aggregate=Session,
    named_in="session",
    named_by="code",
    title="code",
    opening=PlanSession,
    is_numbered=True,
    commands=COMMANDS,
    amendments=(
        Amendment(CorrectOpening, (Session.Opened, Session.OpeningCorrected)),
        Amendment(CorrectClosing, (Session.Closed, Session.ClosingCorrected)),
        Amendment(CorrectSummary, (Session.SummaryWritten, Session.SummaryCorrected)),
    ),
    steps=_steps,
    begins=_begins,
    sections=(Section("_topics_dropped.html", _dropped, of=()),),
    repeated=frozenset({"cohort", "topics"}),
    removing=frozenset({CancelSession}),
)
