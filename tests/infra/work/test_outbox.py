"""From the outbox to the broker: every effect becomes one job, whoever looks and however often."""

import asyncio
from uuid import UUID

import redis

from infra.bootstrap import App
from infra.settings import Settings
from infra.work.broker import QUEUE, make_broker
from infra.work.leases import JobTimes, Leases
from infra.work.scheduler import LEADER, Scheduler, hand_over
from services.execute import execute
from services.jobs.jobs import JobState
from services.kernel.context import Principal
from services.people.access import Tenant
from services.reporting.report import RequestReport


async def request(app: App, manager: Principal) -> UUID:
    done = await execute(app.context(manager), RequestReport(month="2026-06"))
    return UUID(done.answer["job_id"])


async def due(app: App, partner: Tenant, job_id: UUID) -> bool | None:
    """None: there is no such job yet."""
    async with app.db.tenant(partner.tenant_id) as connection:
        found: bool | None = await connection.plain.fetchval(
            "select due_at <= now() from jobs where id = $1", job_id
        )
    return found


async def test_an_effect_becomes_one_job_though_many_hand_over(
    app: App, partner: Tenant, manager: Principal
) -> None:
    wanted = {await request(app, manager) for _ in range(3)}
    handed = await asyncio.gather(*(hand_over(app.db, partner.tenant_id) for _ in range(8)))
    assert sum(handed) == 3
    async with app.db.tenant(partner.tenant_id) as connection:
        rows = await connection.plain.fetch("select id, kind, state from jobs")
        assert await connection.plain.fetchval("select count(*) from outbox") == 0
    assert {row["id"] for row in rows} == wanted
    assert {(row["kind"], row["state"]) for row in rows} == {("report.render", "queued")}


async def test_a_job_is_known_while_it_waits_in_the_outbox(
    app: App, partner: Tenant, manager: Principal
) -> None:
    job_id = await request(app, manager)
    job = await app.jobs.get_job(partner.tenant_id, job_id)
    assert job is not None
    assert (job.id, job.kind, job.state) == (job_id, "report.render", JobState.QUEUED)


async def test_ticks_send_what_is_due_and_mark_it(
    app: App, partner: Tenant, manager: Principal, database: Settings
) -> None:
    broker = make_broker(database.broker_url)
    client = redis.Redis.from_url(database.broker_url or "")
    job_id = await request(app, manager)
    scheduler = Scheduler(app.db, broker)
    while await due(app, partner, job_id) is not False:  # What others left comes before it.
        assert await scheduler.tick()
    assert client.llen(f"chudan:{QUEUE}") > 0
    broker.close()


async def test_a_silent_workers_job_is_due_again(
    app: App, partner: Tenant, database: Settings
) -> None:
    job = await app.jobs.create_job(partner.tenant_id, "tests.kind", {})
    await Leases(app.db, JobTimes(lease=-1.0)).take(partner.tenant_id, job.id)
    assert await due(app, partner, job.id)
    broker = make_broker(database.broker_url)
    await Scheduler(app.db, broker).tick()
    now = await app.jobs.get_job(partner.tenant_id, job.id)
    assert now is not None
    assert (now.state, now.attempts) == (JobState.QUEUED, 1)
    broker.close()


async def test_one_leads_and_the_others_wait(app: App, database: Settings) -> None:
    broker = make_broker(database.broker_url)
    async with app.db.across() as across:
        await across.execute("select pg_advisory_xact_lock($1)", LEADER)
        assert not await Scheduler(app.db, broker).tick()
    assert await Scheduler(app.db, broker).tick()
    broker.close()


async def test_an_unreachable_broker_loses_nothing(
    app: App, partner: Tenant, manager: Principal
) -> None:
    broker = make_broker("unix:///nonexistent/redis.sock?db=0")
    job_id = await request(app, manager)
    running = asyncio.ensure_future(Scheduler(app.db, broker, JobTimes(tick=0.01)).run())
    async with asyncio.timeout(30):
        async for job in app.jobs.watch_job(partner.tenant_id, job_id):
            async with app.db.tenant(partner.tenant_id) as connection:
                if await connection.plain.fetchval(
                    "select count(*) from jobs where id = $1", job.id
                ):
                    break
            await hand_over(app.db, partner.tenant_id)
    assert await due(app, partner, job_id)
    assert not running.done()
    running.cancel()
    await asyncio.wait([running])
