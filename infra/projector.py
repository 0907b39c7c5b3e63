"""The projector: brings every tenant's read models up to its log, batch by batch.

A batch is one transaction: the checkpoints that nobody else works on are locked, the events are
read once for all projections that stand at the same place, folded in memory, and the rows written
together with the checkpoints. So whatever dies, each event counts once, and any number of
projectors share the work. An event that a projection cannot digest parks that tenant's projection
and stops nobody else; it is tried again once by every projector that starts (a new program may
know better) and by a rebuild.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Protocol
from uuid import UUID

import asyncpg
import structlog

from infra import checkpoints
from infra.checkpoints import Parked, Stand
from infra.collector import relax_collector
from infra.db import Database
from infra.feed import Feed
from infra.folding import Rows, Share, Stop
from infra.persist import is_transient, persist
from infra.projection_rows import ProjectionRows
from infra.tenant_log import CHANNEL, TenantLog
from projections import PROJECTIONS
from projections.projection import Projection

BATCH = 4_000
"""Positions of one transaction."""

AT_ONCE = 3
"""Tenants of one process under way: while one folds, others wait for the database."""

POLL = 0.2
"""Seconds between two looks when nothing woke us."""

ROW_REFUSED = (
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.ProgramLimitExceededError,
)
"""What an event is to blame for; a missing table or permission, say, is the installation's."""


class Installation(Protocol):
    """What is needed of the application."""

    @property
    def db(self) -> Database: ...

    @property
    def log(self) -> TenantLog: ...


