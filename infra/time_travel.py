"""What a read model said at an earlier position or instant: the same fold, in memory.

It is also what the tables are checked against: both run the projection's own `evolve`.
"""

from datetime import datetime
from typing import TypeVar
from uuid import UUID

import asyncpg
import msgspec

from infra.db import Database
from infra.feed import Feed, position_at
from infra.folding import Rows, Share
from infra.tenant_log import TenantLog
from projections.projection import Projection

R = TypeVar("R", bound=msgspec.Struct)

STRETCH = 10_000
"""Positions that are read at a time."""


class TimeTravel:
    """Folds a tenant's log without touching a table."""

    def __init__(self, db: Database, log: TenantLog) -> None:
        self._db = db
        self._feed = Feed(log)

    async def fold(
        self,
        tenant_id: UUID,
        projection: Projection[R],
        known_by: int | datetime | None = None,
    ) -> tuple[list[R], int]:
        """The rows as they were known by a position or an instant (None: now), and the position.

        In the order in which they first came. Raises what the projection raises where it cannot
        digest an event.
        """
        async with self._db.tenant(tenant_id) as connection:
            position = await position_at(connection, tenant_id, known_by)
            rows: Rows[R] = {}
            await fold_stretch(
                self._feed, connection, tenant_id, projection, rows, after=0, until=position
            )
        return [row for row in rows.values() if row is not None], position


async def fold_stretch(
    feed: Feed,
    connection: asyncpg.Connection,
    tenant_id: UUID,
    projection: Projection[R],
    rows: Rows[R],
    *,
    after: int,
    until: int,
) -> None:
    """Evolves the rows over a stretch of any length; raises what the projection raises."""
    while after < until:
        upto = min(after + STRETCH, until)
        entries = await feed.read(
            connection,
            tenant_id,
            after=after,
            until=upto,
            topics=projection.topics,
            personal=projection.personal,
            envelope=projection.envelope,
        )
        share = Share(projection, entries)
        share.fold(rows)
        if share.stop:
            raise share.stop.error
        after = upto
