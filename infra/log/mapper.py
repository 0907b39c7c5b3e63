"""Events to plain JSON and typed back: eventsourcing's Mapper with msgspec in its place.

The stored payload is the business data alone; who, when and where are columns of the log. Reading
decodes straight to the field types of the event class (dates come back as dates), after the
class's `upcast_vN_vN+1` steps where the stored version is older. Reading is tolerant of fields
that a class no longer has.
"""

import dataclasses
import re
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, NotRequired, TypedDict, cast
from uuid import UUID

import msgspec
from eventsourcing.domain import CanInitAggregate
from eventsourcing.persistence import JSONTranscoder, Mapper
from eventsourcing.utils import resolve_topic

from domain.kernel.aggregate import DomainEvent, Recorded, payload_fields, sealed_fields
from domain.kernel.errors import Refusal
from domain.kernel.values import is_storable
from infra.log.sealing import ERASED, MARK, PersonSeal

_typed_dict = cast(Any, TypedDict)
"""Made at run time, where a type checker has nothing to see."""


RECORDED = "position, stream_id, version, topic, class_version, payload::text, recorded_at"
ENVELOPE = "actor, source::text, correlation_id, causation_id"

SOURCES = 1_000
"""Texts of sources whose values are kept, by the text."""

_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
"""A NUL character as JSON spells it, and not a backslash before these letters."""

_new, _set = object.__new__, object.__setattr__
"""Looked up once: events are frozen, and made of a state that is whole already."""


class StoredEvent(msgspec.Struct, frozen=True, gc=False):
    """An event as the log keeps it."""

    stream_id: str
    version: int
    topic: str
    class_version: int
    payload: str


class EventMapper(Mapper[str]):
    """Maps events to stored ones and back; sealed fields need the person's `seal`."""

    def __init__(self) -> None:
        super().__init__(JSONTranscoder())

    def to_stored(self, event: DomainEvent, seal: PersonSeal | None = None) -> StoredEvent:
        """Raises Refusal `text_invalid` for text that no database can store, sealed or not: a
        projection opens it."""
        codec = _codec(type(event))
        state = vars(event)
        payload = {name: state[name] for name in codec.fields if state[name] is not None}
        for name in codec.sealed:
            if name in payload:
                if not is_storable(payload[name]):
                    raise Refusal("text_invalid", field=name)
                if seal is not None:
                    payload[name] = seal.seal(payload[name])
        try:
            encoded = msgspec.json.encode(payload)
        except UnicodeEncodeError as error:
            raise Refusal("text_invalid") from error
        # To look for these letters first takes a hundredth of the time.
        if b"\\u0000" in encoded and _NUL.search(encoded):
            raise Refusal("text_invalid")
        return StoredEvent(
            event.originator_id,
            event.originator_version,
            codec.topic,
            codec.version,
            encoded.decode(),
        )

    def to_event(
        self,
        stream_id: str,
        version: int,
        topic: str,
        class_version: int,
        payload: str,
        recorded_at: datetime,
        seal: PersonSeal | None = None,
    ) -> DomainEvent:
        """Raises msgspec.ValidationError or TopicError for what this program cannot read."""
        codec = _codec_of(topic)
        state = codec.read(payload, class_version)
        for name in codec.sealed:
            text = state[name]
            if text is not None and text.startswith(MARK):
                state[name] = seal.open(text) if seal else ERASED
        state["originator_id"] = stream_id
        state["originator_version"] = version
        state["timestamp"] = recorded_at
        event = _new(codec.event_class)
        _set(event, "__dict__", state)
        return event

    def to_recorded(
        self,
        tenant_id: UUID,
        seal: PersonSeal | None,
        position: int,
        stream: str,
        version: int,
        topic: str,
        class_version: int,
        payload: str,
        recorded_at: datetime,
        actor: str = "",
        source: str = "{}",
        correlation_id: UUID | None = None,
        causation_id: UUID | None = None,
    ) -> Recorded:
        """The event of a record of the columns RECORDED, or of these and ENVELOPE. Raises what
        reading the event raises."""
        return Recorded(
            self.to_event(stream, version, topic, class_version, payload, recorded_at, seal),
            tenant_id,
            position,
            recorded_at,
            actor,
            _source(source),
            correlation_id,
            causation_id,
        )


# Typed and integrated events all say the same; an import's rows each say their own.
@lru_cache(SOURCES)
def _source(text: str) -> dict[str, Any]:
    source: dict[str, Any] = msgspec.json.decode(text)
    return source


class _Codec:
    """Encoder, decoder and fields of one event class, worked out once."""

    def __init__(self, event_class: type[DomainEvent]) -> None:
        hints = payload_fields(event_class)
        self.event_class = event_class
        self.topic = event_class.TOPIC
        self.version = event_class.class_version
        self.fields = tuple(hints)
        self.sealed = sealed_fields(event_class)
        self.defaults: dict[str, Any] = {
            field.name: field.default
            for field in dataclasses.fields(event_class)
            if field.default is not dataclasses.MISSING
        }
        if issubclass(event_class, CanInitAggregate):
            self.defaults["originator_topic"] = self.topic.partition(".")[0]
        shape = _typed_dict(
            event_class.__name__,
            {n: NotRequired[h] if n in self.defaults else h for n, h in hints.items()},
        )
        self._decoder = msgspec.json.Decoder(shape)
        self._shape = shape

    def read(self, payload: str, class_version: int) -> dict[str, Any]:
        if class_version == self.version:
            return {**self.defaults, **self._decoder.decode(payload)}
        state = msgspec.json.decode(payload)
        for version in range(class_version, self.version):
            getattr(self.event_class, f"upcast_v{version}_v{version + 1}")(state)
        return {**self.defaults, **msgspec.convert(state, self._shape)}


@cache
def _codec(event_class: type[DomainEvent]) -> _Codec:
    return _Codec(event_class)


@cache
def _codec_of(topic: str) -> _Codec:
    return _codec(resolve_topic(topic))
