"""Facts of one kind in a stream: each with its id and its day, as it was said last."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from operator import attrgetter
from typing import Generic, Self, TypeVar

from msgspec import Struct

from domain.kernel.aggregate import Correction, Happening
from domain.kernel.errors import Refusal

D = TypeVar("D")
E = TypeVar("E", bound=Happening)

_ON: Callable[[object], date] = attrgetter("on")
_DAY: Callable[[object], date] = attrgetter("day")


def in_force(changes: Iterable[D], day: date, since: Callable[[D], date] = _ON) -> D | None:
    """The change that holds on the evening of a day: the last by then; None before the first.

    changes: in the order of recording, so that of one day's the one recorded last holds. since: the
    day from which a change holds, its `on` unless said otherwise.
    """
    found, found_on = None, date.min
    for change in changes:
        starts_on = since(change)
        if found_on <= starts_on <= day:
            found, found_on = change, starts_on
    return found


class Facts(Struct, Generic[E], frozen=True):
    """Facts of one kind, as corrected, in the order in which they were first recorded."""

    events: tuple[E, ...] = ()

    def __iter__(self) -> Iterator[E]:
        return iter(self.events)

    @property
    def last(self) -> E | None:
        return self.events[-1] if self.events else None

    def on(self, day: date) -> E | None:
        """The fact that holds on the evening of a day: see in_force."""
        return in_force(self.events, day, _DAY)

    def find(self, *, fact: int | None, was_on: date | None) -> E | None:
        """The fact with the id, or of the day: of one day's the one recorded last.

        Refuses `fact_missing` where neither is given.
        """
        if fact is None and was_on is None:
            raise Refusal("fact_missing", field="fact")
        found = None
        for event in self.events:
            if fact in (None, event.fact_id) and was_on in (None, event.day):
                found = event
        return found

    def after(self, event: E) -> Self:
        """The facts with one more, or with a correction in the place of what it corrects."""
        if not isinstance(event, Correction):
            return type(self)((*self.events, event))
        fact = event.fact
        return type(self)(tuple(event if one.fact_id == fact else one for one in self.events))

    def without(self, fact: int) -> Self:
        """The facts without one that was withdrawn."""
        return type(self)(tuple(one for one in self.events if one.fact_id != fact))