class Projector:
    """Holds no state that matters: all of it stands in the checkpoints."""

    def __init__(
        self,
        db: Database,
        log: TenantLog,
        projections: Sequence[Projection[Any]] = PROJECTIONS,
        batch: int = BATCH,
    ) -> None:
        self._db = db
        self._feed = Feed(log)
        self._projections = {projection.table: projection for projection in projections}
        self._tables = {p.table: ProjectionRows(p) for p in projections}
        self._batch = batch
        self._woken = asyncio.Event()
        self._log = structlog.get_logger("projector")

    async def run(self) -> None:
        """Works until it is cancelled."""
        await persist(self._try_parked_again)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen())
            while True:
                self._woken.clear()
                if not await persist(self.round):
                    await self._idle()

    async def round(self) -> int:
        """One batch of every tenant that is behind; answers how many positions were gained."""
        behind = await checkpoints.list_behind(self._db, self._projections.values())
        turn = asyncio.Semaphore(AT_ONCE)

        async def one(tenant_id: UUID, incomplete: bool) -> int:
            async with turn:
                return await self._one_of_many(tenant_id, incomplete)

        gained = await asyncio.gather(*(one(*tenant) for tenant in behind), return_exceptions=True)
        for answer in gained:
            if isinstance(answer, BaseException):
                raise answer
        return sum(answer for answer in gained if isinstance(answer, int))

    async def catch_up(self, tenant_id: UUID) -> None:
        """Works on one tenant until all its projections are at the head of now, or parked."""
        while True:
            if await self.advance(tenant_id):
                continue
            behind = await checkpoints.list_behind(self._db, self._projections.values())
            incomplete = dict(behind).get(tenant_id)
            if incomplete is None:
                return
            if incomplete:
                await self._make_checkpoints(tenant_id)
            else:
                # Another projector holds the rows: it is the one that gets there.
                await asyncio.sleep(POLL / 10)

    async def advance(self, tenant_id: UUID) -> int:
        """One batch of one tenant; answers how many positions its projections gained."""
        projections = list(self._projections.values())
        try:
            return await self._step(tenant_id, projections, self._batch)
        except ROW_REFUSED:
            return sum([await self._alone(tenant_id, projection) for projection in projections])

    async def _step(
        self, tenant_id: UUID, projections: Sequence[Projection[Any]], batch: int
    ) -> int:
        gained = 0
        async with self._db.tenant(tenant_id) as connection:
            places: dict[int, list[Stand]] = defaultdict(list)
            for stand in await checkpoints.lock_behind(connection, tenant_id, projections):
                places[stand.position].append(stand)
            for after, stands in places.items():
                until = min(after + batch, stands[0].head)
                gained += await self._stretch(connection, tenant_id, stands, until)
        return gained

    async def _stretch(
        self, connection: asyncpg.Connection, tenant_id: UUID, stands: list[Stand], until: int
    ) -> int:
        """Brings the projections that stand at the same place to `until`, or to where they park."""
        here = [self._projections[stand.table] for stand in stands]
        after = stands[0].position
        entries = await self._feed.read(
            connection,
            tenant_id,
            after=after,
            until=until,
            topics=frozenset[str]().union(*(projection.topics for projection in here)),
            personal=any(projection.personal for projection in here),
            envelope=any(projection.envelope for projection in here),
        )
        gained = 0
        for projection in here:
            share = Share(projection, entries)
            await self._apply(connection, tenant_id, share)
            reached = share.stop.position - 1 if share.stop else until
            if share.stop:
                self._tell_parked(tenant_id, projection.table, share.stop)
            await checkpoints.move(
                connection,
                tenant_id,
                projection.table,
                reached,
                head=stands[0].head,
                stop=share.stop,
            )
            gained += reached - after
        return gained

    async def _apply(
        self, connection: asyncpg.Connection, tenant_id: UUID, share: Share[Any]
    ) -> None:
        keys = share.keys
        if not keys:
            return
        table = self._tables[share.projection.table]
        rows: Rows[Any] = {}
        if share.projection.loads:
            rows = await table.load(connection, tenant_id, keys)
        share.fold(rows)
        await table.write(connection, tenant_id, rows)

    async def _alone(self, tenant_id: UUID, projection: Projection[Any]) -> int:
        """Finds the event whose row the database refuses, by ever smaller batches."""
        batch = self._batch
        while True:
            try:
                return await self._step(tenant_id, [projection], batch)
            except ROW_REFUSED as error:
                if batch == 1:
                    await self._park_next(tenant_id, projection, error)
                    return 0
                batch = max(1, batch // 8)

    async def _park_next(
        self, tenant_id: UUID, projection: Projection[Any], error: Exception
    ) -> None:
        async with self._db.tenant(tenant_id) as connection:
            for stand in await checkpoints.lock_behind(connection, tenant_id, [projection]):
                stop = Stop(stand.position + 1, error)
                self._tell_parked(tenant_id, stand.table, stop)
                await checkpoints.move(
                    connection,
                    tenant_id,
                    stand.table,
                    stand.position,
                    head=stand.head,
                    stop=stop,
                )

    async def _one_of_many(self, tenant_id: UUID, incomplete: bool) -> int:
        try:
            if incomplete:
                await self._make_checkpoints(tenant_id)
            return await self.advance(tenant_id)
        except Exception as error:
            if is_transient(error):
                raise
            # No tenant's trouble is another's; the next round tries again.
            self._log.error("projector_failed", tenant=str(tenant_id), error=type(error).__name__)
            return 0

    async def _make_checkpoints(self, tenant_id: UUID) -> None:
        await checkpoints.make_checkpoints(self._db, tenant_id, self._projections.values())

    async def _try_parked_again(self) -> None:
        parked: list[Parked] = await checkpoints.list_parked(self._db, self._projections.values())
        for one in parked:
            await checkpoints.unpark(self._db, one)

    async def _listen(self) -> None:
        while True:
            try:
                async with self._db.listening(CHANNEL, self._woken.set) as lost:
                    await lost.wait()
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
                pass
            await asyncio.sleep(1)

    async def _idle(self) -> None:
        try:
            async with asyncio.timeout(POLL):
                await self._woken.wait()
        except TimeoutError:
            pass

    def _tell_parked(self, tenant_id: UUID, table: str, stop: Stop) -> None:
        self._log.error(
            "projection_parked",
            tenant=str(tenant_id),
            projection=table,
            position=stop.position,
            error=stop.kind,
        )


async def run(app: Installation) -> None:
    """The projector's process: works until it is cancelled."""
    relax_collector()
    await Projector(app.db, app.log).run()


async def catch_up(app: Installation, tenant_id: UUID) -> None:
    """Brings one tenant's read models to the head of its log, or to where they park."""
    await Projector(app.db, app.log).catch_up(tenant_id)
