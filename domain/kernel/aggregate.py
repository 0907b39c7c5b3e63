"""The base of every aggregate and event: eventsourcing's, with string stream ids.

A stream is named `<category>-<uuid>`. An aggregate class says its category as `TOPIC`, each event
class nested in it says its stored name as `TOPIC` (`trainee.went_live`), which never depends on a
Python path and is never reused; eventsourcing refuses an event without one or with a taken one.

An event does not know when it was recorded until the log records it: `timestamp` is UNRECORDED on
a new event and the recorded instant on one that was read. Business dates are fields of their own.
"""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from functools import cache
from typing import Annotated, Any, ClassVar, get_type_hints
from uuid import UUID

import msgspec
from eventsourcing.domain import (
    BaseAggregate,
    CanInitAggregate,
    CanMutateAggregate,
    EventsourcingType,
    MetaDomainEvent,
)

from domain.kernel.errors import Refusal
from domain.kernel.values import seen
from domain.kernel.whose import OF_PEOPLE

UNRECORDED = datetime(1, 1, 1, tzinfo=UTC)

PERSONAL = "personal"
"""Marks an event field that is sealed with the person's own key: `Annotated[str, PERSONAL]`."""

FREE_TEXT = "free_text"
"""Marks an event field in which anything may be written: copied from the log into no row but that
of the thing it was written for. In a stream about a person it is sealed as PERSONAL is."""

STREAM_ID = "stream_id"
"""Marks an event field that holds the id of another stream, which says nothing to people."""

Personal = Annotated[str, PERSONAL]
FreeText = Annotated[str, FREE_TEXT]
StreamId = Annotated[str, STREAM_ID]


class EventType(MetaDomainEvent):
    """Makes each event class a frozen dataclass, as its base does, but one that is compared and
    shown by what DomainEvent has: to write that anew for each was a twelfth of every start."""

    def __new__(cls, name: str, bases: tuple[type, ...], members: dict[str, Any]) -> Any:
        made = EventsourcingType.__new__(cls, name, bases, members)
        return dataclasses.dataclass(frozen=True, eq=False, repr=False)(made)


@dataclasses.dataclass(frozen=True)
class DomainEvent(CanMutateAggregate[str], metaclass=EventType):
    """A fact: past tense, immutable, known in its stream by the version of the event.

    CHANGES: the fields in which it says something else than held before. ENDS: the field with the
    number of what is over by it, as an order that is void: what was said of that until then is
    amended no more. TAKES_EFFECT: whether it only comes into force on its day, where that lies
    ahead; a plan is in force from its recording on. OF_ACCESS: whether it says what somebody may
    do, which only those learn who manage people.
    """

    TOPIC: ClassVar[str]
    CHANGES: ClassVar[tuple[str, ...]] = ()
    ENDS: ClassVar[str | None] = None
    TAKES_EFFECT: ClassVar[bool] = False
    OF_ACCESS: ClassVar[bool] = False
    class_version: ClassVar[int] = 1

    originator_id: str
    originator_version: int
    timestamp: datetime

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash((*vars(self).values(),))

    def __repr__(self) -> str:
        said = ", ".join(f"{name}={value!r}" for name, value in vars(self).items())
        return f"{type(self).__qualname__}({said})"

    @staticmethod
    def create_timestamp() -> datetime:
        return UNRECORDED

    def apply(self, aggregate: Any) -> None:
        aggregate.evolve(self)

    @property
    def fact_id(self) -> int:
        """The fact that the event is about, unique in its stream."""
        return self.originator_version

    def amends(self, earlier: "DomainEvent") -> bool:
        """Whether it says anew, or answers, what an earlier event of its stream says."""
        return False


class Happening(DomainEvent):
    """Something that happened on a day; DAY names the field that says which."""

    DAY: ClassVar[str] = "on"

    @property
    def day(self) -> date:
        """The partner's local date on which it happened."""
        happened_on: date = getattr(self, self.DAY)
        return happened_on

    def amends(self, earlier: DomainEvent) -> bool:
        """So it does what its fact said until then, where that is not its own."""
        if self.fact_id == self.originator_version:
            return False
        return isinstance(earlier, Happening) and earlier.fact_id == self.fact_id


class Correction(Happening):
    """The correction of a fact that had been recorded wrong.

    `class GoLiveCorrected(Correction, WentLive)` has the fields and the day of what it corrects,
    and does the same, to the fact that is there: it is a WentLive to `match` and `isinstance`.
    fact: the id of the corrected fact. reason: why it is corrected. TOLD_BY: the fields by which
    people tell the fact from others, and which are never corrected.
    """

    TOLD_BY: ClassVar[tuple[str, ...]] = ()

    fact: int = dataclasses.field(kw_only=True)
    reason: FreeText = dataclasses.field(kw_only=True)

    @property
    def fact_id(self) -> int:
        return self.fact


class Withdrawal(Happening):
    """The withdrawal of a fact that had been recorded by mistake.

    fact: the id of the withdrawn fact. was_on: its day. reason: why it is withdrawn.
    """

    DAY = "was_on"
    fact: int
    was_on: date
    reason: FreeText

    @property
    def fact_id(self) -> int:
        return self.fact


def spoken_of(event: DomainEvent) -> str:
    """The stored name of what an event speaks of: of a withdrawal, that of what was withdrawn."""
    return str(getattr(event, "what", event.TOPIC))


@dataclasses.dataclass(frozen=True)
class DomainCreated(CanInitAggregate[str], DomainEvent):
    """The first fact of a stream."""

    originator_topic: str


