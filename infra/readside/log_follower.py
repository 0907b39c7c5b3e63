"""Following the logs of all tenants, batch by batch, however many of us share the work.

A follower holds no state that matters: all of it stands in the checkpoints. What its consumers
cannot digest parks one tenant's consumer and stops nobody else; it is tried again by every follower
that starts (a new program may know better), and then now and again, ever more seldom (somebody may
have mended it), a few tenants at a time beside those that go on.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from uuid import UUID

import asyncpg
import structlog
from msgspec.structs import replace

from infra.database.db import Database, TenantConnection
from infra.database.retries import DATABASE_ERRORS, is_waited_for, kept_up
from infra.log.tenant_log import CHANNEL
from infra.readside import checkpoints
from infra.readside.checkpoints import Behind, Consumer, LockedCheckpoint, Retrying
from infra.readside.folding import Stop

AT_ONCE = 3
"""Tenants of one follower under way: while one computes, others wait for the database."""

POLL = 0.2
"""Seconds between two looks when nothing woke us."""

ROW_REFUSED = (
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.ProgramLimitExceededError,
)
"""What an event is to blame for; a missing table or permission, say, is the installation's."""


class LogFollower(ABC):
    """Advances the consumers of every tenant that is behind. name: of its line in the program's
    log."""

    retrying = Retrying()

    def __init__(self, db: Database, consumers: Sequence[Consumer], name: str) -> None:
        self._db = db
        self._consumers = consumers
        self._name = name
        self._woken = asyncio.Event()
        self._log = structlog.get_logger(name)

    @abstractmethod
    async def advance(self, tenant_id: UUID) -> int:
        """One batch of one tenant; answers how many positions its consumers gained, at least 1
        where there is more to do at once."""

    async def run(self) -> None:
        """Works until it is cancelled."""
        begun = await kept_up(lambda: checkpoints.instant(self._db))
        self.retrying = replace(self.retrying, since=begun)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen())
            while True:
                self._woken.clear()
                if not await kept_up(self.round):
                    await self._idle()

    async def round(self) -> int:
        """One batch of every tenant that goes on, and of a few with retries; answers how many
        positions were gained."""
        behind = await checkpoints.list_behind(self._db, self._consumers, self.retrying)
        going = sum(not tenant.is_retry for tenant in behind)
        turn = asyncio.Semaphore(AT_ONCE)

        async def one(tenant: Behind) -> int:
            async with turn:
                return await self._one_of_many(tenant)

        answers = map(one, behind[: going + AT_ONCE])
        gained = await asyncio.gather(*answers, return_exceptions=True)
        for answer in gained:
            if isinstance(answer, BaseException):
                raise answer
        return sum(answer for answer in gained if isinstance(answer, int))

    async def catch_up(
        self, tenant_id: UUID, progress: Callable[[int], object] = lambda _: None
    ) -> None:
        """Works on one tenant until all its consumers are at the head of now, or parked. progress:
        is told how many positions were gained."""
        while True:
            if gained := await self.advance(tenant_id):
                progress(gained)
                continue
            behind = await checkpoints.list_behind(self._db, self._consumers, self.retrying)
            ours = next((one for one in behind if one.tenant_id == tenant_id), None)
            if ours is None:
                return
            if ours.incomplete:
                await checkpoints.make_checkpoints(self._db, tenant_id, self._consumers)
            else:
                # Somebody else holds the rows: it is the one that gets there.
                await asyncio.sleep(POLL / 10)

    async def _one_of_many(self, tenant: Behind) -> int:
        try:
            if tenant.incomplete:
                await checkpoints.make_checkpoints(self._db, tenant.tenant_id, self._consumers)
            return await self.advance(tenant.tenant_id)
        except Exception as error:
            if is_waited_for(error):
                raise
            # No tenant's trouble is another's; the next round tries again.
            kind = Stop(0, error).kind
            self._log.error(f"{self._name}_failed", tenant=str(tenant.tenant_id), error=kind)
            return 0

    async def _move(
        self,
        tenant: TenantConnection,
        checkpoint: LockedCheckpoint,
        position: int,
        stop: Stop | None = None,
    ) -> int:
        """Moves a locked checkpoint, and parks its consumer where there is a stop; answers how many
        positions it gained."""
        if stop and checkpoint.parks_anew(stop):
            self._log.error(
                "parked",
                tenant=str(tenant.tenant_id),
                consumer=checkpoint.consumer,
                position=stop.position,
                error=stop.kind,
            )
        await checkpoints.move(tenant, checkpoint, position, stop)
        return position - checkpoint.position

    async def _listen(self) -> None:
        while True:
            try:
                async with self._db.listening(CHANNEL, self._woken.set) as lost:
                    await lost.wait()
            except DATABASE_ERRORS:
                pass
            await asyncio.sleep(1)

    async def _idle(self) -> None:
        try:
            async with asyncio.timeout(POLL):
                await self._woken.wait()
        except TimeoutError:
            pass
