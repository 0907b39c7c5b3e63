"""A group of appends as the rows of one statement (infra/migrations/0005_pre_log_append.sql).

Most groups meet no obstacle: their versions, claims and keys are new. Such a group is written by
one statement, in one transaction, after one round trip; the database's own constraints stand guard.
What cannot be written so, or turns out to meet an obstacle, goes the careful way of
infra/group_commit.py, which decides append by append.
"""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from uuid_extensions import uuid7

from domain.aggregate import DomainEvent, personal_fields
from infra.mapper import EventMapper
from infra.sealing import KeyRing, PersonSeal
from services.ports import Append, Receipt

SEPARATOR = "\x1f"
"""Between the texts of a list; in JSON it can only stand escaped."""

STATEMENT = f"select log_append({', '.join(f'${n}' for n in range(1, 33))})"


class ObstacleError(Exception):
    """This group cannot be written by one statement."""


class GroupRows:
    """The lists of one group; raises ObstacleError where two of its appends are in each other's
    way, or a text cannot be listed."""

    def __init__(self, appends: Sequence[Append], mapper: EventMapper, keys: KeyRing) -> None:
        self._mapper, self._keys = mapper, keys
        tenants = {append.tenant_id.int: append.tenant_id for append in appends}
        self._tenants: list[UUID] = [tenants[number] for number in sorted(tenants)]
        self._places = {tenant.int: n for n, tenant in enumerate(self._tenants)}
        self._counts = [0] * len(self._tenants)
        self._events: list[tuple[Any, ...]] = []
        self._expected: list[tuple[Any, ...]] = []
        self._claims: list[tuple[Any, ...]] = []
        self._commands: list[tuple[Any, ...]] = []
        self._people: list[tuple[Any, ...]] = []
        self._effects: list[tuple[Any, ...]] = []
        self._ends = [self._add(append) for append in appends]
        self._appends = appends
        _require_distinct(self._claims, 3)
        _require_distinct(self._commands, 2)

    async def write(self, connection: asyncpg.Connection) -> list[Receipt]:
        """Writes and commits; the receipts in the order of the appends."""
        arguments = [self._tenants, self._counts]
        for rows, width in (
            (self._events, 11),
            (self._expected, 3),
            (self._claims, 4),
            (self._commands, 5),
            (self._people, 3),
            (self._effects, 4),
        ):
            arguments += _joined(rows, width)
        heads = await connection.fetchval(STATEMENT, *arguments)
        return [
            Receipt(heads[place] + end, append.result)
            for append, (place, end) in zip(self._appends, self._ends, strict=True)
        ]

    def _add(self, append: Append) -> tuple[int, int]:
        """Answers the tenant's place and the append's last position, counted from its head."""
        place = self._places[append.tenant_id.int]
        tenant = str(place + 1)
        count = self._counts[place]
        envelope = append.envelope
        source = msgspec.json.encode(envelope.source).decode()
        correlation = str(envelope.correlation_id or "")
        causation = str(envelope.causation_id or "")
        for event in append.events:
            count += 1
            stored = self._mapper.to_stored(event, self._seal(append.tenant_id, tenant, event))
            self._events.append(
                (
                    tenant,
                    str(count),
                    stored.stream_id,
                    str(stored.version),
                    stored.topic,
                    str(stored.class_version),
                    stored.payload,
                    envelope.actor,
                    source,
                    correlation,
                    causation,
                )
            )
        self._counts[place] = count
        for stream, version in append.expected.items():
            self._expected.append((tenant, stream, str(version)))
        for claim in append.claims:
            self._claims.append((tenant, claim.kind, claim.key, claim.owner))
        if append.idempotency:
            key, fingerprint = append.idempotency.key, append.idempotency.fingerprint.hex()
            result = msgspec.json.encode(append.result).decode()
            self._commands.append((tenant, key, fingerprint, str(count), result))
        for effect in append.effects:
            payload = msgspec.json.encode(effect.payload).decode()
            self._effects.append((tenant, str(uuid7()), effect.kind, payload))
        return place, count

    def _seal(self, tenant_id: UUID, tenant: str, event: DomainEvent) -> PersonSeal | None:
        if not personal_fields(type(event)):
            return None
        if event.originator_version > 1:
            raise ObstacleError  # The person has a key already, which must be looked up.
        person = event.originator_id
        key = self._keys.new_key()
        self._people.append((tenant, person, self._keys.wrap(key, tenant_id, person).hex()))
        return PersonSeal(key, person)


def _joined(rows: list[tuple[Any, ...]], width: int) -> Iterable[str | None]:
    if not rows:
        return [None] * width
    lists = [SEPARATOR.join(column) for column in zip(*rows, strict=True)]
    if any(text.count(SEPARATOR) != len(rows) - 1 for text in lists):
        raise ObstacleError
    return lists


def _require_distinct(rows: list[tuple[Any, ...]], width: int) -> None:
    if len({row[:width] for row in rows}) != len(rows):
        raise ObstacleError
