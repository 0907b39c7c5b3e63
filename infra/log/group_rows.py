"""A group of appends as the rows of one statement (infra/migrations/0005_pre_log_append.sql).

Most groups meet no obstacle: their versions, claims and keys are new. Such a group is written by
one statement, in one transaction, after one round trip; the database's own constraints stand guard.
What cannot be written so, or turns out to meet an obstacle, goes the careful way of
infra/log/group_commit.py, which decides append by append.
"""

from collections.abc import Sequence
from uuid import UUID

import asyncpg
import msgspec
from uuid_extensions import uuid7

from domain.kernel.aggregate import DomainEvent, personal_fields
from domain.kernel.errors import Refusal
from infra.log.mapper import EventMapper
from infra.log.sealing import KeyRing, PersonSeal
from services.kernel.ports import Append, Receipt

SEPARATOR = "\x1f"
"""Between the texts of a list; in JSON it can only stand escaped."""

STATEMENT = f"select log_append({', '.join(f'${n}' for n in range(1, 37))})"


class ObstacleError(Exception):
    """This group cannot be written by one statement."""


class Lines(msgspec.Struct, frozen=True, gc=False):
    """What one append will write, but for the tenant's place and position: worked out while the
    group before is being written."""

    events: list[tuple[str, ...]]
    expected: list[tuple[str, ...]]
    claims: list[tuple[str, ...]]
    handed_over: list[tuple[str, ...]]
    commands: list[tuple[str, ...]]
    people: list[tuple[str, ...]]
    effects: list[tuple[str, ...]]


class Lined(msgspec.Struct, frozen=True):
    """An append that waits, and its lines; without lines it must go the careful way."""

    append: Append
    lines: Lines | None


def lined(append: Append, mapper: EventMapper, keys: KeyRing) -> Lined:
    """Never refuses: what is wrong with an append is for the careful way to say."""
    try:
        return Lined(append, _lines(append, mapper, keys))
    except (ObstacleError, Refusal):
        return Lined(append, None)


def _lines(append: Append, mapper: EventMapper, keys: KeyRing) -> Lines:
    envelope = append.envelope
    source = msgspec.json.encode(envelope.source).decode()
    correlation = _hex(envelope.correlation_id)
    causation = _hex(envelope.causation_id)
    events: list[tuple[str, ...]] = []
    people: list[tuple[str, ...]] = []
    for event in append.events:
        seal = None
        if personal_fields(type(event)):
            seal = _new_seal(append, event, keys, people)
        stored = mapper.to_stored(event, seal)
        events.append(
            (
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
    commands: list[tuple[str, ...]] = []
    if append.idempotency:
        result = msgspec.json.encode(append.result).decode()
        commands.append((append.idempotency.key, append.idempotency.fingerprint.hex(), result))
    return Lines(
        events=events,
        expected=[(stream, str(version)) for stream, version in append.expected.items()],
        claims=[(claim.kind, claim.key, claim.owner) for claim in append.claims],
        handed_over=[(claim.kind, claim.key, claim.owner) for claim in append.handed_over],
        commands=commands,
        people=people,
        effects=[
            (str(uuid7()), effect.kind, msgspec.json.encode(effect.payload).decode())
            for effect in append.effects
        ],
    )


def _hex(identifier: UUID | None) -> str:
    return "" if identifier is None else f"{identifier.int:032x}"


def _new_seal(
    append: Append, event: DomainEvent, keys: KeyRing, people: list[tuple[str, ...]]
) -> PersonSeal:
    if event.originator_version > 1:
        raise ObstacleError  # The person has a key already, which must be looked up.
    person = event.originator_id
    key = keys.new_key()
    people.append((person, keys.wrap(key, append.tenant_id, person).hex()))
    return PersonSeal(key, person)


class GroupRows:
    """The lists of one group; raises ObstacleError where two of its appends are in each other's
    way, or a text cannot be listed."""

    def __init__(self, group: Sequence[Lined]) -> None:
        tenants = {one.append.tenant_id.int: one.append.tenant_id for one in group}
        self._tenants: list[UUID] = [tenants[number] for number in sorted(tenants)]
        self._places = {tenant.int: n for n, tenant in enumerate(self._tenants)}
        self._counts = [0] * len(self._tenants)
        self._tables = [_Table(width) for width in (10, 2, 3, 3, 4, 2, 3)]
        self._ends = [self._add(one) for one in group]
        self._group = group
        self._arguments = [text for table in self._tables for text in table.joined()]

    async def write(self, connection: asyncpg.Connection) -> list[Receipt]:
        """Writes and commits; the receipts in the order of the appends."""
        heads = await connection.fetchval(STATEMENT, self._tenants, self._counts, *self._arguments)
        return [
            Receipt(heads[place] + end, one.append.result)
            for one, (place, end) in zip(self._group, self._ends, strict=True)
        ]

    def _add(self, one: Lined) -> tuple[int, int]:
        """Answers the tenant's place and the append's last position, counted from its head."""
        lines = one.lines
        if lines is None:
            raise ObstacleError
        place = self._places[one.append.tenant_id.int]
        tenant = str(place + 1)
        events, expected, claims, handed_over, commands, people, effects = self._tables
        count = self._counts[place]
        for line in lines.events:
            count += 1
            events.add(tenant, (str(count), *line))
        self._counts[place] = count
        for line in lines.commands:
            commands.add(tenant, (line[0], line[1], str(count), line[2]))
        for table, its in (
            (expected, lines.expected),
            (claims, lines.claims),
            (handed_over, lines.handed_over),
            (people, lines.people),
            (effects, lines.effects),
        ):
            for line in its:
                table.add(tenant, line)
        return place, count


class _Table:
    """The lines of one table and, beside them, the places of their tenants."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._tenants: list[str] = []
        self._lines: list[tuple[str, ...]] = []

    def add(self, tenant: str, line: tuple[str, ...]) -> None:
        self._tenants.append(tenant)
        self._lines.append(line)

    def joined(self) -> list[str | None]:
        """One text for each column, the tenants' first."""
        if not self._lines:
            return [None] * (self._width + 1)
        texts = [SEPARATOR.join(column) for column in zip(*self._lines, strict=True)]
        if any(text.count(SEPARATOR) != len(self._lines) - 1 for text in texts):
            raise ObstacleError
        return [SEPARATOR.join(self._tenants), *texts]
