"""The rows that an append writes, table by table: built once for both ways of appending.

What only the database knows is left out: the tenant's head, from which positions are counted, and
the instant.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec
from msgspec.structs import astuple
from uuid_utils.compat import uuid7

from domain.kernel.aggregate import DomainEvent, personal_fields
from infra.log.mapper import EventMapper
from infra.log.sealing import KeyRing, PersonSeal
from services.kernel.ports import Append

Row = tuple[Any, ...]


class SealUnknownError(Exception):
    """A person has a key already, which must be looked up before the fields can be sealed."""


class AppendRows(msgspec.Struct, frozen=True, gc=False):
    """Column values without tenant, position and instant.

    events: stream, version, topic, class version, payload, actor, source, correlation, causation
    (the empty text for none).
    expected: stream, version. claims, handed_over: kind, key, owner. commands: key, fingerprint,
    result. people: person, wrapped key. effects: id, kind, payload. seals: of the new people.
    """

    events: list[Row]
    expected: list[Row]
    claims: list[Row]
    handed_over: list[Row]
    commands: list[Row]
    people: list[Row]
    effects: list[Row]
    seals: dict[str, PersonSeal]


class RowBuilder:
    """Maps, seals and encodes appends. keys: with which people's keys are wrapped."""

    def __init__(self, mapper: EventMapper, keys: KeyRing) -> None:
        self._mapper, self._keys = mapper, keys

    def build(self, append: Append, seals: Mapping[str, PersonSeal] | None = None) -> AppendRows:
        """The rows of an append.

        seals: of the people who have keys; None where nobody looked. Raises SealUnknownError then,
        and Refusal `text_invalid` for text that cannot be stored.
        """
        envelope = append.envelope
        source = _json(envelope.source)
        ids = (_text(envelope.correlation_id), _text(envelope.causation_id))
        rows = AppendRows(
            events=[],
            expected=[*append.expected.items()],
            claims=[*map(astuple, append.claims)],
            handed_over=[*map(astuple, append.handed_over)],
            commands=[],
            people=[],
            effects=[],
            seals={},
        )
        for event in append.events:
            seal = None
            if personal_fields(type(event)):
                seal = self._seal(append, event, seals, rows)
            stored = astuple(self._mapper.to_stored(event, seal))
            rows.events.append((*stored, envelope.actor, source, *ids))
        if append.idempotency:
            key, fingerprint = append.idempotency.key, append.idempotency.fingerprint
            rows.commands.append((key, fingerprint, _json(append.result)))
        for effect in append.effects:
            rows.effects.append((uuid7(), effect.kind, _json(effect.payload)))
        return rows

    def _seal(
        self,
        append: Append,
        event: DomainEvent,
        seals: Mapping[str, PersonSeal] | None,
        rows: AppendRows,
    ) -> PersonSeal:
        person = event.originator_id
        seal = rows.seals.get(person) or (seals or {}).get(person)
        if seal is None:
            if seals is None and event.originator_version > 1:
                raise SealUnknownError
            key = self._keys.new_key()
            rows.people.append((person, self._keys.wrap(key, append.tenant_id, person)))
            seal = rows.seals[person] = PersonSeal(key, person)
        return seal


def _text(identifier: UUID | None) -> str:
    return "" if identifier is None else f"{identifier.int:032x}"


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
