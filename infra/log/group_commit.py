"""Appends that wait, checked as a set and committed in one transaction.

The heads of the tenants are locked first, in order, so that nobody else appends to them and no two
groups deadlock. What would break a unique key is then decided in memory, one append at a time, so
that a refused append leaves no trace and disturbs no other. Throughput is bound by the CPU and not
by the disk; an answered append is on disk.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from uuid_extensions import uuid7

from domain.kernel.aggregate import personal_fields
from domain.kernel.errors import ConflictError, Refusal
from infra.log.gathering import Answered
from infra.log.log_sql import LogSql
from infra.log.mapper import EventMapper
from infra.log.sealing import KeyRing, PersonSeal
from services.kernel.ports import Append, ClaimTakenError, Idempotency, Receipt

Stream = tuple[UUID, str]


class Group:
    """One group, from the locked heads to the rows to be written."""

    def __init__(
        self, connection: asyncpg.Connection, sql: LogSql, mapper: EventMapper, keys: KeyRing
    ) -> None:
        self._connection = connection
        self._sql = sql
        self._mapper = mapper
        self._keys = keys
        self._heads: dict[UUID, tuple[int, datetime]] = {}
        self._versions: dict[Stream, int] = {}
        self._owners: dict[tuple[UUID, str, str], str] = {}
        self._answers: dict[tuple[UUID, str], tuple[bytes, Receipt]] = {}
        self._seals: dict[Stream, PersonSeal] = {}
        self._events: list[tuple[Any, ...]] = []
        self._claims: list[tuple[Any, ...]] = []
        self._handed_over: dict[tuple[UUID, str, str], str] = {}
        self._commands: list[tuple[Any, ...]] = []
        self._effects: list[tuple[Any, ...]] = []
        self._new_keys: list[tuple[Any, ...]] = []

    async def commit(self, appends: Sequence[Append]) -> Answered[Receipt]:
        """One receipt or error per append; the caller commits the transaction."""
        await self._lock(appends)
        await self._look_up(appends)
        answers: Answered[Receipt] = []
        for append in appends:
            try:
                answers.append(self._decide(append))
            except (Refusal, ConflictError) as error:
                answers.append(error)
        await self._write()
        return answers

    async def _lock(self, appends: Sequence[Append]) -> None:
        tenants = {append.tenant_id for append in appends}
        for row in await self._connection.fetch(self._sql.heads, list(tenants)):
            self._heads[row["tenant_id"]] = (row["position"], row["now"])

    async def _look_up(self, appends: Sequence[Append]) -> None:
        streams = {(a.tenant_id, e.originator_id) for a in appends for e in a.events}
        people = {
            (a.tenant_id, e.originator_id)
            for a in appends
            for e in a.events
            if e.originator_version > 1 and personal_fields(type(e))
        }
        streams |= {(a.tenant_id, stream) for a in appends for stream in a.expected}
        claims = {
            (a.tenant_id, c.kind, c.key) for a in appends for c in (*a.claims, *a.handed_over)
        }
        commands = {(a.tenant_id, a.idempotency.key) for a in appends if a.idempotency}
        if streams:
            for row in await self._fetch(self._sql.versions, streams):
                self._versions[row["tenant_id"], row["stream_id"]] = row["version"]
        if people:
            for row in await self._fetch(self._sql.keys, people):
                person = (row["tenant_id"], row["person_id"])
                self._seals[person] = self._keys.unwrap(row["wrapped"], *person)
        if claims:
            for row in await self._fetch(self._sql.owners, claims):
                self._owners[row["tenant_id"], row["kind"], row["key"]] = row["owner"]
        if commands:
            for row in await self._fetch(self._sql.commands, commands):
                receipt = Receipt(row["position"], msgspec.json.decode(row["result"]), True)
                answer = (row["fingerprint"], receipt)
                self._answers[row["tenant_id"], row["idempotency_key"]] = answer

    def _decide(self, append: Append) -> Receipt:
        if append.tenant_id not in self._heads:
            raise Refusal("partner_unknown")
        if append.idempotency:
            answered = self._answers.get((append.tenant_id, append.idempotency.key))
            if answered:
                return repeated(append.idempotency, *answered)
        self._check_versions(append)
        self._check_claims(append)
        rows = self._map(append)
        return self._accept(append, rows)

    def _check_versions(self, append: Append) -> None:
        next_versions: dict[str, int] = {}
        for event in append.events:
            stream = event.originator_id
            known = next_versions.get(stream, self._versions.get((append.tenant_id, stream), 0))
            if event.originator_version != known + 1:
                raise ConflictError
            next_versions[stream] = known + 1
        for stream, version in append.expected.items():
            if self._versions.get((append.tenant_id, stream), 0) != version:
                raise ConflictError

    def _check_claims(self, append: Append) -> None:
        for claim in append.claims:
            owner = self._owners.get((append.tenant_id, claim.kind, claim.key))
            if owner not in (None, claim.owner):
                raise ClaimTakenError(claim)
        new = {(claim.kind, claim.key) for claim in append.claims}
        for claim in append.handed_over:
            known = (append.tenant_id, claim.kind, claim.key) in self._owners
            if not known and (claim.kind, claim.key) not in new:
                raise ConflictError

    def _map(self, append: Append) -> list[tuple[Any, ...]]:
        position, now = self._heads[append.tenant_id]
        envelope = append.envelope
        source = msgspec.json.encode(envelope.source).decode()
        rows = []
        for event in append.events:
            position += 1
            seal = None
            if personal_fields(type(event)):
                seal = self._seal((append.tenant_id, event.originator_id))
            stored = self._mapper.to_stored(event, seal)
            rows.append(
                (
                    append.tenant_id,
                    position,
                    stored.stream_id,
                    stored.version,
                    stored.topic,
                    stored.class_version,
                    stored.payload,
                    envelope.actor,
                    now,
                    source,
                    envelope.correlation_id,
                    envelope.causation_id,
                )
            )
        return rows

    def _accept(self, append: Append, rows: list[tuple[Any, ...]]) -> Receipt:
        tenant_id = append.tenant_id
        position, now = self._heads[tenant_id]
        position += len(rows)
        self._heads[tenant_id] = (position, now)
        self._events += rows
        for event in append.events:
            self._versions[tenant_id, event.originator_id] = event.originator_version
        for claim in append.claims:
            place = (tenant_id, claim.kind, claim.key)
            if place not in self._owners:
                self._owners[place] = claim.owner
                self._claims.append((*place, claim.owner))
        for claim in append.handed_over:
            place = (tenant_id, claim.kind, claim.key)
            self._owners[place] = self._handed_over[place] = claim.owner
        for effect in append.effects:
            payload = msgspec.json.encode(effect.payload).decode()
            self._effects.append((tenant_id, uuid7(), effect.kind, payload, now))
        receipt = Receipt(position, append.result)
        if append.idempotency:
            key, fingerprint = append.idempotency.key, append.idempotency.fingerprint
            repeat = Receipt(position, append.result, repeated=True)
            self._answers[tenant_id, key] = (fingerprint, repeat)
            result = msgspec.json.encode(append.result).decode()
            self._commands.append((tenant_id, key, fingerprint, position, result, now))
        return receipt

    def _seal(self, person: Stream) -> PersonSeal:
        seal = self._seals.get(person)
        if seal is None:
            key = self._keys.new_key()
            self._new_keys.append((*person, self._keys.wrap(key, *person)))
            seal = self._seals[person] = PersonSeal(key, person[1])
        return seal

    async def _write(self) -> None:
        if self._events:
            heads = {row[0]: self._heads[row[0]] for row in self._events}
            await self._fetch(self._sql.insert_events, self._events)
            await self._fetch(self._sql.advance_heads, [(t, *head) for t, head in heads.items()])
        for statement, rows in (
            (self._sql.insert_keys, self._new_keys),
            (self._sql.insert_claims, self._claims),
            (self._sql.hand_over, [(*place, to) for place, to in self._handed_over.items()]),
            (self._sql.insert_commands, self._commands),
            (self._sql.insert_outbox, self._effects),
        ):
            if rows:
                await self._fetch(statement, rows)

    async def _fetch(self, statement: str, rows: Any) -> list[asyncpg.Record]:
        """Rows as one array per column."""
        columns = map(list, zip(*rows, strict=True))
        found: list[asyncpg.Record] = await self._connection.fetch(statement, *columns)
        return found


def repeated(asked: Idempotency, fingerprint: bytes, receipt: Receipt) -> Receipt:
    """The earlier answer. Raises Refusal `idempotency_key_reused` for another payload."""
    if asked.fingerprint != fingerprint:
        raise Refusal("idempotency_key_reused")
    return receipt
