"""Jobs that somebody cancels: while they wait, while they run, and when their worker is silent."""

import asyncio
from uuid import UUID, uuid4

import pytest

from domain.kernel.errors import NotFoundError, Refusal
from infra.bootstrap import App
from infra.settings import Settings
from infra.work.broker import make_broker
from infra.work.leases import JobCancelledError, JobTimes, LeaseLostError, Leases, RunningJob
from infra.work.scheduler import Scheduler, hand_over
from services.execute import execute
from services.jobs.jobs import IMPORT, Job, JobState, cancel_job
from services.kernel.context import Principal, Role
from services.kernel.roles import in_role
from services.people.access import Tenant
from services.reporting.report import RequestReport

KIND = "tests.kind"


@pytest.fixture
def leases(app: App) -> Leases:
    return Leases(app.db, JobTimes())


async def state(app: App, partner: Tenant, job: Job) -> JobState:
    now = await app.jobs.get_job(partner.tenant_id, job.id)
    assert now is not None
    return now.state


async def test_one_that_waits_is_never_begun(app: App, partner: Tenant, leases: Leases) -> None:
    job = await app.jobs.create_job(partner.tenant_id, KIND, {})
    for _ in range(2):
        assert (await app.jobs.cancel_job(partner.tenant_id, job.id)).state is JobState.CANCELLED
    assert await leases.take(partner.tenant_id, job.id) is None
    seen = [now.state async for now in app.jobs.watch_job(partner.tenant_id, job.id)]
    assert seen == [JobState.CANCELLED]


async def test_one_that_waits_in_the_outbox_is_never_begun(
    app: App, partner: Tenant, manager: Principal, leases: Leases
) -> None:
    done = await execute(app.context(manager), RequestReport(month="2026-06"))
    job_id = UUID(done.answer["job_id"])
    cancelled = await app.jobs.cancel_job(partner.tenant_id, job_id)
    assert (cancelled.kind, cancelled.state) == ("report.render", JobState.CANCELLED)
    await hand_over(app.db, partner.tenant_id)
    assert await state(app, partner, cancelled) is JobState.CANCELLED
    assert await leases.take(partner.tenant_id, job_id) is None


async def test_one_that_runs_is_over_when_its_worker_has_stopped(
    app: App, partner: Tenant, leases: Leases
) -> None:
    job = await app.jobs.create_job(partner.tenant_id, KIND, {})
    lease = await leases.take(partner.tenant_id, job.id)
    assert lease is not None
    for _ in range(2):
        asked = await app.jobs.cancel_job(partner.tenant_id, job.id)
        assert (asked.state, asked.is_over) == (JobState.CANCELLING, False)
    assert await leases.take(partner.tenant_id, job.id) is None
    lease.progress(4, 9)
    with pytest.raises(JobCancelledError):
        await leases.prolong(lease)
    await leases.cancel(lease)
    now = await app.jobs.get_job(partner.tenant_id, job.id)
    assert now is not None
    assert (now.state, now.done, now.total, now.error) == (JobState.CANCELLED, 4, 9, None)
    with pytest.raises(LeaseLostError):
        await leases.finish(lease, {})


async def test_one_that_was_faster_is_done(app: App, partner: Tenant, leases: Leases) -> None:
    job = await app.jobs.create_job(partner.tenant_id, KIND, {})
    lease = await leases.take(partner.tenant_id, job.id)
    assert lease is not None
    await app.jobs.cancel_job(partner.tenant_id, job.id)
    await leases.finish(lease, {"file_id": "1"})
    assert await state(app, partner, job) is JobState.DONE
    with pytest.raises(Refusal, match="job_over"):
        await app.jobs.cancel_job(partner.tenant_id, job.id)


async def test_one_that_is_given_back_is_not_tried_again(
    app: App, partner: Tenant, leases: Leases
) -> None:
    async def postpone(lease: RunningJob) -> None:
        await leases.postpone(lease, "code")

    for give_back in (leases.release, postpone):
        job = await app.jobs.create_job(partner.tenant_id, KIND, {})
        lease = await leases.take(partner.tenant_id, job.id)
        assert lease is not None
        await app.jobs.cancel_job(partner.tenant_id, job.id)
        await give_back(lease)
        now = await app.jobs.get_job(partner.tenant_id, job.id)
        assert now is not None and (now.state, now.error) == (JobState.CANCELLED, None)


async def test_one_whose_worker_is_silent_is_cancelled_without_it(
    app: App, partner: Tenant, database: Settings
) -> None:
    before, after = [await app.jobs.create_job(partner.tenant_id, KIND, {}) for _ in range(2)]
    await Leases(app.db, JobTimes(lease=-1.0)).take(partner.tenant_id, before.id)
    await app.jobs.cancel_job(partner.tenant_id, before.id)
    assert await state(app, partner, before) is JobState.CANCELLED

    await Leases(app.db, JobTimes(lease=1.0)).take(partner.tenant_id, after.id)
    await app.jobs.cancel_job(partner.tenant_id, after.id)
    assert await state(app, partner, after) is JobState.CANCELLING
    broker = make_broker(database.broker_url)
    scheduler = asyncio.ensure_future(Scheduler(app.db, broker, JobTimes(tick=0.05)).run())
    async with asyncio.timeout(30):
        *_, last = [job.state async for job in app.jobs.watch_job(partner.tenant_id, after.id)]
    scheduler.cancel()
    await asyncio.wait([scheduler])
    broker.close()
    assert last is JobState.CANCELLED


async def test_nobody_cancels_what_is_not_theirs(
    app: App, partner: Tenant, manager: Principal
) -> None:
    other = await app.accounts.create_partner(f"p-{uuid4().hex[:12]}", "另一渠道")
    job = await app.jobs.create_job(other.tenant_id, IMPORT, {})
    of_reports = in_role(other.tenant_id, "manager", Role.GENERAL_MANAGER)
    for principal in (manager, of_reports):
        with pytest.raises(NotFoundError, match="job_unknown"):
            await cancel_job(principal, app.jobs, job.id)
    assert await state(app, other, job) is JobState.QUEUED
