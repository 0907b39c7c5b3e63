"""The base of every aggregate and event: eventsourcing's, with string stream ids.

A stream is named `<category>-<uuid>`. An aggregate class says its category as `TOPIC`, each event
class nested in it says its stored name as `TOPIC` (`trainee.went_live`), which never depends on a
Python path and is never reused; eventsourcing refuses an event without one or with a taken one.

An event does not know when it was recorded until the log records it: `timestamp` is UNRECORDED on
a new event and the recorded instant on one that was read. Business dates are fields of their own.
"""

import dataclasses
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any, ClassVar, get_type_hints
from uuid import UUID

import msgspec
from eventsourcing.domain import (
    BaseAggregate,
    CanInitAggregate,
    CanMutateAggregate,
    MetaDomainEvent,
    decorated_funcs,
)

UNRECORDED = datetime(1, 1, 1, tzinfo=UTC)

PERSONAL = "personal"
"""Marks an event field that is sealed with the person's own key: `Annotated[str, PERSONAL]`."""

Personal = Annotated[str, PERSONAL]


@dataclasses.dataclass(frozen=True)
class DomainEvent(CanMutateAggregate[str], metaclass=MetaDomainEvent):
    """A fact: past tense, immutable."""

    TOPIC: ClassVar[str]
    class_version: ClassVar[int] = 1

    originator_id: str
    originator_version: int
    timestamp: datetime

    @staticmethod
    def create_timestamp() -> datetime:
        return UNRECORDED


@dataclasses.dataclass(frozen=True)
class DomainCreated(CanInitAggregate[str], DomainEvent):
    """The first fact of a stream."""

    originator_topic: str


class Aggregate(BaseAggregate[str]):
    """What is decided together. Subclasses name their category as TOPIC.

    One without a TOPIC is a part: the aggregate that inherits it has its events and what they do.
    """

    TOPIC: ClassVar[str]

    class Event(DomainEvent):
        pass

    def __init_subclass__(cls, **given: Any) -> None:
        super().__init_subclass__(**given)
        # eventsourcing makes a part's events anew for the whole, without what they do.
        for made in vars(cls).values():
            if isinstance(made, type) and made not in decorated_funcs:
                inherited = [
                    decorated_funcs[kind] for kind in made.__mro__ if kind in decorated_funcs
                ]
                if inherited:
                    decorated_funcs[made] = inherited[0]


class Recorded(msgspec.Struct, frozen=True, gc=False):
    """An event as it stands in the tenant's log: the fact and its envelope.

    position: gap-free per tenant, from 1. source: how it came in, `{"kind": "typed" | "imported" |
    "integrated", …}` with file, sheet and row where it was imported.
    """

    event: DomainEvent
    tenant_id: UUID
    position: int
    recorded_at: datetime
    actor: str
    source: dict[str, Any]
    correlation_id: UUID | None = None
    causation_id: UUID | None = None


def event_topics(kind: type[DomainEvent] = DomainEvent) -> frozenset[str]:
    """The stored names of all event classes that are loaded."""
    own = {kind.TOPIC} if "TOPIC" in vars(kind) else set()
    return frozenset(own.union(*(event_topics(child) for child in kind.__subclasses__())))


ENVELOPE_FIELDS = frozenset(
    {"originator_id", "originator_version", "timestamp", "originator_topic"}
)


def payload_fields(event_class: type[DomainEvent]) -> dict[str, Any]:
    """The business fields of an event class with their types, in order, marks included."""
    hints = get_type_hints(event_class, include_extras=True)
    names = [field.name for field in dataclasses.fields(event_class)]
    return {name: hints[name] for name in names if name not in ENVELOPE_FIELDS}


@cache
def personal_fields(event_class: type[DomainEvent]) -> tuple[str, ...]:
    """The fields of an event class that are sealed with the person's key."""
    return tuple(name for name, hint in payload_fields(event_class).items() if _is_personal(hint))


def _is_personal(hint: Any) -> bool:
    if PERSONAL in getattr(hint, "__metadata__", ()):
        return True
    return any(_is_personal(arg) for arg in getattr(hint, "__args__", ()))
