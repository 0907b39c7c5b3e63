"""A tenant's past for reactors (services' History): kept states and the log.

What a log says from its beginning up to a position is true for ever, so whoever asks for it again
and again, as a reactor does at every stretch, has only what came since read.
"""

from collections.abc import Iterable
from uuid import UUID

from cachetools import LRUCache

from domain.kernel.aggregate import Recorded
from domain.kpi.subjects.newcomer import Newcomer
from infra.database.db import Database
from infra.log.feed import Feed, Selected, Unreadable, position_at
from infra.log.tenant_log import TenantLog
from infra.readside.time_travel import TimeTravel
from projections.figures.newcomers import NEWCOMERS

MOST_TENANTS = 200
"""Whose events from the beginning are remembered; they are few, or nobody should ask for all."""

Asked = tuple[UUID, frozenset[str]]


class LogHistory:
    """Reads in transactions of its own."""

    def __init__(self, db: Database, log: TenantLog, time_travel: TimeTravel) -> None:
        self._db = db
        self._feed = Feed(log)
        self._time_travel = time_travel
        self._known: LRUCache[Asked, tuple[int, list[Recorded]]] = LRUCache(MOST_TENANTS)

    async def newcomers(self, tenant_id: UUID, position: int) -> list[Newcomer]:
        rows, _ = await self._time_travel.state(tenant_id, NEWCOMERS, position)
        return [row.facts for row in rows]

    async def events(
        self, tenant_id: UUID, after: int, until: int, topics: Iterable[str]
    ) -> list[Recorded]:
        wanted = frozenset(topics)
        if after > 0:
            return (await self._read(tenant_id, after, until, wanted))[1]
        known_until, known = self._known.get((tenant_id, wanted), (0, []))
        if known_until < until:
            reached, more = await self._read(tenant_id, known_until, until, wanted)
            known = [*known, *more]
            self._known[tenant_id, wanted] = (reached, known)
        return [recorded for recorded in known if recorded.position <= until]

    async def _read(
        self, tenant_id: UUID, after: int, until: int, topics: frozenset[str]
    ) -> tuple[int, list[Recorded]]:
        """The events, and how far the log went when they were read."""
        async with self._db.tenant(tenant_id) as connection:
            reached = await position_at(connection, tenant_id, until)
            entries = await self._feed.read(
                connection, tenant_id, Selected(topics), after=after, until=reached
            )
        events = []
        for entry in entries:
            if isinstance(entry, Unreadable):
                raise entry.error
            events.append(entry)
        return reached, events
