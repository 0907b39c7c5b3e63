"""Which newcomers are followed up, and what was agreed with whom until when?"""

from datetime import date
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from domain.kernel.aggregate import Recorded
from domain.kernel.values import number_key
from domain.trainees.follow_up import FollowUp
from projections.kernel.filters import CODE, OF_TRAINEE, Equals, InMonth
from projections.kernel.listing import Listing
from projections.kernel.names import PeopleNames
from projections.kernel.projection import Projection
from projections.kernel.whose import Whose
from projections.trainees.cohort_roster import TRAINEE_LIST

FollowUpStatus = Literal["open", "agreed", "overdue", "done", "dropped"]
"""Overdue: what was agreed is not done, and its day is over."""


class Note(msgspec.Struct, frozen=True):
    """A note of what was seen or said on a day."""

    on: date
    note: str


class Action(msgspec.Struct, frozen=True):
    """What was agreed on a day. fact: its id."""

    fact: int
    on: date
    action: str
    due_on: date


class Ending(msgspec.Struct, frozen=True):
    """How a follow-up ended, and when."""

    on: date
    status: Literal["done", "dropped"]


class FollowUpRow(msgspec.Struct, frozen=True):
    """One follow-up. position: of the opening. due_on: of the action in force. actions: in the
    order of recording. status: as it was recorded; whether it is overdue tells the day on which one
    looks."""

    follow_up_id: str
    code: str
    code_key: str
    trainee_id: str
    employee_no: str
    opened_on: date
    position: int
    status: FollowUpStatus = "open"
    due_on: date | None = None
    notes: tuple[Note, ...] = ()
    actions: tuple[Action, ...] = ()
    ending: Ending | None = None

    @property
    def agreed(self) -> Action | None:
        """The action in force: the one agreed last, whatever its day."""
        return self.actions[-1] if self.actions else None

    @property
    def action(self) -> str | None:
        """What is to be done."""
        return self.agreed.action if self.agreed else None

    @property
    def ended_on(self) -> date | None:
        """The day on which it was done or dropped."""
        return self.ending.on if self.ending else None


class NamedFollowUp(FollowUpRow, frozen=True):
    """The same with the name of the newcomer."""

    name: str | None = None


def evolve(row: FollowUpRow | None, recorded: Recorded) -> FollowUpRow | None:
    """The row after an event. Raises LookupError for a follow-up that was never opened."""
    event: Any = recorded.event
    if isinstance(event, FollowUp.Opened):
        return FollowUpRow(
            follow_up_id=event.originator_id,
            code=event.code,
            code_key=number_key(event.code),
            trainee_id=event.trainee_id,
            employee_no=event.employee_no,
            opened_on=event.on,
            position=recorded.position,
        )
    if row is None:
        raise LookupError(f"{event.originator_id} was never opened")
    match event:
        case FollowUp.Noted():
            row = replace(row, notes=(*row.notes, Note(event.on, event.note)))
        case FollowUp.ActionAgreed():
            agreed = Action(event.fact_id, event.on, event.action, event.due_on)
            actions = {one.fact: one for one in row.actions} | {agreed.fact: agreed}
            row = replace(row, actions=tuple(actions.values()))
        case FollowUp.ActionDone():
            row = replace(row, ending=Ending(event.on, "done"))
        case FollowUp.Dropped():
            row = replace(row, ending=Ending(event.on, "dropped"))
        case FollowUp.EndWithdrawn():
            row = replace(row, ending=None)
    return _with_status(row)


def as_of(row: FollowUpRow, day: date) -> FollowUpRow | None:
    """The follow-up on the evening of a day; None before it was opened."""
    if row.opened_on > day:
        return None
    notes = tuple(note for note in row.notes if note.on <= day)
    actions = tuple(action for action in row.actions if action.on <= day)
    ending = row.ending if row.ending and row.ending.on <= day else None
    cut = _with_status(replace(row, notes=notes, actions=actions, ending=ending))
    is_overdue = cut.status == "agreed" and cut.due_on is not None and cut.due_on < day
    return replace(cut, status="overdue") if is_overdue else cut


def _with_status(row: FollowUpRow) -> FollowUpRow:
    agreed, status = row.agreed, row.ending.status if row.ending else None
    return replace(
        row,
        status=status or ("agreed" if agreed else "open"),
        due_on=agreed.due_on if agreed else None,
    )


FOLLOW_UPS = Projection(
    name="follow_ups",
    version=4,
    row=FollowUpRow,
    primary_key=("follow_up_id",),
    events=FollowUp.events(),
    evolve=evolve,
    personal=True,
    indexes=(
        ("code_key",),
        ("opened_on", "follow_up_id"),
        ("trainee_id",),
        ("due_on",),
        ("position", "follow_up_id"),
    ),
    of_today=(
        (
            "status",
            "case when status = 'agreed' and due_on < {today} then 'overdue' else status end",
        ),
    ),
)

FOLLOW_UP_LIST = Listing[FollowUpRow](
    name="follow_ups",
    kind="FollowUp",
    projection=FOLLOW_UPS,
    permission="read_cases",
    filters={
        "trainee": OF_TRAINEE,
        "status": Equals(column="status", kind=FollowUpStatus, description="Where they stand."),
        "due": InMonth(column="due_on", description="Of the day that was agreed, YYYY-MM."),
    },
    unique={"code": CODE},
    recorded="position",
    order=("opened_on", "follow_up_id"),
    descending=True,
    as_of=as_of,
    names=(PeopleNames(of=TRAINEE_LIST, row=NamedFollowUp, ids={"name": "trainee_id"}),),
    columns=("code", "employee_no", "name", "status", "opened_on", "action", "due_on", "ended_on"),
    whose=Whose(part="trainee_id", of=(TRAINEE_LIST,)),
)
"""The latest opened first."""
