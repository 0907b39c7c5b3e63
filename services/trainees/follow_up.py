"""Follow-ups of newcomers on the post: from the visit to the agreed action. Each has a code."""

from typing import Annotated

import msgspec
from msgspec import Meta

from domain.kernel.aggregate import FREE_TEXT
from domain.kernel.bounds import Text
from domain.kernel.errors import ConflictError
from domain.trainees.follow_up import FollowUp
from services.kernel import fields
from services.kernel.context import Principal
from services.kernel.handler import handler, handler_on
from services.kernel.naming import Naming
from services.kernel.ports import Log
from services.kernel.work import Work
from services.trainees.trainee import enrolment_meant

FollowUpCode = Annotated[str, fields.CODE, Meta(description="The code of the follow-up (跟进).")]


class OpenFollowUp(msgspec.Struct, frozen=True):
    """Opens a follow-up (跟进) of a newcomer on the post, as with a visit (陪访) (S12)."""

    employee_no: fields.EmployeeNo
    code: FollowUpCode
    on: fields.Day


class NoteFollowUp(msgspec.Struct, frozen=True):
    """Notes in a follow-up what was seen or said."""

    follow_up: FollowUpCode
    on: fields.Day
    note: fields.NoteText


class AgreeAction(msgspec.Struct, frozen=True):
    """Records an action that was agreed in a follow-up, in place of the one before."""

    follow_up: FollowUpCode
    on: fields.Day
    action: Annotated[
        str,
        Text(200),
        fields.STRIPPED,
        FREE_TEXT,
        Meta(description="What is to be done, in a line."),
    ]
    due_on: Annotated[
        fields.PlannedDay, Meta(description="The day by which the action is to be done.")
    ]


class CorrectAction(AgreeAction, fields.Amending, frozen=True):
    """Corrects the agreed action of a follow-up that had been recorded wrong."""

    reason: fields.Reason
    fact: Annotated[
        fields.FactId | None,
        Meta(description="The id of the fact in its timeline; else the day, or the last action."),
    ] = None
    was_on: fields.RecordedDay | None = None


class RecordActionDone(msgspec.Struct, frozen=True):
    """Records that the agreed action of a follow-up was done, which ends it."""

    follow_up: FollowUpCode
    on: fields.Day


class DropFollowUp(msgspec.Struct, frozen=True):
    """Drops a follow-up of which nothing more will come; it stays on record."""

    follow_up: FollowUpCode
    on: fields.Day
    reason: fields.Reason


class WithdrawFollowUpEnd(fields.Amending, frozen=True):
    """Withdraws that a follow-up was done or dropped, recorded by mistake."""

    follow_up: FollowUpCode
    reason: fields.Reason


FOLLOW_UPS = Naming(FollowUp, "follow_up")
on_follow_up = handler_on(FOLLOW_UPS.named, "follow_up")


FIRST = "first_follow_up"
"""The kind of the claim by which a trainee's first follow-up is found."""


async def first_follow_up(work: Work, trainee_id: str) -> FollowUp | None:
    """The follow-up of a trainee that was opened first."""
    return await work.find(FollowUp, FIRST, trainee_id)


async def is_followed_up(principal: Principal, log: Log, trainee_id: str) -> bool:
    """Whether a follow-up of a trainee was ever opened."""
    return await log.owner(principal.tenant, FIRST, trainee_id) is not None


@handler
async def open_follow_up(work: Work, command: OpenFollowUp) -> str:
    trainee = await enrolment_meant(work, command)
    trainee.placement.require_been_live(trainee.employment, command.on)
    of = {"trainee_id": trainee.id, "employee_no": trainee.employee_no}
    follow_up_id = work.new_id(FollowUp, about=trainee.id)
    follow_up = FollowUp.open(follow_up_id, code=command.code, on=command.on, **of)
    FOLLOW_UPS.claim(work, command.code, follow_up.id)
    if await first_follow_up(work, trainee.id) is None:
        work.claim(FIRST, trainee.id, follow_up.id, ConflictError)
    return work.add(follow_up)


note_follow_up = on_follow_up(NoteFollowUp, FollowUp.note)
agree_action = on_follow_up(AgreeAction, FollowUp.agree_action)
correct_action = on_follow_up(CorrectAction, FollowUp.correct_action)
record_action_done = on_follow_up(RecordActionDone, FollowUp.do_action)
drop_follow_up = on_follow_up(DropFollowUp, FollowUp.drop)
withdraw_follow_up_end = on_follow_up(WithdrawFollowUpEnd, FollowUp.withdraw_end)
