"""The events of a person, in the order in which they happen in life.

Texts about somebody are sealed with the person's own key, names and contacts among them.
"""

from datetime import date
from typing import ClassVar, Final

from domain.kernel.aggregate import (
    Correction,
    DomainCreated,
    DomainEvent,
    FreeText,
    Happening,
    Personal,
    StreamId,
)
from domain.kernel.bounds import Choice

HERE: Final = "here"
GONE: Final = "gone"
"""Whether somebody is of the partner."""


class Registration(Happening):
    """The fields of what is said of somebody at first.

    post, department_id, manager_id: of the partner's staff.
    """

    DAY = "since"
    TAKES_EFFECT = True
    presence: ClassVar = HERE
    name: Personal
    since: date
    post: Choice | None = None
    department_id: StreamId | None = None
    manager_id: StreamId | None = None
    phone: Personal | None = None
    mail: Personal | None = None
    id_number: Personal | None = None


class Registered(Registration, DomainCreated):
    """Became known to the partner. is_confirmed: False where there is only a name in a sheet.
    is_staff: False of a trainee, whose name leads to nobody: trainees have the same ones."""

    TOPIC = "person.registered"
    number: str | None = None
    is_confirmed: bool = True
    is_staff: bool = True


class RegistrationCorrected(Correction, Registration):
    """What was said at first had been recorded wrong. A number that was given stays."""

    TOPIC = "person.registration_corrected"


class Confirmed(DomainEvent):
    """Is somebody indeed, of whom there was only a name in a sheet."""

    TOPIC = "person.confirmed"


class Numbered(DomainEvent):
    """Was given an employee number (工号), which is never another one's."""

    TOPIC = "person.numbered"
    number: str


class Renamed(Happening):
    """Has another name from a day on."""

    TOPIC = "person.renamed"
    CHANGES = ("name",)
    on: date
    name: Personal


class RenamingCorrected(Correction, Renamed):
    """A name, or the day of it, had been recorded wrong."""

    TOPIC = "person.renaming_corrected"


class ContactsChanged(Happening):
    """Is reached otherwise from a day on. phone, mail: None is as before; blank: there is none."""

    TOPIC = "person.contacts_changed"
    on: date
    phone: Personal | None = None
    mail: Personal | None = None


class ContactsCorrected(Correction, ContactsChanged):
    """How somebody is reached had been recorded wrong."""

    TOPIC = "person.contacts_corrected"


class PostAssigned(Happening):
    """Is on another post (岗位) from a day on."""

    TOPIC = "person.post_assigned"
    CHANGES = ("post",)
    on: date
    post: Choice


class DepartmentAssigned(Happening):
    """Belongs to another department (部门) from a day on, or to none."""

    TOPIC = "person.department_assigned"
    CHANGES = ("department_id",)
    on: date
    department_id: StreamId | None = None


class ManagerAssigned(Happening):
    """Works under somebody else of the staff from a day on, or under nobody."""

    TOPIC = "person.manager_assigned"
    CHANGES = ("manager_id",)
    on: date
    manager_id: StreamId | None = None


class WentAway(Happening):
    """Is away from a day on, up to `until`, perhaps with somebody standing in (S110)."""

    TOPIC = "person.went_away"
    on: date
    reason: FreeText
    until: date | None = None
    deputy_id: StreamId | None = None


class Returned(Happening):
    """Is back from a day on, sooner than was said or where nothing was."""

    TOPIC = "person.returned"
    on: date


class StandInBegan(Happening):
    """Stands in for somebody who is away: said of both in one append, so that what somebody
    may do follows from the own stream."""

    TOPIC = "person.stand_in_began"
    on: date
    for_id: StreamId
    until: date | None = None


class StandInEnded(Happening):
    """Stands in for somebody no more, who is back from that day on."""

    TOPIC = "person.stand_in_ended"
    on: date
    for_id: StreamId


class RoleAssigned(Happening):
    """Has a role from a day on, up to `until`, over what its scope reaches. of_id: the one
    cohort or class to which that is limited."""

    TOPIC = "person.role_assigned"
    OF_ACCESS = True
    TAKES_EFFECT = True
    on: date
    role: Choice
    scope: Choice
    until: date | None = None
    of_id: StreamId | None = None


class RoleEnded(Happening):
    """Has a role no more from a day on. assignment: the fact that gave it."""

    TOPIC = "person.role_ended"
    OF_ACCESS = True
    TAKES_EFFECT = True
    on: date
    assignment: int


class Suspended(DomainEvent):
    """May do nothing any more, at once, whatever the roles."""

    TOPIC = "person.suspended"
    OF_ACCESS = True
    reason: FreeText


class Reinstated(DomainEvent):
    """May do again what the roles say."""

    TOPIC = "person.reinstated"
    OF_ACCESS = True


class Departed(Happening):
    """Left the partner's staff; `on` is the last day."""

    TOPIC = "person.departed"
    TAKES_EFFECT = True
    presence: ClassVar = GONE
    on: date
    reason: FreeText


class CameBack(Happening):
    """Is of the staff again from a day on."""

    TOPIC = "person.came_back"
    TAKES_EFFECT = True
    presence: ClassVar = HERE
    on: date


class Joined(DomainEvent):
    """Turned out to be another person that is on record: whatever names this one means that
    one."""

    TOPIC = "person.joined"
    into_id: StreamId
    reason: FreeText


class JoiningWithdrawn(DomainEvent):
    """Turned out to be somebody else after all."""

    TOPIC = "person.joining_withdrawn"
    reason: FreeText
