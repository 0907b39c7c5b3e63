"""Read your writes: waiting until projections have reached a position.

However many wait in a process, one query looks for all of them, and only while somebody waits.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from uuid import UUID

import msgspec

from domain.kernel.errors import Refusal
from infra.database.db import Database
from infra.database.retries import is_transient
from infra.readside.checkpoints import Consumer, names
from infra.turns import out_of_turn

PAUSE = 0.02
"""Seconds between two looks."""

PATIENCE = 5.0
"""Seconds that a query waits unless it says otherwise."""

REACHED = """
    select tenant_id, projection, position, parked_at is not null as parked
    from checkpoints where tenant_id = any($1::uuid[]) and projection = any($2::text[])
"""


class _Wait(msgspec.Struct, eq=False):
    tenant_id: UUID
    names: frozenset[str]
    position: int
    reached: asyncio.Future[bool]


class Waiting:
    """The waits of one event loop; without any, nothing runs."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._waits: list[_Wait] = []
        self._looking: asyncio.Task[None] | None = None

    @classmethod
    @asynccontextmanager
    async def open(cls, db: Database) -> AsyncIterator["Waiting"]:
        """Ends the look that is under way, if any, when it is left."""
        waiting = cls(db)
        try:
            yield waiting
        finally:
            if waiting._looking is not None:
                waiting._looking.cancel()
                await asyncio.wait([waiting._looking])

    async def wait_for(
        self,
        tenant_id: UUID,
        consumers: Iterable[Consumer],
        position: int,
        within: float = PATIENCE,
    ) -> None:
        """Returns when all of the consumers have reached the position.

        within: seconds. Raises Refusal `position_not_reached` after that, and at once where one
        is parked before the position.
        """
        future = asyncio.get_running_loop().create_future()
        wait = _Wait(tenant_id, frozenset(names(consumers)), position, future)
        self._waits.append(wait)
        if self._looking is None:
            self._looking = asyncio.create_task(self._look())
        try:
            async with out_of_turn(), asyncio.timeout(within):
                reached = await future
        except TimeoutError:
            reached = False
        finally:
            self._waits.remove(wait)
        if not reached:
            raise Refusal("position_not_reached", position=position)

    async def _look(self) -> None:
        try:
            while self._waits:
                try:
                    await self._answer()
                except Exception as error:
                    if not is_transient(error):
                        for wait in self._waits:
                            if not wait.reached.done():
                                wait.reached.set_exception(error)
                await asyncio.sleep(PAUSE)
        finally:
            self._looking = None

    async def _answer(self) -> None:
        waits = [wait for wait in self._waits if not wait.reached.done()]
        tenants = {wait.tenant_id for wait in waits}
        wanted = frozenset[str]().union(*(wait.names for wait in waits))
        async with self._db.across() as connection:
            rows = await connection.fetch(REACHED, list(tenants), list(wanted))
        reached = {(row["tenant_id"], row["projection"]): row for row in rows}
        for wait in waits:
            found = [reached.get((wait.tenant_id, name)) for name in wait.names]
            short = [row for row in found if row is None or row["position"] < wait.position]
            if wait.reached.done():
                continue
            if not short:
                wait.reached.set_result(True)
            elif any(row is not None and row["parked"] for row in short):
                wait.reached.set_result(False)
