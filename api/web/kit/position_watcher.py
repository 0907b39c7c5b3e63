"""Positions of the figures for open pages: one look at the database per process for all of them."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from uuid import UUID

from infra.bootstrap import DATABASE_ERRORS, App

LOOK_EVERY = 0.25
"""Seconds between two looks at the checkpoints, while anybody watches."""

SIGN_OF_LIFE_EVERY = 15.0
"""Seconds after which a stream says that it is still there, whatever moves meanwhile."""

LEAST_PAUSE = 0.5
"""Seconds between two positions that one page is told: during an import they move all the time."""


class PositionWatcher:
    """The positions that the figures have reached, followed for the tenants that are watched."""

    def __init__(self) -> None:
        self._watched: Counter[UUID] = Counter()
        self._reached: dict[UUID, int] = {}
        self._moved = asyncio.Event()
        self.looking: asyncio.Task[None] | None = None

    async def follow(self, app: App, tenant_id: UUID, after: int) -> AsyncIterator[int | None]:
        """Each position past `after` that the figures reach (the latest, not every one), and None
        now and then, so that the caller can look whether anybody listens still, and may."""
        self._watched[tenant_id] += 1
        if self.looking is None or self.looking.done():
            self.looking = asyncio.create_task(self._look(app))
        clock = asyncio.get_running_loop().time
        due = clock() + SIGN_OF_LIFE_EVERY
        try:
            while True:
                moved = self._moved
                reached = self._reached.get(tenant_id, after)
                if clock() >= due:
                    due = clock() + SIGN_OF_LIFE_EVERY
                    yield None
                elif reached > after:
                    after = reached
                    yield reached
                    await asyncio.sleep(LEAST_PAUSE)
                else:
                    with suppress(TimeoutError):
                        async with asyncio.timeout_at(due):
                            await moved.wait()
        finally:
            self._watched[tenant_id] -= 1
            if not self._watched[tenant_id]:
                del self._watched[tenant_id]
                self._reached.pop(tenant_id, None)

    async def _look(self, app: App) -> None:
        while self._watched:
            try:
                reached = await app.figures.positions(list(self._watched))
            except DATABASE_ERRORS:
                reached = {}  # The database is away: pages wait for it as everybody does.
            if any(self._reached.get(tenant) != position for tenant, position in reached.items()):
                self._reached |= reached
                self._moved.set()
                self._moved = asyncio.Event()
            await asyncio.sleep(LOOK_EVERY)
