"""The projector: brings every tenant's read models up to its log, batch by batch.

A batch is one transaction: the checkpoints that nobody else works on are locked, the events are
read once for all projections that stand at the same place, folded in memory, and the rows written
together with the checkpoints. So whatever dies, each event counts once, and any number of
projectors share the work.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from infra.app import App
from infra.database.db import Database, TenantConnection
from infra.log.feed import Feed, end_of_command, position_at
from infra.log.tenant_log import TenantLog
from infra.readside import checkpoints
from infra.readside.checkpoints import LockedCheckpoint
from infra.readside.folding import ProjectionFold, Rows, Stop, overwritten, tune_garbage_collector
from infra.readside.log_follower import ROW_REFUSED, LogFollower
from infra.readside.reactors import Reactors
from infra.readside.series import SeriesFiller
from infra.readside.stored_rows import PastRows, StoredRows
from projections import PROJECTIONS
from projections.kernel.projection import Projection, Selection

BATCH = 8_000
"""Positions of one transaction, and those up to the end of a command: nobody reads half of one.

Whole batches are those of few projections, as when new versions of some catch up alone: the larger,
the less often each row is written. A transaction of all ends wherever one of them keeps its state
for time travel, which is at the latest after the 4,000 of the schemes (`past_every`): so long, and
no longer, do other partners wait for their turn.
"""


class _InsideOfCommandError(Exception):
    """A projection cannot go on inside of a command, of whose rows none may stay then."""

    def __init__(self, stop: Stop) -> None:
        super().__init__()
        self.stop = stop


_TO_BE_FOUND = (*ROW_REFUSED, _InsideOfCommandError)
"""What is undone, and happens again alone with the command that it comes of."""


class Projector(LogFollower):
    """Any number of them share the work."""

    def __init__(
        self,
        db: Database,
        log: TenantLog,
        projections: Sequence[Projection[Any]] = PROJECTIONS,
        batch: int = BATCH,
    ) -> None:
        super().__init__(db, projections, "projector")
        self._feed = Feed(log)
        self._projections = {projection.checkpoint: projection for projection in projections}
        self._tables = {p.table: StoredRows.of(p) for p in projections}
        self._past = {p.table: PastRows(p) for p in projections if p.past_every}
        self._batch = batch

    async def advance(self, tenant_id: UUID) -> int:
        projections = list(self._projections.values())
        try:
            return await self._step(tenant_id, projections, self._batch)
        except _TO_BE_FOUND:
            return sum([await self._alone(tenant_id, projection) for projection in projections])

    async def _step(
        self, tenant_id: UUID, projections: Sequence[Projection[Any]], batch: int
    ) -> int:
        gained = 0
        async with self._db.tenant(tenant_id) as tenant:
            places: dict[int, list[LockedCheckpoint]] = defaultdict(list)
            for checkpoint in await checkpoints.lock_behind(tenant, projections, self.retrying):
                places[checkpoint.position].append(checkpoint)
            for after, locked in places.items():
                head = locked[0].head
                until = self._reach(locked, min(after + batch, head))
                ending = head if until == head else await end_of_command(tenant, until)
                await self._bring(tenant, locked, ending)
                gained += ending - after
        return gained

    async def _bring(
        self, tenant: TenantConnection, locked: list[LockedCheckpoint], until: int
    ) -> None:
        """Brings the projections of one position to the end of a command, by a stretch up to each
        state that is to be kept on the way."""
        while locked and locked[0].position < until:
            locked = await self._stretch(tenant, locked, self._reach(locked, until))

    def _reach(self, locked: Sequence[LockedCheckpoint], until: int) -> int:
        return min(self._projections[one.consumer].reach(one.position, until) for one in locked)

    async def _stretch(
        self, tenant: TenantConnection, locked: Sequence[LockedCheckpoint], until: int
    ) -> list[LockedCheckpoint]:
        """Brings the projections of one position to `until`, or to the command where they park;
        answers the checkpoints of those that do not. Raises _InsideOfCommandError."""
        here = [self._projections[checkpoint.consumer] for checkpoint in locked]
        after = locked[0].position
        wanted = Selection(
            topics=frozenset[str]().union(*(projection.topics for projection in here)),
            personal=any(projection.personal for projection in here),
            envelope=any(projection.envelope for projection in here),
        )
        entries = await self._feed.read(tenant, wanted, after=after, until=until)
        there = []
        for checkpoint, projection in zip(locked, here, strict=True):
            folding = ProjectionFold(projection, entries, checkpoint.skipped)
            await self._apply(tenant, folding, after)
            reached = until
            if folding.stop:
                reached = folding.stop.position - 1
                if await position_at(tenant, reached) < reached:
                    raise _InsideOfCommandError(folding.stop)
            await self._move(tenant, checkpoint, reached, folding.stop)
            if not folding.stop:
                there.append(replace(checkpoint, position=until))
        return there

    async def _apply(
        self, tenant: TenantConnection, folding: ProjectionFold[Any], after: int
    ) -> None:
        keys = folding.keys
        if not keys:
            return
        projection = folding.projection
        table = self._tables[projection.table]
        before: Rows[Any] = {}
        if projection.loads:
            before = await table.load(tenant, keys)
        rows = dict(before)
        folding.apply(rows)
        if as_of := projection.state_before(after):
            changed = overwritten(before, rows, as_of) if projection.loads else rows
            await self._past[projection.table].keep(tenant, changed, as_of)
        await table.write(tenant, rows, before)

    async def _alone(self, tenant_id: UUID, projection: Projection[Any]) -> int:
        """Finds the command whose rows cannot be written, by ever smaller batches."""
        batch = self._batch
        while True:
            try:
                return await self._step(tenant_id, [projection], batch)
            except _TO_BE_FOUND as error:
                if batch == 1:
                    await self._park_next(tenant_id, projection, error)
                    return 0
                batch = max(1, batch // 8)

    async def _park_next(
        self, tenant_id: UUID, projection: Projection[Any], error: Exception
    ) -> None:
        async with self._db.tenant(tenant_id) as tenant:
            for checkpoint in await checkpoints.lock_behind(tenant, [projection], self.retrying):
                stop = Stop(checkpoint.position + 1, error)
                if isinstance(error, _InsideOfCommandError):
                    stop = error.stop
                await self._move(tenant, checkpoint, checkpoint.position, stop)


async def run(app: App) -> None:
    """The projector's process, in which the reactors run and the series are filled too: works
    until it is cancelled."""
    tune_garbage_collector()
    async with asyncio.TaskGroup() as group:
        group.create_task(Projector(app.db, app.log).run())
        group.create_task(Reactors(app).run())
        group.create_task(SeriesFiller(app.db, app.clock).run())


async def catch_up(
    app: App, tenant_id: UUID, progress: Callable[[int], object] = lambda _: None
) -> None:
    """Brings one tenant's read models to the head of its log, or to where they park. progress: is
    told how many positions were gained."""
    await Projector(app.db, app.log).catch_up(tenant_id, progress)
