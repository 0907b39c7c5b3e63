"""The tenant log on PostgreSQL: one table for all tenants, a gap-free position for each.

Implements services.kernel.ports.Log. Loads, look-ups and appends that wait at the same time are
answered together (infra/log/batcher.py, infra/log/group_commit.py). Whole rounds are run again
when the database went away in between; an append knows its own events by their correlation id, so
that one whose commit was lost from sight is never written twice.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from domain.kernel.aggregate import Aggregate, DomainEvent
from infra.database.db import Database
from infra.database.retries import is_transient, retried
from infra.log.batcher import Answered, Batcher
from infra.log.group_commit import Group, repeated
from infra.log.group_rows import GroupRows, Lined, ObstacleError, lined
from infra.log.log_memory import ClaimKey, LogMemory, StreamKey
from infra.log.log_sql import LogSql
from infra.log.mapper import EventMapper, Stored
from infra.log.sealing import KeyRing, PersonSeal
from services.kernel.ports import Append, Idempotency, Receipt

GROUP = 256
"""The most appends of one transaction: bounds how long a tenant's head stays locked."""

LANES = 2
"""Groups under way at once, of different tenants: while one is on its way to the disk, its tenants'
heads locked, this process decides for the other. More would make the groups small."""

ROUND = 512
"""The most streams or claims looked up by one statement."""

CHANNEL = "chudan_heads"
NOTIFY_EVERY = 0.05
"""Seconds between two notifications of one process: one per append would halve the throughput."""

CommandKey = tuple[UUID, str]


