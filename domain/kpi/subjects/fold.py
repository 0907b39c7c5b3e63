"""Folding a stream's events into the facts that figures are counted from."""

from collections.abc import Callable, Mapping
from datetime import datetime
from operator import attrgetter
from typing import Any, ClassVar, Generic, TypeVar

from msgspec import Struct
from msgspec.structs import force_setattr, replace

from domain.kernel.aggregate import DomainEvent

F = TypeVar("F")
K = TypeVar("K", bound=Struct)


class LoggedEvent(Struct, frozen=True, gc=False):
    """An event and its position in the log; at: seconds since 1970, 0 where that is not known.

    corrected: the corrections of the fact that it makes, which has none yet.
    """

    event: Any
    position: int
    at: int
    corrected: ClassVar[tuple[int, ...]] = ()


Step = Callable[[Any, LoggedEvent], F | None]
"""The facts after an event, from those before it; None where there are none any more."""


class Fold(Generic[F]):
    """The facts of one stream, event by event.

    first: the event class that begins a stream. steps: what each event class does to the facts, in
    the order of life; other events do nothing.
    """

    def __init__(
        self,
        first: type[DomainEvent],
        steps: Mapping[type[DomainEvent], Step[F]],
    ) -> None:
        self._first = first
        self.steps = steps

    def key(self, event: DomainEvent) -> str | None:
        """The id of the stream whose facts an event changes; None if it changes none."""
        return event.originator_id if type(event) in self.steps else None

    def evolve(
        self, facts: F | None, event: DomainEvent, position: int, recorded_at: datetime
    ) -> F | None:
        """The facts after an event; None where there are none any more.

        recorded_at: UNRECORDED where it is not known. Raises LookupError for facts of a stream
        that was never begun.
        """
        kind = type(event)
        step = self.steps.get(kind)
        if step is None:
            return facts
        if facts is None and kind is not self._first:
            raise LookupError(f"{event.originator_id} has no {self._first.TOPIC}")
        at = int(recorded_at.timestamp())
        # UNRECORDED lies before all of them.
        return step(facts, LoggedEvent(event, position, at if at > 0 else 0))


def fact_of(kind: type[K]) -> Callable[[LoggedEvent], K]:
    """Makes facts of the fields that their events have by the same name."""
    read = attrgetter(*(_LOGGED.get(name, f"event.{name}") for name in kind.__struct_fields__))
    return lambda logged: kind(*read(logged))


_LOGGED = {
    "position": "position",
    "recorded_at": "at",
    "corrected": "corrected",
    "fact": "event.originator_version",
}
"""The fields of facts that are not their event's own."""


def restated(fact: K, was: Any, logged: LoggedEvent) -> K:
    """A fact as its correction says it: which it is, where and when it was first recorded stay."""
    kept = {name: getattr(was, name) for name in _KEPT if name in fact.__struct_fields__}
    return replace(fact, **kept, corrected=(*was.corrected, logged.position))


_KEPT = ("position", "recorded_at", "fact")


def with_field(struct: K, field: str, value: Any) -> K:
    """The struct with another value in one field: `replace`, without a mapping for each event."""
    other = replace(struct)
    force_setattr(other, field, value)
    return other
