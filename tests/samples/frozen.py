"""The formats that are frozen with a sample: its migrations, and how its events are stored."""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from domain.kernel.aggregate import DomainEvent, event_kinds, payload_fields, sealed_fields
from infra.database.migrate import migrations
from projections.kernel.fingerprint import shape
from services.registry import COMMANDS
from tests.samples.keeping import EventShape, Frozen

assert COMMANDS, "the commands import every aggregate, so that every event class is known here"

MAY_LACK = "may lack"


def formats() -> Frozen:
    """Those of this program."""
    kinds = {kind.TOPIC: kind for kind in event_kinds()}  # Of a name, eventsourcing reads the last.
    return Frozen(
        {one.name: one.checksum for one in migrations()},
        {
            topic: EventShape(kind.class_version, dict(_fields(kind)))
            for topic, kind in sorted(kinds.items())
        },
    )


def thawed(kept: Frozen, now: Frozen) -> Iterator[str]:
    """What is not as it was frozen, a sentence each, and what to do instead."""
    names = list(now.migrations)
    for at, (name, checksum) in enumerate(kept.migrations.items()):
        if names[at : at + 1] != [name] or now.migrations[name] != checksum:
            yield f"the migration {name} is not as it was: leave it, and add one after the last"
    for topic, then in kept.events.items():
        version, found = then.version, now.events.get(topic)
        if found is None or found.version < version:
            yield f"version {version} of {topic} is not there: keep what reads it"
        elif found.version == version and (moved := _moved(then.fields, found.fields)):
            yield (
                f"{topic} is stored otherwise, in {', '.join(moved)}: leave that to another version"
                f" of it, with upcast_v{version}_v{version + 1}"
            )


def _moved(fields: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """The fields that are stored otherwise; one more that earlier events may lack is none."""
    before = [name for name, how in fields.items() if now.get(name) != how]
    return before + [n for n, how in now.items() if n not in fields and not how.endswith(MAY_LACK)]


def _fields(kind: type[DomainEvent]) -> Iterator[tuple[str, str]]:
    """Each with its JSON schema, whether it is sealed, and whether it may be lacking."""
    lacking = {one.name for one in dataclasses.fields(kind) if _has_default(one)}
    sealed = sealed_fields(kind)
    for name, hint in payload_fields(kind).items():
        schema = msgspec.json.encode(shape(msgspec.json.schema(hint)), order="sorted")
        said = [schema.decode()]
        said += ["sealed"] if name in sealed else []
        said += [MAY_LACK] if name in lacking else []
        yield name, ", ".join(said)


def _has_default(field: dataclasses.Field[Any]) -> bool:
    return field.default is not dataclasses.MISSING
