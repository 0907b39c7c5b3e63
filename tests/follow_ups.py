"""What happens in follow-ups of newcomers, as named steps (tests/situation.py)."""

from datetime import date

from services.trainees.follow_up import (
    AgreeAction,
    CorrectAction,
    DropFollowUp,
    NoteFollowUp,
    OpenFollowUp,
    RecordActionDone,
    WithdrawFollowUpEnd,
)
from tests.situation import MISTAKEN, march
from tests.steps import Commands, step


@step
def follow_up_opened(who: str, code: str, *, on: date) -> Commands:
    yield OpenFollowUp(employee_no=who, code=code, on=on)


@step
def follow_up_noted(code: str, *, on: date, note: str = "报价不清楚") -> Commands:
    yield NoteFollowUp(follow_up=code, on=on, note=note)


@step
def action_agreed(code: str, *, on: date, due: date, action: str = "练报价") -> Commands:
    yield AgreeAction(follow_up=code, on=on, action=action, due_on=due)


@step
def action_corrected(code: str, *, on: date, due: date, action: str = "练报价") -> Commands:
    yield CorrectAction(follow_up=code, on=on, action=action, due_on=due, reason=MISTAKEN)


@step
def action_done(code: str, *, on: date) -> Commands:
    yield RecordActionDone(follow_up=code, on=on)


@step
def follow_up_dropped(code: str, *, on: date) -> Commands:
    yield DropFollowUp(follow_up=code, on=on, reason="转岗")


@step
def follow_up_end_withdrawn(code: str) -> Commands:
    yield WithdrawFollowUpEnd(follow_up=code, reason=MISTAKEN)


FOLLOWED_UP = (
    follow_up_opened("E0", "F0", on=march(3)),
    follow_up_noted("F0", on=march(3)),
    action_agreed("F0", on=march(4), due=march(8)),
    action_done("F0", on=march(7)),
)
"""E0 after LIFE, from the visit to the done action."""
