"""Recomputing read models beside the live ones: readers see a whole state at every moment.

Per tenant and projection the log is folded nearly to its head without holding anything; then, in
one transaction, the checkpoint is locked, the rest folded, and the rows replaced. It goes tenant
by tenant, so it can be interrupted at any time: what was done stays done, and a note in the data
folder says where the same request goes on.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec

from domain.kernel.errors import NotFoundError
from infra.database.db import Database, TenantConnection
from infra.database.retries import is_waited_for, retried
from infra.log.feed import Feed, position_at
from infra.log.tenant_log import TenantLog
from infra.readside.checkpoints import LockedCheckpoint, lock, make_checkpoints, move
from infra.readside.folding import LogFold, Stop, tune_garbage_collector
from infra.readside.series import forget_series
from infra.readside.stored_rows import PastRows, StoredRows
from projections import PROJECTIONS
from projections.kernel.projection import Projection, R

TENANTS = "select tenant_id from heads order by tenant_id"

STRETCH = 10_000
"""Positions that are folded in one transaction, and at most those that are left for the last, which
holds the checkpoint."""

AT_ONCE = 2
"""Tenants under way: one folds while the other's rows are written."""

NOTED = "rebuild-"
"""How the notes begin of what was rebuilt."""

NOTE_LASTS = 3_600
"""Seconds for which an interrupted rebuild is gone on with; later it begins again."""


def forget_rebuilds(notes: Path) -> None:
    """Interrupted rebuilds begin again: they were of another log."""
    for note in notes.glob(f"{NOTED}*"):
        note.unlink()


class Rebuilt(msgspec.Struct, frozen=True):
    """One tenant's projection was rebuilt, or could not be. events: positions that were folded.

    error: what stopped it, at `position` where an event did; the old rows stand as they were.
    """

    tenant_id: UUID
    table: str
    events: int
    error: str | None = None
    position: int | None = None


class Rebuilder:
    """notes: a folder for the notes of interrupted rebuilds."""

    def __init__(self, db: Database, log: TenantLog, notes: Path) -> None:
        self._db = db
        self._feed = Feed(log)
        self._notes = notes

    async def tenants(self) -> list[UUID]:
        """The tenants that have a log."""
        async with self._db.across() as connection:
            rows = await connection.fetch(TENANTS)
        return [row["tenant_id"] for row in rows]

    def chosen(self, name: str | None) -> list[Projection[Any]]:
        """The projection of that name, or all. Raises NotFoundError `projection_unknown`."""
        found = [p for p in PROJECTIONS if name in (None, p.name, p.table)]
        if not found:
            raise NotFoundError(
                "projection_unknown", name=name, known=[p.name for p in PROJECTIONS]
            )
        return found

    def remaining(
        self, projection: Projection[Any], tenant_ids: Sequence[UUID], request: str
    ) -> list[UUID]:
        """Those that a run of the same request which was interrupted lately had not done yet."""
        note = self._note(projection, request)
        if not note.exists() or time.time() - note.stat().st_mtime > NOTE_LASTS:
            note.unlink(missing_ok=True)
            return list(tenant_ids)
        done = set(note.read_text().split())
        return [tenant_id for tenant_id in tenant_ids if str(tenant_id) not in done]

    async def rebuild(
        self, projection: Projection[Any], tenant_ids: Sequence[UUID], request: str | None = None
    ) -> AsyncIterator[Rebuilt]:
        """Yields as tenants are done, in any order, and notes those that could be until all are.

        request: the word that an interrupted run is known again by; None: nothing is noted. For a
        process of its own: its garbage collector is relaxed.
        """
        tune_garbage_collector()
        note = request and self._note(projection, request)
        turn = asyncio.Semaphore(AT_ONCE)

        async def one(tenant_id: UUID) -> Rebuilt:
            async with turn:
                return await self.rebuild_tenant(tenant_id, projection)

        tasks = [asyncio.create_task(one(tenant_id)) for tenant_id in tenant_ids]
        try:
            for done in asyncio.as_completed(tasks):
                rebuilt = await done
                if note and rebuilt.error is None:
                    with note.open("a") as file:
                        file.write(f"{rebuilt.tenant_id}\n")
                yield rebuilt
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        if note:
            note.unlink(missing_ok=True)

    async def rebuild_tenant(self, tenant_id: UUID, projection: Projection[R]) -> Rebuilt:
        """Recomputes one projection of one tenant, and unparks it."""
        await make_checkpoints(self._db, tenant_id, [projection])
        try:
            return await retried(lambda: self._rebuild(tenant_id, projection))
        except Exception as error:
            if is_waited_for(error):
                raise
            return Rebuilt(tenant_id, projection.table, 0, Stop(0, error).kind)

    def _note(self, projection: Projection[Any], request: str) -> Path:
        return self._notes / f"{NOTED}{request}-{projection.table}"

    async def _rebuild(self, tenant_id: UUID, projection: Projection[R]) -> Rebuilt:
        async with self._db.tenant(tenant_id) as tenant:
            fold = await LogFold.begin(tenant, self._feed, projection)
        try:
            events = await self._take_over(tenant_id, projection, fold)
        except Exception:
            if (stop := fold.stop) is None:
                raise
            return Rebuilt(tenant_id, projection.table, 0, stop.kind, stop.position)
        return Rebuilt(tenant_id, projection.table, events)

    async def _take_over(self, tenant_id: UUID, projection: Projection[R], fold: LogFold[R]) -> int:
        head = STRETCH + 1
        while head - fold.position > STRETCH:
            async with self._db.tenant(tenant_id) as tenant:
                head = await position_at(tenant, None)
                await fold.advance(tenant, min(fold.position + STRETCH, head))
        async with self._db.tenant(tenant_id) as tenant:
            checkpoint = await lock(tenant, projection)
            return await self.replace(tenant, projection, checkpoint, fold)

    async def replace(
        self,
        tenant: TenantConnection,
        projection: Projection[R],
        checkpoint: LockedCheckpoint,
        fold: LogFold[R] | None = None,
        *,
        until: int | None = None,
    ) -> int:
        """Replaces the rows of a locked checkpoint by those of the log up to a position, or of the
        whole log, and answers up to where. fold: what was folded before, which serves if as much is
        passed over as then."""
        if fold is None or fold.skipped != checkpoint.skipped:
            fold = await LogFold.begin(tenant, self._feed, projection)
        reached = await position_at(tenant, until)
        await fold.advance(tenant, reached)
        await StoredRows.of(projection).replace(tenant, fold.rows)
        if projection.past_every:
            await PastRows(projection).replace(tenant, fold.past)
        await forget_series(tenant)
        await move(tenant, checkpoint, reached, anew=True)
        return reached
