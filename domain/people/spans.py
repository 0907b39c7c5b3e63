"""Times of somebody: being away, and standing in for who is."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from typing import TypeVar

from domain.kernel.aggregate import Happening
from domain.kernel.errors import Refusal
from domain.people.person_events import StandInBegan, WentAway

A = TypeVar("A", WentAway, StandInBegan)


def require_order(on: date, until: date | None) -> None:
    """Requires that what is limited does not end before it begins. Refuses
    `ends_before_it_begins`."""
    if until is not None and until < on:
        raise Refusal("ends_before_it_begins", field="until", on=on, until=until)


def spans(
    began: Iterable[A], ends_of: Callable[[A], Iterable[Happening]]
) -> Iterator[tuple[A, date]]:
    """What lasts a day at least, with its last day. An end ends what was recorded before it
    alone."""
    for one in began:
        last = one.until or date.max
        for end in ends_of(one):
            if end.fact_id > one.fact_id and end.day >= one.day:
                last = min(last, end.day - timedelta(days=1))
        if one.day <= last:
            yield one, last
