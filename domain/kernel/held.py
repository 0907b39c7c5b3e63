"""What holds of a thing from a day on: its name, its head, whether it is there.

Aggregates and read models fold it alike. An event says by its fields what holds from its day on.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from itertools import pairwise

from msgspec import Struct

from domain.kernel.aggregate import Correction, Happening, Withdrawal, payload_fields
from domain.kernel.errors import Refusal
from domain.kernel.facts import in_force


class Held(Struct, frozen=True):
    """A value that holds from a day on. fact: the id of the fact that says so. name: of the field
    that holds it."""

    fact: int
    on: date
    name: str
    value: str | None


def held_after(
    held: tuple[Held, ...], event: Happening, names: tuple[str, ...]
) -> tuple[Held, ...]:
    """What holds after an event: what it says more, or otherwise, or takes back. names: of the
    fields that are held, of which an event has some or none."""
    fact = event.fact_id
    if isinstance(event, Withdrawal):
        return tuple(one for one in held if one.fact != fact)
    day, its = event.day, _held_in(type(event), names)
    said = {name: Held(fact, day, name, getattr(event, name)) for name in its}
    if isinstance(event, Correction):
        return tuple(said.get(one.name, one) if one.fact == fact else one for one in held)
    return (*held, *said.values())


@cache
def _held_in(kind: type[Happening], names: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the names that events of a class have, as a field or by being of that class."""
    fields = payload_fields(kind)
    return tuple(name for name in names if name in fields or hasattr(kind, name))


def held_on(held: Iterable[Held], name: str, day: date) -> Held | None:
    """What holds of a field on the evening of a day; None before anything did."""
    return in_force((one for one in held if one.name == name), day)


def value_on(held: Iterable[Held], name: str, day: date) -> str | None:
    """The value of a field on the evening of a day."""
    found = held_on(held, name, day)
    return found.value if found else None


def said_already(held: Iterable[Held], name: str, value: str, day: date) -> Held | None:
    """What says that a field has a value on a day, or has it by the next that is said of it."""
    changes = [one for one in held if one.name == name]
    later = min((one.on for one in changes if one.on > day), default=day)
    found = (held_on(changes, name, on) for on in (day, later))
    return next((one for one in found if one and one.value == value), None)


def spans(
    held: Iterable[Held], name: str, since: date, until: date
) -> Iterator[tuple[str | None, date, date]]:
    """What is said of a field within days, each with the day from which it holds and the one from
    which it does not. until: the day after the last."""
    said = {one.on: one.value for one in held if one.name == name}
    for first, after in pairwise([*sorted(said), date.max]):
        if first < until and since < after:
            yield said[first], max(first, since), min(after, until)


def require_other(held: Iterable[Held], day: date, **said: str | None) -> None:
    """Requires that a field gets another value than it has on a day. said: the field with its
    value. Refuses `nothing_changes`."""
    ((name, value),) = said.items()
    if value_on(held, name, day) == value:
        raise Refusal("nothing_changes", field=name)
