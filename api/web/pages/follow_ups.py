"""The pages of follow-ups (跟进): who was visited, and what was agreed until when (S12)."""

from api.web.kit.page import PageContext
from api.web.kit.resource import Amendment, Resource, Steps
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

COMMANDS = (NoteFollowUp, AgreeAction, RecordActionDone, DropFollowUp)


async def _steps(_: PageContext, row: FollowUpRow) -> Steps:
    if row.ending:
        return Steps(refused=frozenset({*COMMANDS, CorrectAction}))
    if row.agreed:
        return Steps((RecordActionDone, NoteFollowUp))
    return Steps((AgreeAction, NoteFollowUp), refused=frozenset({RecordActionDone}))


FOLLOW_UPS = Resource(
    listing=FOLLOW_UP_LIST,
    aggregate=FollowUp,
    named_in="follow_up",
    named_by="code",
    title="code",
    opening=OpenFollowUp,
    is_numbered=True,
    commands=COMMANDS,
    amendments=(
        Amendment(CorrectAction, (FollowUp.ActionAgreed, FollowUp.ActionCorrected)),
        Amendment(WithdrawFollowUpEnd, (FollowUp.ActionDone, FollowUp.Dropped), restates=False),
    ),
    steps=_steps,
    removing=frozenset({WithdrawFollowUpEnd}),
)
