"""The scheduler: hands the outbox over and sends what is due, again if need be (decisions/0008).

Who leads is decided anew at every tick by a lock that ends with its transaction, so that nobody has
to notice that a leader died.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from uuid import UUID

import asyncpg
import dramatiq

from infra.access.sweeping import Sweeping
from infra.app import App
from infra.database.db import Database
from infra.database.retries import is_waited_for
from infra.headoffice.head_office import SchemeRollout
from infra.headoffice.head_office_what_ifs import dispatch_what_ifs
from infra.log.log_sealer import LogSealer
from infra.log.log_seals import SealKey
from infra.log.seal_post import SealPost
from infra.logging import WaitLog
from infra.work.broker import BrokerAwayError, make_broker, send
from infra.work.jobs import insert_job
from infra.work.leases import JobTimes

LEADER = 0x636875_6A6F62
"""The advisory lock's key: "chu" and "job" in ASCII."""

MOST = 500
"""Jobs sent in one tick, tenants whose outbox is looked at, effects of one that become jobs."""

WAITING = "select distinct tenant_id from outbox limit $1"
_TAKE = """
    delete from outbox where tenant_id = $1 and id in (
        select id from outbox where tenant_id = $1 order by id limit $2)
    returning id, kind, payload
"""

DUE = """
    select tenant_id, id from jobs where due_at <= statement_timestamp() order by due_at limit $1
"""
_SENT = """
    update jobs set worker = null, sent = sent + 1,
        state = case state when 'cancelling' then 'cancelled' else 'queued' end,
        due_at = case when state <> 'cancelling'
            then $4::timestamptz + make_interval(secs => $3 * power(2, least(sent, 3))) end
    where tenant_id = $1 and id = any($2::uuid[]) and due_at <= $4
"""

Chore = Callable[[asyncpg.Connection], Awaitable[int]]


class Scheduler:
    """Sends due jobs. broker: made by the process. chores: what else the leader does at every
    tick, given the connection of Database.across."""

    def __init__(
        self,
        db: Database,
        broker: dramatiq.Broker,
        times: JobTimes | None = None,
        chores: Sequence[Chore] = (),
    ) -> None:
        self._chores = chores
        self._db = db
        self._broker = broker
        self._times = times or JobTimes()
        self._waits = WaitLog("scheduler", "scheduler_waits")

    async def run(self) -> None:
        """Works until it is cancelled; a database or broker that is away, and what the
        installation lacks, is waited for."""
        while True:
            try:
                await self.tick()
                self._waits.tell(None)
            except Exception as error:
                if not (is_waited_for(error) or isinstance(error, BrokerAwayError)):
                    raise
                self._waits.tell(type(error).__name__)
            await asyncio.sleep(self._times.tick)

    async def tick(self) -> bool:
        """Does what is due now; answers whether this process led."""
        async with self._db.across() as across:
            if not await across.fetchval("select pg_try_advisory_xact_lock($1)", LEADER):
                return False
            for row in await across.fetch(WAITING, MOST):
                await hand_over(self._db, row["tenant_id"])
            due: dict[UUID, list[UUID]] = defaultdict(list)
            for row in await across.fetch(DUE, MOST):
                due[row["tenant_id"]].append(row["id"])
            for tenant_id, job_ids in due.items():
                await self._send(tenant_id, job_ids)
            for chore in self._chores:
                await chore(across)
        return True

    async def _send(self, tenant_id: UUID, job_ids: list[UUID]) -> None:
        def send_all() -> None:
            for job_id in job_ids:
                send(self._broker, tenant_id, job_id)

        # First sent, then marked: dying in between sends twice, which does no harm.
        await asyncio.to_thread(send_all)
        async with self._db.tenant(tenant_id) as tenant:
            now = await tenant.instant()
            await tenant.execute(_SENT, job_ids, self._times.resend, now)


async def hand_over(db: Database, tenant_id: UUID) -> int:
    """Turns the tenant's oldest effects into jobs, in one transaction; answers how many.

    An effect's `job_id` is the job's id, where it has one: then it could be named beforehand.
    """
    async with db.tenant(tenant_id) as tenant:
        rows = await tenant.fetch(_TAKE, MOST)
        for row in rows:
            payload = row["payload"]
            job_id = UUID(payload["job_id"]) if "job_id" in payload else row["id"]
            await insert_job(tenant, job_id, row["kind"], payload)
    return len(rows)


async def run(app: App) -> None:
    """The scheduler's process, in which the logs are sealed too: works until it is cancelled."""
    settings = app.settings

    def seal_key() -> SealKey:
        return SealKey(settings.given().seal_keys[0])

    broker = make_broker(settings.broker_url)
    try:
        rollout = SchemeRollout(app.db, app.log, app.clock)
        chores: list[Chore] = [
            rollout.roll_out,
            partial(dispatch_what_ifs, app.db),
            Sweeping(app.clock).sweep,
        ]
        async with asyncio.TaskGroup() as group:
            group.create_task(Scheduler(app.db, broker, chores=chores).run())
            group.create_task(LogSealer(app.db, settings.data, seal_key).run())
            if settings.seal_address:
                group.create_task(SealPost(settings.data, settings.seal_address).run())
    finally:
        await asyncio.to_thread(broker.close)
