"""Somebody of a partner: of its staff, a trainee, or known by a name in a sheet alone.

Whatever else is recorded names people by the ids of their streams. What may not be said of somebody
is refused in the order in which one should learn it.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import pairwise
from typing import Any, Final

from domain.kernel.aggregate import (
    Aggregate,
    DomainEvent,
    Happening,
    Withdrawal,
    require_reason,
)
from domain.kernel.bounds import Choice
from domain.kernel.errors import NotFoundError, Refusal
from domain.kernel.facts import Facts, in_force
from domain.kernel.held import (
    Held,
    held_after,
    held_on,
    require_other,
    said_already,
    value_on,
)
from domain.kernel.values import required
from domain.people import person_events as events
from domain.people.person_events import GONE
from domain.people.posts import require_staff_post
from domain.people.spans import require_order, spans

HELD: Final = ("name", "post", "department_id", "manager_id", "presence")
"""What holds of somebody from a day on; presence: whether they are of the partner."""

REGISTERED: Final = (*HELD[:-1], "since", "phone", "mail", "id_number")
"""What is said at first, and can be corrected."""

OF_DEPUTY: Final[Mapping[type[Happening], type[Happening]]] = {
    events.WentAway: events.StandInBegan,
    events.Returned: events.StandInEnded,
}
"""What is said of who stands in together with what is said of who is away."""


class Person(Aggregate):
    """Who somebody is, where they belong, and which roles they have."""

    TOPIC = "person"

    Registered = events.Registered
    RegistrationCorrected = events.RegistrationCorrected
    Confirmed = events.Confirmed
    Numbered = events.Numbered
    Renamed = events.Renamed
    RenamingCorrected = events.RenamingCorrected
    ContactsChanged = events.ContactsChanged
    ContactsCorrected = events.ContactsCorrected
    PostAssigned = events.PostAssigned
    DepartmentAssigned = events.DepartmentAssigned
    ManagerAssigned = events.ManagerAssigned
    WentAway = events.WentAway
    Returned = events.Returned
    StandInBegan = events.StandInBegan
    StandInEnded = events.StandInEnded
    RoleAssigned = events.RoleAssigned
    RoleEnded = events.RoleEnded
    Suspended = events.Suspended
    Reinstated = events.Reinstated
    Departed = events.Departed
    CameBack = events.CameBack
    Joined = events.Joined
    JoiningWithdrawn = events.JoiningWithdrawn

    class FactWithdrawn(Withdrawal):
        """Something had been recorded of somebody by mistake. what: the stored name of its
        event."""

        TOPIC = "person.fact_withdrawn"
        what: Choice

    # decides

    @classmethod
    def register(
        cls, person_id: str, *, name: str, post: str | None = None, **facts: Any
    ) -> "Person":
        """Takes somebody in. `facts`: the other fields of Registered."""
        require_staff_post(post)
        name = required(name, "name")
        return cls._create(cls.Registered, id=person_id, name=name, post=post, **facts)

    def correct_registration(self, *, reason: str, **said: Any) -> None:
        """Corrects what was said at first; what is not said stays."""
        was = self.registered
        again = {name: said.get(name, getattr(was, name)) for name in REGISTERED}
        again["name"] = required(again["name"], "name")
        require_staff_post(again["post"])
        self._require_manager(again["manager_id"])
        first = min((one.day for one in self.facts if one.fact_id != was.fact_id), default=None)
        if first is not None and first < again["since"]:
            raise Refusal("recorded_before_registration", field="since", on=first)
        self.correct(self.RegistrationCorrected, was, reason=reason, **again)

    def confirm(self) -> None:
        if self.is_confirmed:
            raise Refusal("person_confirmed_already", field="person_id")
        self.trigger_event(self.Confirmed)

    def give_number(self, *, number: str) -> None:
        if self.number is not None:
            raise Refusal("person_numbered_already", field="employee_no", number=self.number)
        self.trigger_event(self.Numbered, number=number)

    def rename(self, *, on: date, name: str) -> None:
        self._change(self.Renamed, on=on, name=required(name, "name"))

    def change_contacts(self, *, on: date, phone: str | None, mail: str | None) -> None:
        """Says anew how somebody is reached; of who has yet to come, from then on."""
        said = {"phone": phone or "", "mail": mail or ""}
        if all(it == (self.reached_by(name) or "") for name, it in said.items()):
            raise Refusal("nothing_changes", field="phone")
        self.say_contacts(on=max(on, self.registered.since), **said)

    def say_contacts(self, *, on: date, phone: str | None, mail: str | None) -> None:
        """Says it whatever was known before; what is None is as before."""
        self.require_here(on)
        self.trigger_event(self.ContactsChanged, on=on, phone=phone, mail=mail)

    def correct_said(self, *, fact: int, reason: str, **said: Any) -> None:
        """Corrects a name, contacts, or what was said at first; what is not said stays."""
        was = self.fact(fact)
        if was is self.registered:
            self.correct_registration(reason=reason, **said)
            return
        is_name = isinstance(was, events.Renamed)
        kind = self.RenamingCorrected if is_name else self.ContactsCorrected
        names = ("on", "name") if is_name else ("on", "phone", "mail")
        again = {name: said.get(name, getattr(was, name)) for name in names}
        self.require_here(again["on"])
        self.correct(kind, was, reason=reason, **again)

    def assign_post(self, *, on: date, post: str) -> None:
        require_staff_post(post)
        self._change(self.PostAssigned, on=on, post=post)

    def assign_department(self, *, on: date, department_id: str | None) -> None:
        self._change(self.DepartmentAssigned, on=on, department_id=department_id)

    def assign_manager(self, *, on: date, manager_id: str | None) -> None:
        self._require_manager(manager_id)
        self._change(self.ManagerAssigned, on=on, manager_id=manager_id)

    def go_away(
        self, *, on: date, until: date | None, reason: str, deputy: "Person | None" = None
    ) -> None:
        """Is away; deputy: who stands in meanwhile, and learns it too."""
        self.require_here(on)
        require_reason(reason)
        require_order(on, until)
        for away, last in self.absences():
            if away.on <= (until or date.max) and on <= last:
                raise Refusal("away_already", field="on", on=max(on, away.on))
        deputy_id = None
        if deputy is not None:
            deputy.require_here(on, "deputy_id")
            if deputy.id == self.id or deputy.away_on(on) is not None:
                raise Refusal("deputy_away", field="deputy_id", on=on)
            deputy_id = deputy.id
            deputy.trigger_event(self.StandInBegan, on=on, until=until, for_id=self.id)
        self.trigger_event(self.WentAway, on=on, until=until, reason=reason, deputy_id=deputy_id)

    def end_absence(self, *, on: date, deputy: "Person | None" = None) -> None:
        """Is back; deputy: who stood in, see `away_on`."""
        if self.away_on(on) is None:
            raise Refusal("not_away", field="on", on=on)
        self.trigger_event(self.Returned, on=on)
        if deputy is not None:
            deputy.trigger_event(self.StandInEnded, on=on, for_id=self.id)

    def assign_role(
        self, *, on: date, role: str, scope: str, until: date | None, of_id: str | None
    ) -> None:
        self.require_here(on)
        require_order(on, until)
        said = {"role": role, "scope": scope, "of_id": of_id}
        for one in self.roles_on(on):
            if {name: getattr(one, name) for name in said} == said:
                raise Refusal("role_held_already", field="role", role=role, on=one.on)
        self.trigger_event(self.RoleAssigned, on=on, until=until, **said)

    def end_role(self, *, assignment: int, on: date) -> None:
        if all(one.fact_id != assignment for one in self.roles_on(on)):
            raise NotFoundError("role_not_held", field="assignment", fact=assignment, on=on)
        self.trigger_event(self.RoleEnded, assignment=assignment, on=on)

    def suspend(self, *, reason: str) -> None:
        require_reason(reason)
        if self.is_suspended:
            raise Refusal("suspended_already", field="person_id")
        self.trigger_event(self.Suspended, reason=reason)

    def reinstate(self) -> None:
        if not self.is_suspended:
            raise Refusal("not_suspended", field="person_id")
        self.trigger_event(self.Reinstated)

    def depart(self, *, on: date, reason: str) -> None:
        self.require_staff()
        self.require_here(on)
        if (left := said_already(self.held, "presence", GONE, on)) is not None:
            raise Refusal("departed_already", field="on", left_on=left.on)
        self.trigger_event(self.Departed, on=on, reason=reason)

    def come_back(self, *, on: date) -> None:
        left = held_on(self.held, "presence", on)
        if left is None or left.value != GONE or left.on >= on:
            raise Refusal("not_gone", field="on", on=on)
        self.trigger_event(self.CameBack, on=on)

    def join(self, into: "Person", *, reason: str) -> None:
        """Says that this is the same person as another. into: one that is joined into nobody. A
        trainee's stays are of no other person."""
        require_reason(reason)
        if self.joined_into is not None:
            raise Refusal("joined_already", field="person_id")
        if into.id == self.id:
            raise Refusal("joined_into_itself", field="into_id")
        if not self.is_staff:
            raise Refusal("trainee_not_joined", field="person_id")
        self.trigger_event(self.Joined, into_id=into.id, reason=reason)

    def withdraw_joining(self, *, reason: str) -> None:
        require_reason(reason)
        if self.joined_into is None:
            raise Refusal("not_joined", field="person_id")
        self.trigger_event(self.JoiningWithdrawn, reason=reason)

    def fact(self, fact: int) -> Happening:
        """A fact that can be withdrawn, by its id. Raises NotFoundError `person_fact_unknown`."""
        for one in self.facts:
            if one.fact_id == fact and type(one) not in OF_DEPUTY.values():
                return one
        raise NotFoundError("person_fact_unknown", field="fact", fact=fact)

    def withdraw_fact(self, *, fact: int, reason: str, deputy: "Person | None" = None) -> None:
        """Withdraws a fact. deputy: whose stream says the same of an absence."""
        require_reason(reason)
        found = self.fact(fact)
        if found is self.registered and len(self.facts.events) > 1:
            last = self.facts.events[-1]
            raise Refusal("registration_rested_on", field="fact", what=last.TOPIC, on=last.day)
        self.withdraw(self.FactWithdrawn, found, reason=reason, what=found.TOPIC)
        if isinstance(found, self.Returned):
            self._require_apart()
        if deputy is not None and (same := deputy._said_of(self.id, found)) is not None:
            deputy.withdraw(self.FactWithdrawn, same, reason=reason, what=same.TOPIC)

    def require_here(self, on: date, field: str = "on") -> None:
        """Requires being of the partner on a day. Refuses `before_registration`, `person_gone`."""
        if on < self.registered.since:
            since = self.registered.since
            raise Refusal("before_registration", field=field, since=since, on=on)
        presence = held_on(self.held, "presence", on)
        if presence and presence.value == GONE and presence.on < on:
            raise Refusal("person_gone", field=field, left_on=presence.on, on=on)

    def require_staff(self) -> None:
        """Of a trainee the stays say it. Refuses `trainee_not_staff`."""
        if not self.is_staff:
            raise Refusal("trainee_not_staff", field="person_id")

    def _change(self, kind: type[Happening], *, on: date, **said: str | None) -> None:
        if kind is not self.Renamed:
            self.require_staff()
        self.require_here(on)
        require_other(self.held, on, **said)
        self.trigger_event(kind, on=on, **said)

    def _require_manager(self, manager_id: str | None) -> None:
        if manager_id == self.id:
            raise Refusal("manager_of_oneself", field="manager_id")

    def _require_apart(self) -> None:
        """Requires that no absence lasts into the next. Refuses `return_rested_on`."""
        ordered = sorted(self.absences(), key=lambda one: one[0].on)
        for (_, last), (following, _) in pairwise(ordered):
            if following.on <= last:
                what, on = following.TOPIC, following.on
                raise Refusal("return_rested_on", field="fact", what=what, on=on)

    def _said_of(self, other: str, fact: Happening) -> Happening | None:
        """What is said here of standing in, where a fact says it of another who is away."""
        said = self._of(OF_DEPUTY[type(fact)]) if type(fact) in OF_DEPUTY else ()
        return next((one for one in said if one.for_id == other and one.day == fact.day), None)

    # evolves

    def __init__(self) -> None:
        self.registered: events.Registration
        self.facts: Facts[Happening] = Facts()
        self.held: tuple[Held, ...] = ()
        self.number: str | None = None
        self.names: tuple[str, ...] = ()
        self.joined_into: str | None = None
        self.is_confirmed = self.is_staff = self.is_suspended = False

    @property
    def is_withdrawn(self) -> bool:
        return not self.facts.events

    def manager_on(self, day: date) -> str | None:
        """The id of who is in charge on the evening of a day."""
        return value_on(self.held, "manager_id", day)

    @property
    def name(self) -> str:
        """The last name that is known."""
        return value_on(self.held, "name", date.max) or ""

    def reached_by(self, name: str, day: date = date.max) -> str | None:
        """The `phone` or the `mail` on the evening of a day, or the first one before."""
        return getattr(self.saying(name, day), name) or None

    def saying(self, name: str, day: date) -> events.Registration | events.ContactsChanged:
        """What says that."""
        said = (one for one in self._of(events.ContactsChanged) if getattr(one, name) is not None)
        return in_force(said, day) or self.registered

    def deputy_by(self, day: date) -> str | None:
        """Who was to stand in during the last absence that began by a day."""
        away = self._of(self.WentAway).on(day)
        return away.deputy_id if away else None

    def away_on(self, day: date) -> events.WentAway | None:
        """The absence in which a day lies."""
        return next((away for away, last in self.absences() if away.on <= day <= last), None)

    def absences(self) -> Iterator[tuple[events.WentAway, date]]:
        """Each absence of a day at least, with its last one."""
        return spans(self._of(self.WentAway), lambda _: self._of(self.Returned))

    def stand_ins(self) -> Iterator[tuple[events.StandInBegan, date]]:
        """Each time of a day at least of standing in for somebody, with its last day."""
        ended = self._of(self.StandInEnded)
        return spans(
            self._of(self.StandInBegan),
            lambda began: (one for one in ended if one.for_id == began.for_id),
        )

    def stands_in_on(self, day: date) -> set[str]:
        """Of whom somebody is the deputy on a day."""
        return {began.for_id for began, last in self.stand_ins() if began.on <= day <= last}

    def is_here_on(self, day: date) -> bool:
        """Whether somebody is of the partner on a day."""
        presence = held_on(self.held, "presence", day)
        return presence is not None and (presence.value != GONE or presence.on == day)

    def roles_on(self, day: date) -> list[events.RoleAssigned]:
        """The roles that somebody has on a day."""
        ended = {one.assignment for one in self._of(self.RoleEnded) if one.on <= day}
        return [
            one
            for one in self._of(self.RoleAssigned)
            if one.on <= day and (one.until is None or day <= one.until)
            if one.fact_id not in ended
        ]

    def evolve(self, event: DomainEvent) -> None:
        match event:
            case Person.Registered():
                self.registered, self.is_staff = event, event.is_staff
                self.number, self.is_confirmed = event.number, event.is_confirmed
            case Person.RegistrationCorrected():
                self.registered = event
            case Person.Numbered():
                self.number = event.number
            case Person.Confirmed():
                self.is_confirmed = True
            case Person.Suspended() | Person.Reinstated():
                self.is_suspended = isinstance(event, Person.Suspended)
            case Person.Joined():
                self.joined_into = event.into_id
            case Person.JoiningWithdrawn():
                self.joined_into = None
            case Person.FactWithdrawn():
                self.facts = self.facts.without(event.fact)
        if isinstance(event, events.Registration | events.Renamed):
            self.names = (*self.names, event.name)
        if isinstance(event, Happening):
            self.held = held_after(self.held, event, HELD)
            if not isinstance(event, Withdrawal):
                self.facts = self.facts.after(event)

    def _of(self, *kinds: type[Happening]) -> Facts[Any]:
        return Facts(tuple(one for one in self.facts if isinstance(one, kinds)))
