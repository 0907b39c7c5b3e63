"""The rows that an append writes, table by table: built once for both ways of appending.

What only the database knows is left out: the tenant's head, from which positions are counted, and
the instant.
"""

from collections.abc import Mapping
from typing import Any

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

    events: stream, version, topic, class version, payload, actor, source, correlation, causation.
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
        recording = (envelope.actor, source, envelope.correlation_id, envelope.causation_id)
        rows = AppendRows([], [], [], [], [], [], [], {})
        for event in append.events:
            seal = None
            if personal_fields(type(event)):
                seal = self._seal(append, event, seals, rows)
            stored = astuple(self._mapper.to_stored(event, seal))
            rows.events.append((*stored, *recording))
        rows.expected.extend(append.expected.items())
        rows.claims.extend((claim.kind, claim.key, claim.owner) for claim in append.claims)
        rows.handed_over.extend((one.kind, one.key, one.owner) for one in append.handed_over)
        if append.idempotency:
            key, fingerprint = append.idempotency.key, append.idempotency.fingerprint
            rows.commands.append((key, fingerprint, _json(append.result)))
        rows.effects.extend((uuid7(), one.kind, _json(one.payload)) for one in append.effects)
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


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
