"""Follow-ups of newcomers on the post: from the visit to the agreed action. Each has a code."""

from typing import Annotated

import msgspec
from msgspec import Meta

from domain.kernel.bounds import Text
from domain.kernel.errors import NotFoundError, Refusal, TakenError
from domain.kernel.values import number_key, tidy
from domain.trainees.follow_up import FollowUp
from services.kernel.fields import Day, EmployeeNo, Note, PlannedDay, Reason
from services.kernel.handler import handler, handler_on
from services.kernel.work import Work
from services.trainees.trainee import trainee_by_number

CODE = "follow_up_code"

FollowUpCode = Annotated[str, Text(64), Meta(description="The code of the follow-up (跟进).")]
Action = Annotated[str, Text(200), Meta(description="What is to be done, in a line.")]
DueDay = Annotated[PlannedDay, Meta(description="The day by which the action is to be done.")]


class OpenFollowUp(msgspec.Struct, frozen=True):
    """Opens a follow-up (跟进) of a newcomer on the post, as with a visit (陪访) (S12)."""

    employee_no: EmployeeNo
    code: FollowUpCode
    on: Day


class NoteFollowUp(msgspec.Struct, frozen=True):
    """Notes in a follow-up what was seen or said."""

    follow_up: FollowUpCode
    on: Day
    note: Note


class AgreeAction(msgspec.Struct, frozen=True):
    """Records an action that was agreed in a follow-up, in place of the one before."""

    follow_up: FollowUpCode
    on: Day
    action: Action
    due_on: DueDay


class CorrectAction(msgspec.Struct, frozen=True):
    """Corrects the agreed action of a follow-up that had been recorded wrong."""

    follow_up: FollowUpCode
    on: Day
    action: Action
    due_on: DueDay
    reason: Reason


class RecordActionDone(msgspec.Struct, frozen=True):
    """Records that the agreed action of a follow-up was done, which ends it."""

    follow_up: FollowUpCode
    on: Day


class DropFollowUp(msgspec.Struct, frozen=True):
    """Drops a follow-up of which nothing more will come; it stays on record."""

    follow_up: FollowUpCode
    on: Day
    reason: Reason


class WithdrawFollowUpEnd(msgspec.Struct, frozen=True):
    """Withdraws that a follow-up was done or dropped, recorded by mistake."""

    follow_up: FollowUpCode
    reason: Reason


async def follow_up_by_code(work: Work, code: str) -> FollowUp:
    """Raises NotFoundError `follow_up_unknown`."""
    follow_up = await work.find(FollowUp, CODE, number_key(code))
    if follow_up is None:
        raise NotFoundError("follow_up_unknown", field="follow_up", code=tidy(code))
    return follow_up


on_follow_up = handler_on(lambda work, command: follow_up_by_code(work, command.follow_up))


@handler
async def open_follow_up(work: Work, command: OpenFollowUp) -> str:
    """Refuses `code_missing`, what Placement.require_been_live does, and, tenant-wide,
    `follow_up_code_taken`.
    """
    code = tidy(command.code)
    if not code:
        raise Refusal("code_missing", field="code")
    trainee = await trainee_by_number(work, command.employee_no)
    trainee.placement.require_been_live(trainee.employment, command.on)
    follow_up = FollowUp.open(
        work.new_id(FollowUp),
        code=code,
        trainee_id=trainee.id,
        employee_no=trainee.employee_no,
        on=command.on,
    )
    work.add(follow_up)
    taken = TakenError("follow_up_code_taken", field="code", code=code)
    work.claim(CODE, number_key(code), follow_up.id, taken)
    return follow_up.id


@on_follow_up
def note_follow_up(follow_up: FollowUp, command: NoteFollowUp) -> None:
    follow_up.note(on=command.on, note=command.note.strip())


@on_follow_up
def agree_action(follow_up: FollowUp, command: AgreeAction) -> None:
    follow_up.agree_action(on=command.on, action=tidy(command.action), due_on=command.due_on)


@on_follow_up
def correct_action(follow_up: FollowUp, command: CorrectAction) -> None:
    follow_up.correct_action(
        on=command.on,
        action=tidy(command.action),
        due_on=command.due_on,
        reason=command.reason.strip(),
    )


@on_follow_up
def record_action_done(follow_up: FollowUp, command: RecordActionDone) -> None:
    follow_up.do_action(on=command.on)


@on_follow_up
def drop_follow_up(follow_up: FollowUp, command: DropFollowUp) -> None:
    follow_up.drop(on=command.on, reason=command.reason.strip())


@on_follow_up
def withdraw_follow_up_end(follow_up: FollowUp, command: WithdrawFollowUpEnd) -> None:
    follow_up.withdraw_end(reason=command.reason.strip())
