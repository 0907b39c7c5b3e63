"""What rows of several kinds of sheets say of a person."""

from typing import Protocol

from domain.kernel.errors import Refusal
from domain.kernel.values import name_key
from domain.trainees.events import Eliminated
from domain.trainees.trainee import Trainee
from services.importing.closed import LEFT_OUT
from services.importing.comparing import contradiction, note, stating, tell_new
from services.importing.spellings import reads_eliminated
from services.kernel import fields
from services.kernel.work import Work
from services.trainees import trainee
from services.trainees.whose import name_on, whose

PERSON = "person"
"""Rows about one person are carried out in their order."""


class Leaver(Protocol):
    """A row that says when somebody left."""

    @property
    def employee_no(self) -> str: ...
    @property
    def left_on(self) -> fields.LastDay | None: ...
    @property
    def eliminated(self) -> bool | None: ...
    @property
    def leave_reason(self) -> str | None: ...


async def require_name(work: Work, stay: Trainee, name: str | None, employee_no: str) -> None:
    """Refuses `name_differs` for a name that the person had on no day of a stay, however it is
    spelt."""
    if name is None:
        return
    person, day = await whose(work, stay), stay.employment.enrolled.entered_on
    said = (one for one in person.held if one.name == "name")
    later = [one.value or "" for one in said if day < one.on <= (stay.employment.left_on or one.on)]
    recorded = name_on(person, day)
    if name_key(name) not in map(name_key, (recorded, *later)):
        raise Refusal(
            "name_differs", field="name", employee_no=employee_no, recorded=recorded, given=name
        )


async def record_leaving(work: Work, person: Trainee, row: Leaver) -> None:
    """Records the last day that a row gives, where none is recorded: as an elimination only where
    the row says so in its own cell. Refuses `contradicts_recorded`."""
    recorded = person.employment.left_on
    if recorded is not None and row.left_on not in (None, recorded):
        raise contradiction("left_on", recorded, row.left_on)
    if recorded is not None and row.eliminated not in (None, is_eliminated(person)):
        raise contradiction("eliminated", _yes_no(is_eliminated(person)), _yes_no(row.eliminated))
    if recorded is None and row.left_on is None and row.eliminated:
        raise Refusal("leaving_day_missing", field="eliminated")
    if row.left_on is None or recorded is not None:
        return
    reason = row.leave_reason or ""
    with stating("left_on", reason="leave_reason"):
        if row.eliminated:
            out = trainee.EliminateTrainee(row.employee_no, row.left_on, reason)
            await trainee.eliminate_trainee(work, out)
        else:
            leaving = trainee.RecordLeaving(row.employee_no, row.left_on, reason)
            await trainee.record_leaving(work, leaving)
    if row.eliminated is None and reads_eliminated(reason):
        note(work, "leaving_reads_eliminated", "leave_reason", reason=LEFT_OUT)
    tell_new(work, "left_on")


def is_eliminated(person: Trainee) -> bool:
    """Whether the leaving that is recorded is an elimination."""
    return any(isinstance(fact, Eliminated) for fact in person.known)


def _yes_no(said: bool | None) -> str:
    return "yes" if said else "no"
