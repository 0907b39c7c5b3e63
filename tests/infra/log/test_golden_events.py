"""Every event version ever released stays readable: tests/golden/<topic>.v<N>.json.

A file holds stored payloads: `full` with every field, `minimal` with only what must be there. What
was released is never changed; a field that comes later, with a default, brings one payload more.
"""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from domain.kernel.aggregate import DomainEvent, event_topics, payload_fields
from infra.log.mapper import EventMapper
from services.registry import COMMANDS
from tests.place import GOLDEN

NOW = datetime(2026, 7, 5, tzinfo=UTC)

assert COMMANDS, "the commands import every aggregate, so that every event class is known here"


def classes(kind: type[DomainEvent] = DomainEvent) -> dict[str, type[DomainEvent]]:
    """StoredEvent name -> the class that eventsourcing registered for it (the last subclass)."""
    found: dict[str, type[DomainEvent]] = {}
    for child in kind.__subclasses__():
        if "TOPIC" in vars(child):
            found[child.TOPIC] = child
        found.update(classes(child))
    return found


RELEASED = [
    (topic, version)
    for topic, event_class in sorted(classes().items())
    for version in range(1, event_class.class_version + 1)
]


@pytest.mark.parametrize(("topic", "version"), RELEASED)
def test_every_released_version_reads_as_the_current_class(topic: str, version: int) -> None:
    forms = read(topic, version)
    assert {"full", "minimal"} <= set(forms)
    for payload in forms.values():
        event = to_event(topic, version, payload)
        assert topic == event.TOPIC
        for name, hint in payload_fields(type(event)).items():
            msgspec.convert(msgspec.to_builtins(getattr(event, name)), hint)


@pytest.mark.parametrize(("topic", "version"), RELEASED)
def test_the_current_version_is_written_as_it_was_released(topic: str, version: int) -> None:
    event_class = classes()[topic]
    forms = read(topic, version)
    if version == event_class.class_version:
        for payload in forms.values():
            stored = EventMapper().to_stored(to_event(topic, version, payload))
            written = msgspec.json.decode(stored.payload)
            assert written == written | payload
        assert set().union(*forms.values()) == set(payload_fields(event_class))


def test_no_golden_file_is_left_of_an_event_that_is_not_there() -> None:
    files = {path.name for path in GOLDEN.glob("*.v*.json")}
    assert files == {f"{topic}.v{version}.json" for topic, version in RELEASED}
    assert {topic for topic, _ in RELEASED} == set(event_topics())


def read(topic: str, version: int) -> dict[str, Any]:
    path = GOLDEN / f"{topic}.v{version}.json"
    assert path.exists(), f"release {topic} version {version}: write {path.name}"
    golden: dict[str, Any] = msgspec.json.decode(path.read_bytes())
    return golden


def to_event(topic: str, version: int, payload: dict[str, Any]) -> DomainEvent:
    text = msgspec.json.encode(payload).decode()
    return EventMapper().to_event(f"{topic}-1", 1, topic, version, text, NOW)
