"""The tenant log on PostgreSQL: one table for all tenants, a gap-free position for each.

Implements services.kernel.ports.Log. What waits at the same time is answered together, and whole
rounds are run again when the database went away in between.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import cache, partial
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
from eventsourcing.utils import resolve_topic

from domain.kernel.aggregate import (
    Aggregate,
    Correction,
    DomainEvent,
    Recorded,
    Withdrawal,
    event_topics,
    payload_fields,
)
from domain.kernel.values import is_storable
from infra.database.db import Database, TenantConnection
from infra.database.distribution import is_distributed
from infra.database.retries import DATABASE_ERRORS, answered, is_transient, is_waited_for, retried
from infra.log import lookups
from infra.log.append_rows import RowBuilder
from infra.log.batcher import Answered, Batcher
from infra.log.group_append import GroupAppend, ObstacleError, PendingAppend, pending
from infra.log.log_cache import ClaimKey, LogCache, StreamKey
from infra.log.mapper import EventMapper
from infra.log.sealing import PersonSeal, WrappedKey
from infra.log.secret_keys import SecretKeys, is_wrapped_too_late
from infra.log.tenant_append import TenantAppend, repeated
from services.kernel.ports import Append, Idempotency, Receipt

GROUP = 128
"""The most appends of one transaction: bounds how long a tenant's head stays locked. Fewer than are
under way in an import, so that the others are decided meanwhile."""

LANES = 2
"""Groups under way at once, of different tenants: while one is on its way to the disk, its tenants'
heads locked, this process decides for the other. More would make the groups small."""

ROUND = 512
"""The most streams or claims looked up in one round."""

CHANNEL = "chudan_heads"
NOTIFY_EVERY = 0.05
"""Seconds between two notifications of one process: one per append would halve the throughput."""

CommandKey = tuple[UUID, str]

K = TypeVar("K", bound=tuple[Any, ...])
V = TypeVar("V")

Lookup = Callable[[TenantConnection, Collection[Any]], Awaitable[dict[Any, V]]]
"""Of one tenant: takes keys without the tenant, answers what was found by them."""


class TenantLog:
    """Use as `async with TenantLog.open(db, secret_keys) as log`."""

    def __init__(self, db: Database, secret_keys: SecretKeys, *, in_groups: bool) -> None:
        self.secret_keys = secret_keys
        self.keys = secret_keys.ring
        self.mapper = EventMapper()
        self.builder = RowBuilder(self.mapper, self.keys)
        self._in_groups = in_groups
        self._db = db
        self._cache = LogCache()
        self._streams: Batcher[StreamKey, list[DomainEvent] | None] = self._reader(
            self._streams_of, self._cache.put_streams
        )
        self._owners: Batcher[ClaimKey, str | None] = self._reader(
            lookups.owners, self._cache.put_owners
        )
        self._commands: Batcher[CommandKey, lookups.CommandAnswer | None] = self._reader(
            lookups.commands
        )
        self._positions: Batcher[tuple[UUID], int | None] = self._reader(lookups.position)
        self._lanes = [
            Batcher[PendingAppend, Receipt](self._commit, limit=GROUP) for _ in range(LANES)
        ]
        self._notifying: asyncio.Task[None] | None = None

    @classmethod
    @asynccontextmanager
    async def open(
        cls, db: Database, secret_keys: SecretKeys, *, in_groups: bool | None = None
    ) -> AsyncIterator["TenantLog"]:
        """secret_keys: people's keys are wrapped with the one in force.
        in_groups: whether one transaction may write several tenants; None: unless it is Citus."""
        if in_groups is None:
            async with db.untenanted() as connection:
                in_groups = not await is_distributed(connection)
        log = cls(db, secret_keys, in_groups=in_groups)
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
        known = None if fresh else self._cache.stream(key)
        return known or await self._streams.submit(key) or ()

    async def aggregate(
        self, tenant_id: UUID, stream_id: str, *, fresh: bool = True
    ) -> Aggregate | None:
        key = (tenant_id, stream_id)
        if not fresh and (kept := self._cache.take_aggregate(key)) is not None:
            return kept
        aggregate: Aggregate | None = None
        for event in await self.load(tenant_id, stream_id, fresh=fresh):
            aggregate = event.mutate(aggregate)
        return aggregate

    async def since(self, tenant_id: UUID, stream_id: str, position: int) -> Sequence[Recorded]:
        async def read() -> list[Any]:
            async with self._db.tenants([tenant_id]) as connection:
                tenant = TenantConnection(connection, tenant_id)
                return list(await tenant.fetch(lookups.SINCE, stream_id, position))

        return [
            self.mapper.to_recorded(tenant_id, None, *record) for record in await answered(read)
        ]

    async def owner(
        self, tenant_id: UUID, kind: str, key: str, *, fresh: bool = True
    ) -> str | None:
        claim = (tenant_id, kind, key)
        known = None if fresh else self._cache.owner(claim)
        return known or await self._owners.submit(claim)

    async def naming(
        self, tenant_id: UUID, field: str, stream_id: str
    ) -> tuple[int, Sequence[str]]:
        anew = list(_saying_anew(field))
        return await self._at_position(tenant_id, lookups.NAMING, field, stream_id, anew)

    async def claimed(self, tenant_id: UUID, kind: str) -> tuple[int, Sequence[str]]:
        return await self._at_position(tenant_id, lookups.CLAIMED, kind)

    async def recall(self, tenant_id: UUID, idempotency: Idempotency) -> Receipt | None:
        answered = await self._commands.submit((tenant_id, idempotency.key))
        return None if answered is None else repeated(idempotency, *answered)

    async def position(self, tenant_id: UUID) -> int:
        return await self._positions.submit((tenant_id,)) or 0

    def append(self, append: Append) -> Awaitable[Receipt]:
        lane = self._lanes[append.tenant_id.int % LANES]
        return lane.submit(
            pending(append, self.builder, partial(self._cache.seal, append.tenant_id))
            if self._in_groups
            else PendingAppend(append, None)
        )

    async def _streams_of(
        self, tenant: TenantConnection, keys: Collection[tuple[str]]
    ) -> dict[tuple[str], list[DomainEvent]]:
        found: dict[tuple[str], list[DomainEvent]] = defaultdict(list)
        seals: dict[str, PersonSeal] = {}
        wanted = [stream_id for (stream_id,) in keys]
        for record in await tenant.fetch(lookups.STREAMS, wanted):
            stream, version, topic, class_version, payload, recorded_at, person, *key = record
            if person is not None and person not in seals:
                seals[person] = self.keys.unwrap(WrappedKey(*key), tenant.tenant_id, person)
            seal = seals.get(person)
            found[(stream,)].append(
                self.mapper.to_event(
                    stream, version, topic, class_version, payload, recorded_at, seal
                )
            )
        self._cache.put_seals(tenant.tenant_id, seals)
        return found

    async def _at_position(
        self, tenant_id: UUID, statement: str, *asked: Any
    ) -> tuple[int, Sequence[str]]:
        """The tenant's position, and what a statement finds there."""

        async def read() -> Any:
            async with self._db.tenants([tenant_id]) as connection:
                return await TenantConnection(connection, tenant_id).fetchrow(statement, *asked)

        position, found = await retried(read)
        return position, found

    def _reader(
        self, look_up: Lookup[V], keep: Callable[[Mapping[K, V | None]], None] | None = None
    ) -> Batcher[K, V | None]:
        """Looks up what waits together; None: not found. keep: is given the answers."""

        async def answer(asked: list[K]) -> Answered[V | None]:
            found = await self._by_tenant(asked, look_up)
            answers = {key: found.get(key) for key in asked}
            if keep is not None:
                keep(answers)
            return [answers[key] for key in asked]

        return Batcher(answer, limit=ROUND)

    async def _by_tenant(self, asked: Sequence[K], look_up: Lookup[V]) -> dict[K, V]:
        """asked: keys that begin with their tenant, and so do those of the answer. What no database
        can hold is not there, and others are asked about without it."""
        tenants: dict[UUID, set[tuple[Any, ...]]] = defaultdict(set)
        for tenant_id, *key in asked:
            if all(is_storable(one) for one in key if isinstance(one, str)):
                tenants[tenant_id].add(tuple(key))
        if not tenants:
            return {}

        async def read() -> dict[Any, V]:
            async with self._db.tenants(list(tenants)) as connection:
                return {
                    (one, *key): value
                    for one, keys in tenants.items()
                    for key, value in (
                        await look_up(TenantConnection(connection, one), keys)
                    ).items()
                }

        return await answered(read)

    async def _commit(self, group: list[PendingAppend]) -> Answered[Receipt]:
        answers, uncertain = await self._at_once(group) if self._in_groups else (None, False)
        if answers is None:
            answers = await self._tenant_by_tenant([one.append for one in group], uncertain)
        for one, answer in zip(group, answers, strict=True):
            if isinstance(answer, Receipt) and not answer.repeated:
                self._cache.put_append(one.append)
        self._notify()
        return answers

    async def _at_once(self, group: list[PendingAppend]) -> tuple[Answered[Receipt] | None, bool]:
        """By one statement: no answers where something stands in the way, and whether it is
        uncertain that nothing was written."""
        try:
            rows = GroupAppend(group)
            async with self._db.writer() as connection:
                answers: Answered[Receipt] = [*await rows.write(connection)]
            for one in group:
                if one.rows is not None and one.rows.seals:
                    self._cache.put_seals(one.append.tenant_id, one.rows.seals)
            return answers, False
        except ObstacleError:
            return None, False
        except Exception as error:
            if isinstance(error, asyncpg.PostgresError) or is_transient(error):
                return None, is_transient(error)
            raise

    async def _tenant_by_tenant(
        self, appends: Sequence[Append], uncertain: bool
    ) -> Answered[Receipt]:
        tenants: dict[UUID, list[Append]] = defaultdict(list)
        for append in appends:
            tenants[append.tenant_id].append(append)
        found = await asyncio.gather(
            *(self._of_tenant(tenant_id, its, uncertain) for tenant_id, its in tenants.items())
        )
        answers = dict(zip(tenants, map(iter, found), strict=True))
        return [next(answers[append.tenant_id]) for append in appends]

    async def _of_tenant(
        self, tenant_id: UUID, appends: list[Append], again: bool
    ) -> Answered[Receipt]:
        async def attempt() -> Answered[Receipt]:
            nonlocal again
            settling, again = again, True
            async with self._db.tenants([tenant_id]) as connection:
                tenant = TenantConnection(connection, tenant_id)
                append = TenantAppend(tenant, self.builder, self.keys)
                answers = await append.write(appends, again=settling)
            self._cache.put_seals(tenant_id, append.seals)
            return answers

        try:
            try:
                return await retried(attempt)
            except asyncpg.CheckViolationError as error:
                if not is_wrapped_too_late(error):
                    raise
                # New people are given new keys, wrapped with the secret key in force.
                await self.secret_keys.renew()
                return await retried(attempt)
        except Exception as error:
            if len(appends) == 1 or is_waited_for(error):
                return [error] * len(appends)
            # One append that the database refuses must not take its neighbours with it.
            return [(await self._of_tenant(tenant_id, [one], again))[0] for one in appends]

    def _notify(self) -> None:
        if self._notifying is None:
            self._notifying = asyncio.create_task(self._notify_soon())

    async def _notify_soon(self) -> None:
        await asyncio.sleep(NOTIFY_EVERY)
        self._notifying = None
        try:
            async with self._db.writer() as connection:
                await connection.execute(f"notify {CHANNEL}")
        except DATABASE_ERRORS:
            return  # Readers poll as well: a lost notification costs a fraction of a second.


@cache
def _saying_anew(field: str) -> frozenset[str]:
    """The stored names of events after which a fact no longer says in a field what it did."""
    corrections = event_topics(Correction)
    said = {one for one in corrections if field in payload_fields(resolve_topic(one))}
    return event_topics(Withdrawal) | said
