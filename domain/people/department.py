"""A department (部门) of a partner: its head, and the department that it is part of."""

from datetime import date
from typing import Any, ClassVar, Final

from domain.kernel.aggregate import (
    Aggregate,
    Correction,
    DomainCreated,
    DomainEvent,
    Happening,
    StreamId,
    Withdrawal,
)
from domain.kernel.errors import NotFoundError, Refusal
from domain.kernel.facts import Facts
from domain.kernel.held import Held, held_after, held_on, require_other, said_already
from domain.kernel.values import required

OPEN: Final = "open"
CLOSED: Final = "closed"

HELD: Final = ("name", "head_id", "part_of_id", "state")
"""What holds of a department from a day on. state: OPEN or CLOSED."""


class Department(Aggregate):
    """What it is called, who heads it, and where it belongs."""

    TOPIC = "department"

    class Opened(DomainCreated, Happening):
        """Was set up. The code stays."""

        TOPIC = "department.opened"
        TAKES_EFFECT = True
        state: ClassVar = OPEN
        code: str
        name: str
        on: date
        head_id: StreamId | None = None
        part_of_id: StreamId | None = None

    class OpeningCorrected(Correction):
        """Its setting up had been recorded wrong."""

        TOPIC = "department.opening_corrected"
        TAKES_EFFECT = True
        state: ClassVar = OPEN
        name: str
        on: date
        head_id: StreamId | None = None
        part_of_id: StreamId | None = None

    class Renamed(Happening):
        """Is called otherwise from a day on."""

        TOPIC = "department.renamed"
        CHANGES = ("name",)
        on: date
        name: str

    class HeadChanged(Happening):
        """Is headed by somebody else from a day on, or by nobody."""

        TOPIC = "department.head_changed"
        CHANGES = ("head_id",)
        on: date
        head_id: StreamId | None = None

    class Moved(Happening):
        """Is part of another department from a day on, or of none."""

        TOPIC = "department.moved"
        CHANGES = ("part_of_id",)
        on: date
        part_of_id: StreamId | None = None

    class Closed(Happening):
        """Was dissolved; `on` is its last day."""

        TOPIC = "department.closed"
        TAKES_EFFECT = True
        state: ClassVar = CLOSED
        on: date

    class FactWithdrawn(Withdrawal):
        """Something had been recorded of it by mistake."""

        TOPIC = "department.fact_withdrawn"

    # decides

    @classmethod
    def open(cls, department_id: str, *, name: str, **facts: Any) -> "Department":
        """Sets a department up. `facts`: the other fields of Opened."""
        return cls._create(cls.Opened, id=department_id, name=required(name, "name"), **facts)

    def correct_opening(self, *, reason: str, **said: Any) -> None:
        """Corrects what was said at first; what is not said stays."""
        was = self.opening
        names = ("name", "on", "head_id", "part_of_id")
        again = {name: said.get(name, getattr(was, name)) for name in names}
        again["name"] = required(again["name"], "name")
        first = min((one.day for one in self.facts if one.fact_id != was.fact_id), default=None)
        if first is not None and first < again["on"]:
            raise Refusal("recorded_before_opening", field="on", code=self.code, on=first)
        self.correct(self.OpeningCorrected, was, reason=reason, **again)

    def rename(self, *, on: date, name: str) -> None:
        self._change(self.Renamed, on=on, name=required(name, "name"))

    def change_head(self, *, on: date, head_id: str | None) -> None:
        self._change(self.HeadChanged, on=on, head_id=head_id)

    def move(self, *, on: date, part_of_id: str | None) -> None:
        """Puts it below another department; that it is not below this one is asked before."""
        self._change(self.Moved, on=on, part_of_id=part_of_id)

    def close(self, *, on: date) -> None:
        self.require_open(on)
        if (known := said_already(self.held, "state", CLOSED, on)) is not None:
            code, closed_on = self.code, known.on
            raise Refusal("department_closed_already", field="on", code=code, closed_on=closed_on)
        self.trigger_event(self.Closed, on=on)

    def withdraw_fact(self, *, fact: int, reason: str) -> None:
        """Withdraws a fact; the opening when nothing else is left of it."""
        found = self.facts.find(fact=fact, was_on=None)
        if found is None:
            raise NotFoundError("department_fact_unknown", field="fact", code=self.code, fact=fact)
        if found is self.opening and found is not self.facts.last:
            last = self.facts.events[-1]
            what, on = last.TOPIC, last.day
            raise Refusal("opening_rested_on", field="fact", code=self.code, what=what, on=on)
        self.withdraw(self.FactWithdrawn, found, reason=reason)

    def require_open(self, on: date, field: str = "on") -> None:
        """Requires that it is there on a day. Refuses `before_department`, `department_closed`."""
        if on < self.opening.on:
            opened_on = self.opening.on
            raise Refusal(
                "before_department", field=field, code=self.code, opened_on=opened_on, on=on
            )
        state = held_on(self.held, "state", on)
        if state and state.value == CLOSED and state.on < on:
            closed_on = state.on
            raise Refusal(
                "department_closed", field=field, code=self.code, closed_on=closed_on, on=on
            )

    def _change(self, kind: type[Happening], *, on: date, **said: str | None) -> None:
        self.require_open(on)
        require_other(self.held, on, **said)
        self.trigger_event(kind, on=on, **said)

    # evolves

    def __init__(self, code: str) -> None:
        self.code = code
        self.opening: Department.Opened | Department.OpeningCorrected
        self.facts: Facts[Happening] = Facts()
        self.held: tuple[Held, ...] = ()

    @property
    def is_withdrawn(self) -> bool:
        return not self.facts.events

    def evolve(self, event: DomainEvent) -> None:
        if isinstance(event, Department.Opened | Department.OpeningCorrected):
            self.opening = event
        if isinstance(event, Happening):
            self.held = held_after(self.held, event, HELD)
            if isinstance(event, Withdrawal):
                self.facts = self.facts.without(event.fact)
            else:
                self.facts = self.facts.after(event)
