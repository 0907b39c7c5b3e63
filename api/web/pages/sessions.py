"""The pages of classes, from the plan to the written summary (S31 to S34)."""

from collections.abc import Iterable

from api.web.kit.resource import Amendment, CommandKind, Resource
from domain.teaching.session import Session
from projections.teaching.sessions import SESSION_LIST, SessionRow
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


def _steps(row: SessionRow) -> Iterable[CommandKind]:
    if row.status == "planned":
        return (OpenSession, ApprovePlanChange)
    if row.status == "opened":
        return (CloseSession,)
    return (WriteSummary,) if row.status == "closed" and not row.summed_up_on else ()


SESSIONS = Resource(
    listing=SESSION_LIST,
    aggregate=Session,
    named_in="session",
    named_by="code",
    title="code",
    opening=PlanSession,
    commands=(OpenSession, CloseSession, WriteSummary, ApprovePlanChange, CancelSession),
    amendments=(
        Amendment(CorrectOpening, (Session.Opened, Session.OpeningCorrected)),
        Amendment(CorrectClosing, (Session.Closed, Session.ClosingCorrected)),
        Amendment(CorrectSummary, (Session.SummaryWritten, Session.SummaryCorrected)),
    ),
    steps=_steps,
    repeated=frozenset({"cohort", "topics"}),
    final=frozenset({CancelSession}),
)