class Aggregate(BaseAggregate[str]):
    """A thing whose events are decided together. Subclasses name their category as TOPIC."""

    TOPIC: ClassVar[str]

    Event = DomainEvent

    def __init_subclass__(cls, **given: Any) -> None:
        # Else eventsourcing makes each event class anew, below one of the aggregate's own.
        cls.Event = DomainEvent
        super().__init_subclass__(**given)

    @classmethod
    def events(cls) -> tuple[type[DomainEvent], ...]:
        """The event classes of the aggregate, in the order in which they are written."""
        own = vars(cls).values()
        kinds = (kind for kind in own if isinstance(kind, type) and issubclass(kind, DomainEvent))
        return tuple(kind for kind in kinds if kind is not DomainEvent)

    @property
    def is_new(self) -> bool:
        """Whether nothing of it is recorded yet."""
        return self.version == len(self.pending_events)

    @property
    def is_withdrawn(self) -> bool:
        """Whether all of it was recorded by mistake, so that nothing can be said of it any more."""
        return False

    def evolve(self, event: DomainEvent) -> None:
        """Changes the state by an event; the first one is also handed to __init__."""

    def correct(
        self, kind: type[Correction], recorded: Any, /, *, reason: str, **said: Any
    ) -> None:
        """Corrects a fact. recorded: the fact so far, with attributes named as in `said`.

        Refuses `reason_missing`, `nothing_to_correct`.
        """
        require_reason(reason)
        require_change(recorded, said)
        self.trigger_event(kind, fact=recorded.fact_id, reason=reason, **said)

    def withdraw(
        self, kind: type[Withdrawal], recorded: Happening, /, *, reason: str, **said: Any
    ) -> None:
        """Withdraws a fact. said: its day too, where it is not as recorded. Refuses
        `reason_missing`."""
        require_reason(reason)
        said = {"fact": recorded.fact_id, "was_on": recorded.day, "reason": reason, **said}
        self.trigger_event(kind, **said)


def require_reason(reason: str) -> None:
    """Requires that a reason is given. Refuses `reason_missing`."""
    if not seen(reason):
        raise Refusal("reason_missing", field="reason")


def require_change(recorded: Any, said: Mapping[str, Any]) -> None:
    """Requires that a correction changes something. Refuses `nothing_to_correct`."""
    if all(getattr(recorded, name) == value for name, value in said.items()):
        raise Refusal("nothing_to_correct")


class Recorded(msgspec.Struct, frozen=True, gc=False):
    """An event of the tenant's log with its envelope.

    position: gap-free per tenant, from 1. source: how it came in, `{"kind": "typed" | "imported" |
    "undone" | "integrated", …}` with file, sheet and row where it was imported.
    """

    event: DomainEvent
    tenant_id: UUID
    position: int
    recorded_at: datetime
    actor: str
    source: dict[str, Any]
    correlation_id: UUID | None = None
    causation_id: UUID | None = None


def event_kinds(kind: type[DomainEvent] = DomainEvent) -> Iterator[type[DomainEvent]]:
    """The event classes that are loaded."""
    if "TOPIC" in vars(kind):
        yield kind
    for child in kind.__subclasses__():
        yield from event_kinds(child)


def event_topics(kind: type[DomainEvent] = DomainEvent) -> frozenset[str]:
    """The stored names of all event classes that are loaded."""
    return topics_of(event_kinds(kind))


def topics_of(kinds: Iterable[type[DomainEvent]]) -> frozenset[str]:
    """The stored names of event classes."""
    return frozenset(kind.TOPIC for kind in kinds)


ENVELOPE_FIELDS = frozenset(
    {"originator_id", "originator_version", "timestamp", "originator_topic"}
)


def payload_fields(event_class: type[DomainEvent]) -> dict[str, Any]:
    """The business fields of an event class with their types, in order, marks included."""
    hints = get_type_hints(event_class, include_extras=True)
    names = [field.name for field in dataclasses.fields(event_class)]
    return {name: hints[name] for name in names if name not in ENVELOPE_FIELDS}


def personal_fields(event_class: type[DomainEvent]) -> tuple[str, ...]:
    """The fields of an event class that say who a person is, and no free text."""
    return marked_fields(event_class, PERSONAL)


@cache
def sealed_fields(event_class: type[DomainEvent]) -> tuple[str, ...]:
    """The fields of an event class that are sealed with the person's key: the personal ones, and
    free text where the stream is about a person."""
    is_of_person = event_class.TOPIC.partition(".")[0] in OF_PEOPLE
    texts = marked_fields(event_class, FREE_TEXT) if is_of_person else ()
    return (*personal_fields(event_class), *texts)


@cache
def open_fields(event_class: type[DomainEvent]) -> tuple[str, ...]:
    """The fields of an event class that hold nothing personal and no free text, and follow from no
    other."""
    given = (field.name for field in dataclasses.fields(event_class) if field.init)
    closed = (*personal_fields(event_class), *marked_fields(event_class, FREE_TEXT))
    return tuple(name for name in given if name not in ENVELOPE_FIELDS and name not in closed)


@cache
def marked_fields(event_class: type[DomainEvent], mark: str) -> tuple[str, ...]:
    """The fields of an event class that bear a mark: PERSONAL, FREE_TEXT or STREAM_ID."""
    fields = payload_fields(event_class)
    return tuple(name for name, hint in fields.items() if _bears(hint, mark))


def _bears(hint: Any, mark: str) -> bool:
    if mark in getattr(hint, "__metadata__", ()):
        return True
    return any(_bears(arg, mark) for arg in getattr(hint, "__args__", ()))
