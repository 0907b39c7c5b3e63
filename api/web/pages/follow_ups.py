"""The pages of follow-ups (跟进): who was visited, and what was agreed until when (S12)."""

from collections.abc import Iterable

from api.web.kit.resource import Amendment, CommandKind, Resource
from domain.trainees.follow_up import FollowUp
from projections.trainees.follow_ups import FOLLOW_UP_LIST, FollowUpRow
from services.trainees.follow_up import (
    AgreeAction,
    CorrectAction,
    DropFollowUp,
    NoteFollowUp,
    OpenFollowUp,
    RecordActionDone,
    WithdrawFollowUpEnd,
)


def _steps(row: FollowUpRow) -> Iterable[CommandKind]:
    if row.ending:
        return ()
    return (RecordActionDone, NoteFollowUp) if row.agreed else (AgreeAction, NoteFollowUp)


FOLLOW_UPS = Resource(
    listing=FOLLOW_UP_LIST,
    aggregate=FollowUp,
    named_in="follow_up",
    named_by="code",
    title="code",
    opening=OpenFollowUp,
    commands=(NoteFollowUp, AgreeAction, RecordActionDone, DropFollowUp),
    amendments=(
        Amendment(CorrectAction, (FollowUp.ActionAgreed, FollowUp.ActionCorrected)),
        Amendment(WithdrawFollowUpEnd, (FollowUp.ActionDone, FollowUp.Dropped), restates=False),
    ),
    steps=_steps,
)
