"""A tenant's past for whoever decides on it (services' History): kept states and the log."""

from collections.abc import Iterable
from uuid import UUID

from domain.aggregate import Recorded
from domain.kpi.newcomer import Newcomer
from infra.db import Database
from infra.feed import Feed, Unreadable
from infra.tenant_log import TenantLog
from infra.time_travel import TimeTravel
from projections.newcomers import NEWCOMERS


class LogHistory:
    """Reads in transactions of its own."""

    def __init__(self, db: Database, log: TenantLog, time_travel: TimeTravel) -> None:
        self._db = db
        self._feed = Feed(log)
        self._time_travel = time_travel

    async def newcomers(self, tenant_id: UUID, position: int) -> list[Newcomer]:
        rows, _ = await self._time_travel.state(tenant_id, NEWCOMERS, position)
        return [row.facts for row in rows]

    async def events(
        self, tenant_id: UUID, after: int, until: int, topics: Iterable[str]
    ) -> list[Recorded]:
        async with self._db.tenant(tenant_id) as connection:
            entries = await self._feed.read(
                connection, tenant_id, after=after, until=until, topics=topics
            )
        events = []
        for entry in entries:
            if isinstance(entry, Unreadable):
                raise entry.error
            events.append(entry)
        return events