class TenantLog:
    """Use as `async with TenantLog.open(db, secret) as log`."""

    def __init__(self, db: Database, secret: bytes) -> None:
        self.keys = KeyRing(secret)
        self.mapper = EventMapper()
        self._db = db
        self._memory = LogMemory()
        self._sql = LogSql.read()
        self._streams = Batcher[StreamKey, list[DomainEvent]](self._load, limit=ROUND)
        self._owners = Batcher[ClaimKey, str | None](self._own, limit=ROUND)
        self._commands = Batcher[CommandKey, tuple[bytes, Receipt] | None](
            self._answered, limit=ROUND
        )
        self._positions = Batcher[UUID, int](self._placed, limit=ROUND)
        self._lanes = [Batcher[Lined, Receipt](self._commit, limit=GROUP) for _ in range(LANES)]
        self._notifying: asyncio.Task[None] | None = None

    @classmethod
    @asynccontextmanager
    async def open(cls, db: Database, secret: bytes) -> AsyncIterator["TenantLog"]:
        """secret: the installation's; people's keys are wrapped with what is derived from it."""
        log = cls(db, secret)
        try:
            yield log
        finally:
            for lane in log._lanes:
                await lane.close()
            if log._notifying is not None:
                await asyncio.wait([log._notifying])

    async def load(
        self, tenant_id: UUID, stream_id: str, *, fresh: bool = True
    ) -> Sequence[DomainEvent]:
        key = (tenant_id, stream_id)
        remembered = None if fresh else self._memory.stream(key)
        if remembered is None:
            remembered = await self._streams.ask(key)
        return remembered

    def recollect(self, tenant_id: UUID, stream_id: str) -> Aggregate | None:
        return self._memory.take((tenant_id, stream_id))

    def remember(self, tenant_id: UUID, aggregates: Iterable[Aggregate]) -> None:
        for aggregate in aggregates:
            self._memory.give_back((tenant_id, aggregate.id), aggregate)

    async def owner(
        self, tenant_id: UUID, kind: str, key: str, *, fresh: bool = True
    ) -> str | None:
        claim = (tenant_id, kind, key)
        remembered = None if fresh else self._memory.owner(claim)
        return remembered or await self._owners.ask(claim)

    async def recall(self, tenant_id: UUID, idempotency: Idempotency) -> Receipt | None:
        answered = await self._commands.ask((tenant_id, idempotency.key))
        return None if answered is None else repeated(idempotency, *answered)

    async def position(self, tenant_id: UUID) -> int:
        return await self._positions.ask(tenant_id)

    async def append(self, append: Append) -> Receipt:
        lane = self._lanes[append.tenant_id.int % LANES]
        return await lane.ask(lined(append, self.mapper, self.keys))

    def seal_of(self, tenant_id: UUID, person_id: str, wrapped: bytes | None) -> PersonSeal | None:
        """The seal with which a reader opens a person's fields; None when it was destroyed."""
        return None if wrapped is None else self.keys.unwrap(wrapped, tenant_id, person_id)

    async def _load(self, asked: list[StreamKey]) -> Answered[list[DomainEvent]]:
        found: dict[StreamKey, list[DomainEvent]] = {key: [] for key in asked}
        for row in await self._select(self._sql.load, list(found)):
            key = (row["tenant_id"], row["stream_id"])
            stored = Stored(
                key[1], row["version"], row["topic"], row["class_version"], row["payload"]
            )
            seal = self.seal_of(*key, row["wrapped"])
            found[key].append(self.mapper.to_event(stored, row["recorded_at"], seal))
        for key, events in found.items():
            self._memory.read(key, events)
        return [found[key] for key in asked]

    async def _own(self, asked: list[ClaimKey]) -> Answered[str | None]:
        rows = await self._select(self._sql.owners, list(dict.fromkeys(asked)))
        found = {(row["tenant_id"], row["kind"], row["key"]): row["owner"] for row in rows}
        self._memory.owned(found)
        return [found.get(key) for key in asked]

    async def _answered(self, asked: list[CommandKey]) -> Answered[tuple[bytes, Receipt] | None]:
        found = {}
        for row in await self._select(self._sql.commands, list(dict.fromkeys(asked))):
            receipt = Receipt(row["position"], msgspec.json.decode(row["result"]), repeated=True)
            found[row["tenant_id"], row["idempotency_key"]] = (row["fingerprint"], receipt)
        return [found.get(key) for key in asked]

    async def _placed(self, asked: list[UUID]) -> Answered[int]:
        wanted = list(dict.fromkeys(asked))

        async def read() -> dict[UUID, int]:
            async with self._db.tenants(wanted) as connection:
                rows = await connection.fetch(
                    "select tenant_id, position from heads where tenant_id = any ($1::uuid[])",
                    wanted,
                )
                return {row["tenant_id"]: row["position"] for row in rows}

        found = await retried(read)
        return [found.get(tenant_id, 0) for tenant_id in asked]

    async def _select(
        self, statement: str, keys: Sequence[tuple[Any, ...]]
    ) -> list[asyncpg.Record]:
        """The rows for these keys, which begin with their tenant."""

        async def read() -> list[asyncpg.Record]:
            async with self._db.tenants(list({key[0] for key in keys})) as connection:
                columns = map(list, zip(*keys, strict=True))
                rows: list[asyncpg.Record] = await connection.fetch(statement, *columns)
                return rows

        return await retried(read)

    async def _commit(self, group: list[Lined]) -> Answered[Receipt]:
        uncertain = False

        async def attempt() -> Answered[Receipt]:
            nonlocal uncertain
            settled = await self._settled([one.append for one in group]) if uncertain else {}
            uncertain = True
            rest = [one for i, one in enumerate(group) if i not in settled]
            answers = iter(await self._at_once(rest) or await self._carefully(rest))
            return [settled[i] if i in settled else next(answers) for i in range(len(group))]

        try:
            answers = await retried(attempt)
        except Exception as error:
            # One append that the database refuses must not take its neighbours with it.
            if len(group) == 1 or is_transient(error):
                raise
            return [await self._alone(one) for one in group]
        for one, answer in zip(group, answers, strict=True):
            if isinstance(answer, Receipt) and not answer.repeated:
                self._memory.appended(one.append)
        self._notify()
        return answers

    async def _at_once(self, group: list[Lined]) -> Answered[Receipt] | None:
        """By one statement; None where something stands in the way, and nothing was written."""
        try:
            rows = GroupRows(group)
            async with self._db.writer() as connection:
                return list(await rows.write(connection))
        except ObstacleError:
            return None
        except asyncpg.PostgresError as error:
            if is_transient(error):
                raise
            return None

    async def _carefully(self, group: list[Lined]) -> Answered[Receipt]:
        appends = [one.append for one in group]
        async with self._db.tenants(list({append.tenant_id for append in appends})) as connection:
            return await Group(connection, self._sql, self.mapper, self.keys).commit(appends)

    async def _alone(self, one: Lined) -> Receipt | BaseException:
        try:
            return (await self._commit([one]))[0]
        except Exception as error:
            return error

    async def _settled(self, appends: list[Append]) -> dict[int, Receipt]:
        """Which of these were committed although the answer never came."""
        first = {
            (a.tenant_id, a.events[0].originator_id, a.events[0].originator_version): i
            for i, a in enumerate(appends)
            if a.events and a.envelope.correlation_id
        }
        if not first:
            return {}
        rows = await self._select(self._sql.written, list(first))
        settled = {}
        for row in rows:
            i = first[row["tenant_id"], row["stream_id"], row["version"]]
            if row["correlation_id"] == appends[i].envelope.correlation_id:
                position = row["position"] + len(appends[i].events) - 1
                settled[i] = Receipt(position, appends[i].result)
        return settled

    def _notify(self) -> None:
        if self._notifying is None:
            self._notifying = asyncio.create_task(self._notify_soon())

    async def _notify_soon(self) -> None:
        await asyncio.sleep(NOTIFY_EVERY)
        self._notifying = None
        try:
            async with self._db.writer() as connection:
                await connection.execute(f"notify {CHANNEL}")
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            return  # Readers poll as well: a lost notification costs a fraction of a second.
