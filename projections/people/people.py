"""Who is of a partner, on which post, in which department, and under whom?"""

from datetime import date
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from domain.kernel.aggregate import Happening, Recorded
from domain.kernel.held import Held, held_after, held_on, value_on
from domain.kernel.values import number_key, plain_name, typed_key
from domain.people.person import HELD, Person
from domain.people.person_events import GONE
from domain.people.posts import PostOfStaff
from projections.kernel.filters import Equals, Searched
from projections.kernel.listing import Listing
from projections.kernel.pinyin import search_words, sort_key
from projections.kernel.projection import Projection
from projections.kernel.whose import Whose

PersonStatus = Literal["to_come", "here", "gone", "joined", "trainee"]
"""Joined: another person of the list is meant. Where a trainee stands, says the list of those."""


class PersonRow(msgspec.Struct, frozen=True):
    """Somebody of a partner.

    number_key: as it is compared. name_key: pinyin. search: all that finds the person. left_on: the
    last day. joined_into: who is meant instead. held: what the rest follows from. position: of the
    last change.
    """

    person_id: str
    since: date
    number: str | None = None
    number_key: str | None = None
    name: str = ""
    name_key: str = ""
    search: str = ""
    post: PostOfStaff | None = None
    department_id: str | None = None
    manager_id: str | None = None
    left_on: date | None = None
    status: PersonStatus = "here"
    is_confirmed: bool = True
    joined_into: str | None = None
    is_staff: bool = True
    held: tuple[Held, ...] = ()
    position: int = 0


def evolve(row: PersonRow | None, recorded: Recorded) -> PersonRow | None:
    """The row after an event; None of somebody who was registered by mistake. Raises LookupError
    for one who never was."""
    event: Any = recorded.event
    said: dict[str, Any] = {}
    match event:
        case Person.Registered():
            row = PersonRow(event.originator_id, event.since)
            said = {name: getattr(event, name) for name in ("number", "is_confirmed", "is_staff")}
        case Person.Numbered():
            said = {"number": event.number}
        case Person.Confirmed():
            said = {"is_confirmed": True}
        case Person.Joined():
            said = {"joined_into": event.into_id}
        case Person.JoiningWithdrawn():
            said = {"joined_into": None}
    if row is None:
        raise LookupError(f"{event.originator_id} was never registered")
    if isinstance(event, Happening):
        said["held"] = held = held_after(row.held, event, HELD)
        if not held:
            return None
    row = replace(row, **said, position=recorded.position)
    return replace(row, number_key=row.number and number_key(row.number), **_on(row, date.max))


def as_of(row: PersonRow, day: date) -> PersonRow | None:
    """The row as of the evening of a day; None before the person was of the partner."""
    return None if day < row.since else replace(row, **_on(row, day))


def named_as_of(row: PersonRow, day: date) -> PersonRow:
    """The same, of somebody whom another row names, perhaps from before; nobody looks for it."""
    return replace(row, **_held(row, max(day, row.since)))


def to_come(row: PersonRow, day: date) -> PersonRow:
    """The row on the day on which one looks, with who has yet to come; a name is there once
    somebody said it."""
    status: PersonStatus = "to_come" if row.is_staff else "trainee"
    on = as_of(row, day) or replace(row, status=status, left_on=None)
    return replace(on, name=row.name, name_key=row.name_key, search=row.search)


def _on(row: PersonRow, day: date) -> dict[str, Any]:
    """The columns that follow from what holds on a day, with those by which it is found."""
    held = _held(row, day)
    name = held["name"]
    found = {"name_key": sort_key(name), "search": search_words(name, row.number or "")}
    return held | found


def _held(row: PersonRow, day: date) -> dict[str, Any]:
    presence = held_on(row.held, "presence", day)
    name = plain_name(value_on(row.held, "name", day) or "")
    left_on = presence.on if presence and presence.value == GONE else None
    status: PersonStatus = "here" if left_on is None else "gone"
    if row.joined_into:
        status = "joined"
    return {
        "name": name,
        **{one: value_on(row.held, one, day) for one in ("post", "department_id", "manager_id")},
        "since": row.held[0].on,
        "left_on": left_on,
        "status": status if row.is_staff else "trainee",
    }


PEOPLE = Projection(
    name="people",
    version=3,
    row=PersonRow,
    primary_key=("person_id",),
    events=(
        Person.Registered,
        Person.RegistrationCorrected,
        Person.Confirmed,
        Person.Numbered,
        Person.Renamed,
        Person.RenamingCorrected,
        Person.PostAssigned,
        Person.DepartmentAssigned,
        Person.ManagerAssigned,
        Person.Departed,
        Person.CameBack,
        Person.Joined,
        Person.JoiningWithdrawn,
        Person.FactWithdrawn,
    ),
    evolve=evolve,
    indexes=(
        ("name_key", "person_id"),
        ("number_key",),
        ("department_id",),
        ("name",),
        ("is_staff",),
    ),
    of_today=(
        (
            "status",
            "case when status in ('joined', 'trainee') then status"
            " when since > {today} then 'to_come'"
            " when left_on > {today} then 'here' else status end",
        ),
        ("left_on", "case when left_on <= {today} then left_on end"),
    ),
    personal=True,
)
"""Nothing but the first and the last day may be recorded before it comes."""

PERSON_LIST = Listing[PersonRow](
    name="people",
    kind="Person",
    projection=PEOPLE,
    permission="read_people",
    filters={
        "department": Equals(
            column="department_id", of="Department", description="The department's id."
        ),
        "manager": Equals(
            column="manager_id", of="Person", description="The id of who is in charge."
        ),
        "joined_into": Equals(
            column="joined_into", of="Person", description="The id of who is meant instead."
        ),
        "post": Equals(column="post", kind=PostOfStaff, description="The post (岗位)."),
        "confirmed": Equals(
            column="is_confirmed",
            kind=bool,
            description="Whether there is somebody indeed, and not only a name in a sheet.",
        ),
        "staff": Equals(
            column="is_staff",
            kind=bool,
            description="Whether they are of the staff; all others are trainees.",
        ),
        "status": Equals(column="status", kind=PersonStatus, description="Where they stand."),
        "search": Searched(description="Part of the name, its pinyin, its initials or the number."),
    },
    unique={
        "number": Equals(
            column="number_key", description="The number, however it is spelt.", folded=typed_key
        )
    },
    order=("name_key", "person_id"),
    as_of=as_of,
    to_come=to_come,
    named_as_of=named_as_of,
    columns=("number", "name", "post", "status", "since", "left_on", "is_confirmed"),
    whose=Whose(owners={"managers": "manager_id", "persons": "person_id"}),
)
"""In the order of their names, read by pinyin."""
