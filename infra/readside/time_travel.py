"""Read models as of an earlier position or instant: the same fold, in memory.

From the beginning, which is what the tables are checked against; or from the table, where it is not
ahead, and otherwise, where a projection keeps its past, from the last state that is kept
(infra/readside/stored_rows.py); or of a few streams alone.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from infra.database.db import Database, TenantConnection
from infra.log.feed import Feed, end_of_command, position_at
from infra.log.tenant_log import TenantLog
from infra.readside.folding import LogFold, Rows
from infra.readside.stored_rows import PastRows, StoredRows
from projections.kernel.progress import list_positions
from projections.kernel.projection import Projection, R
from services.kernel.beside import beside

_RECORDED_AT = """
    select recorded_at from events
    where tenant_id = $1 and position <= $2 and is_last order by position desc limit 1
"""


class TimeTravel:
    """Answers the rows as they were known by a position or an instant (None: now), and the
    position. Each way raises what the projection raises where it cannot digest an event."""

    def __init__(self, db: Database, log: TenantLog) -> None:
        self._db = db
        self._feed = Feed(log)

    async def position(self, tenant_id: UUID, known_by: int | datetime | None = None) -> int:
        """The last position that was known by then."""
        async with self._db.tenant(tenant_id) as tenant:
            return await position_at(tenant, known_by)

    async def end_of(self, tenant_id: UUID, position: int) -> int:
        """The position where the command ends whose event is at a position; the same where there is
        none."""
        async with self._db.tenant(tenant_id) as tenant:
            return await end_of_command(tenant, position) if position else position

    async def recorded_at(self, tenant_id: UUID, position: int) -> datetime | None:
        """When the last whole command up to a position was recorded; None where there is none."""
        async with self._db.tenant(tenant_id) as tenant:
            found: datetime | None = await tenant.fetchval(_RECORDED_AT, position)
        return found

    async def fold(
        self, tenant_id: UUID, projection: Projection[R], known_by: int | datetime | None = None
    ) -> tuple[list[R], int]:
        """The rows folded from the log alone, in the order in which they first came."""
        async with self._db.tenant(tenant_id) as tenant:
            position = await position_at(tenant, known_by)
            fold = await LogFold.begin(tenant, self._feed, projection)
            await fold.advance(tenant, position)
        return fold.list_rows(), position

    async def state(
        self, tenant_id: UUID, projection: Projection[R], known_by: int | datetime | None = None
    ) -> tuple[list[R], int]:
        """The rows in the order of their keys, from the nearest stored state."""
        async with self._db.snapshot(tenant_id) as tenant:
            position = await position_at(tenant, known_by)
            rows, start = await self._start(tenant, projection, position)
            fold = await LogFold.begin(tenant, self._feed, projection, rows, start)
            await fold.advance(tenant, position)
        rows = fold.rows
        fold.rows = {key: rows[key] for key in sorted(rows)}
        return fold.list_rows(), position

    async def fold_streams(
        self,
        tenant_id: UUID,
        projection: Projection[R],
        stream_ids: Sequence[str],
        known_by: int | datetime | None = None,
        *,
        shown_by: Projection[Any] | None = None,
    ) -> tuple[list[R], int]:
        """The rows of these streams, for a projection that makes each row of one stream."""
        async with self._db.tenant(tenant_id) as tenant:
            if known_by is None and shown_by is not None:
                (position,) = await list_positions(tenant, [shown_by])
            else:
                position = await position_at(tenant, known_by)
            entries = await self._feed.read_streams(
                tenant, projection.selection, stream_ids, until=position
            )
            fold = await LogFold.begin(tenant, self._feed, projection)
        await beside(fold.add, entries)
        return fold.list_rows(), position

    async def _start(
        self, tenant: TenantConnection, projection: Projection[R], position: int
    ) -> tuple[Rows[R], int]:
        """The nearest state up to the position that can be read, and where it is."""
        (reached,) = await list_positions(tenant, [projection])
        if reached <= position:
            return await StoredRows.of(projection).load_all(tenant), reached
        if projection.past_every is None:
            return {}, 0
        start = projection.state_before(position)
        return await PastRows(projection).state(tenant, start), start
