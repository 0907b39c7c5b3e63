"""Which departments has a partner, who heads each, and what is part of what?"""

from datetime import date
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from domain.kernel.aggregate import Recorded
from domain.kernel.held import Held, held_after, held_on, value_on
from domain.kernel.values import number_key
from domain.people.department import CLOSED, HELD, Department
from projections.kernel.filters import CODE, Equals, Searched
from projections.kernel.listing import Listing
from projections.kernel.pinyin import search_words
from projections.kernel.projection import Projection
from projections.kernel.whose import Whose

DepartmentStatus = Literal["existing", "dissolved"]


class DepartmentRow(msgspec.Struct, frozen=True):
    """A department of a partner.

    code_key: the code as it is compared. search: all that finds it. closed_on: its last day. held:
    what the rest follows from.
    """

    department_id: str
    code: str
    code_key: str
    held: tuple[Held, ...]
    name: str = ""
    search: str = ""
    head_id: str | None = None
    part_of_id: str | None = None
    opened_on: date = date.min
    closed_on: date | None = None
    status: DepartmentStatus = "existing"


def evolve(row: DepartmentRow | None, recorded: Recorded) -> DepartmentRow | None:
    """The row after an event; None of what was opened by mistake. Raises LookupError for what never
    was."""
    event: Any = recorded.event
    if isinstance(event, Department.Opened):
        row = DepartmentRow(event.originator_id, event.code, number_key(event.code), ())
    if row is None:
        raise LookupError(f"{event.originator_id} was never opened")
    held = held_after(row.held, event, HELD)
    return _on(replace(row, held=held), date.max) if held else None


def as_of(row: DepartmentRow, day: date) -> DepartmentRow | None:
    """The row as of the evening of a day; None before it was opened."""
    return None if day < row.opened_on else _on(row, day)


def named_as_of(row: DepartmentRow, day: date) -> DepartmentRow:
    """The same, of one that another row names, perhaps from before."""
    return _on(row, max(day, row.opened_on))


def _on(row: DepartmentRow, day: date) -> DepartmentRow:
    """The row with what holds on a day."""
    state, name = held_on(row.held, "state", day), value_on(row.held, "name", day) or ""
    closed_on = state.on if state and state.value == CLOSED else None
    return replace(
        row,
        name=name,
        search=search_words(name, row.code),
        head_id=value_on(row.held, "head_id", day),
        part_of_id=value_on(row.held, "part_of_id", day),
        opened_on=row.held[0].on,
        closed_on=closed_on,
        status="existing" if closed_on is None else "dissolved",
    )


DEPARTMENTS = Projection(
    name="departments",
    version=1,
    row=DepartmentRow,
    primary_key=("department_id",),
    events=Department.events(),
    evolve=evolve,
    indexes=(("code_key", "department_id"),),
)

DEPARTMENT_LIST = Listing[DepartmentRow](
    name="departments",
    kind="Department",
    projection=DEPARTMENTS,
    permission="read_people",
    filters={
        "head": Equals(column="head_id", of="Person", description="The id of who heads them."),
        "part_of": Equals(
            column="part_of_id", of="Department", description="The id of what they are part of."
        ),
        "status": Equals(column="status", kind=DepartmentStatus, description="Where they stand."),
        "search": Searched(description="Part of the name, its pinyin, its initials or the code."),
    },
    unique={"code": CODE},
    order=("code_key", "department_id"),
    as_of=as_of,
    named_as_of=named_as_of,
    columns=("code", "name", "status", "opened_on", "closed_on"),
    whose=Whose(owners={"managers": "head_id"}),
)
"""In the order of their codes."""
