"""The pages of classes, from the plan to the written summary (S31 to S34)."""

from api.web.kit.page import PageContext
from api.web.kit.resource import Amendment, Resource, Steps
from domain.teaching.session import Session
from projections.teaching.sessions import SESSION_LIST, SessionRow, SessionStatus
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


SESSIONS = Resource(
    listing=SESSION_LIST,
    aggregate=Session,
    named_in="session",
    named_by="code",
    title="code",
    opening=PlanSession,
    commands=COMMANDS,
    amendments=(
        Amendment(CorrectOpening, (Session.Opened, Session.OpeningCorrected)),
        Amendment(CorrectClosing, (Session.Closed, Session.ClosingCorrected)),
        Amendment(CorrectSummary, (Session.SummaryWritten, Session.SummaryCorrected)),
    ),
    steps=_steps,
    repeated=frozenset({"cohort", "topics"}),
    removing=frozenset({CancelSession}),
)
