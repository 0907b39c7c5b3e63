"""What is known of a trainee: values that are learned from the facts that stand."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Generic, Protocol, TypeVar, get_args, get_type_hints

from domain.kernel.aggregate import DomainEvent, Happening
from domain.trainees.employment import Employment
from domain.trainees.events import Enrolled
from domain.trainees.placement import Placement
from domain.trainees.qualification import Qualification
from domain.trainees.selling import Selling

VALUES: dict[str, type[Any]] = {
    "employment": Employment,
    "placement": Placement,
    "qualification": Qualification,
    "selling": Selling,
}
"""What a trainee is made of. The type of the event that a value's `evolve` takes says which events
change it."""

V = TypeVar("V")


class Knowing(Protocol):
    """Who has facts to learn from."""

    def learned(self) -> Mapping[str, Any]: ...


class Learned(Generic[V]):
    """One of the VALUES, learned from the facts when it is asked for: but once after any number of
    withdrawals."""

    def __set_name__(self, owner: type[Knowing], name: str) -> None:
        self._name = name

    def __get__(self, who: Knowing, owner: type[Knowing]) -> V:
        value: V = who.learned()[self._name]
        return value


def unlearned(enrolled: Enrolled) -> dict[str, Any]:
    """The VALUES by their names before anything but the enrolment is known."""
    others = {name: kind() for name, kind in VALUES.items() if kind is not Employment}
    return {"employment": Employment(enrolled), **others}


def learn(values: dict[str, Any], facts: Iterable[Happening]) -> None:
    """Changes the VALUES by facts, in order."""
    for one in facts:
        for name in _changed_by(type(one)):
            values[name] = values[name].evolve(one)


@cache
def _changed_by(kind: type[DomainEvent]) -> tuple[str, ...]:
    taken = ((name, get_type_hints(value.evolve)["event"]) for name, value in VALUES.items())
    return tuple(name for name, kinds in taken if issubclass(kind, get_args(kinds)))
