"""The state of a job, as the doors and the workers see it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from io import BytesIO
from pathlib import Path
from time import monotonic
from typing import Any
from uuid import uuid4

import pytest

from domain.kernel.errors import NotFoundError, Refusal
from domain.kpi.scheme.draft import Draft
from infra.bootstrap import App
from infra.database.db import Database, connection_to
from infra.database.retries import DatabaseAwayError
from infra.work.leases import JobTimes, LeaseLostError, Leases, RunningJob
from infra.work.worker import KINDS, JobKind, JobRunner
from services.execute import execute
from services.jobs.jobs import IMPORT, OF_IMPORTS, RENDER, WHAT_IF, Job, JobState, NewFile
from services.kernel.context import Principal, Role
from services.kernel.roles import in_role
from services.people.access import Tenant
from services.reporting.report import RequestReport, job_of
from services.scheme.whatif import WhatIf, request_what_if

KIND = "tests.kind"
BEYOND = "update jobs set created_at = '20000-01-01' where tenant_id = $1 and id = $2"
"""Has a job an instant that no program can read."""
DUE = "select due_at from jobs where tenant_id = $1 and id = $2"
ROW_LOCKED = "select id from jobs where tenant_id = $1 and id = $2 for update"


@pytest.fixture
def leases(app: App) -> Leases:
    return Leases(app.db, JobTimes())


@pytest.fixture
def expired(app: App) -> Leases:
    """Leases that end at once."""
    return Leases(app.db, JobTimes(lease=-1.0))


async def test_another_partner_sees_no_job(app: App, partner: Tenant) -> None:
    other = await app.accounts.create_partner(f"p-{uuid4().hex[:12]}", "另一渠道")
    job = await app.jobs.create_job(partner.tenant_id, KIND, {})
    assert await app.jobs.get_job(partner.tenant_id, job.id) == job
    assert await app.jobs.get_job(other.tenant_id, job.id) is None
    with pytest.raises(NotFoundError, match="job_unknown"):
        await anext(app.jobs.watch_job(other.tenant_id, job.id))


async def test_asking_again_with_the_same_id_is_asking_once(app: App, partner: Tenant) -> None:
    first = await app.jobs.create_job(partner.tenant_id, KIND, {"n": 1})
    again = await app.jobs.create_job(partner.tenant_id, KIND, {"n": 2}, job_id=first.id)
    assert again == first


async def test_one_of_many_workers_gets_it(app: App, partner: Tenant, leases: Leases) -> None:
    job = await app.jobs.create_job(partner.tenant_id, KIND, {})
    taken = await asyncio.gather(*(leases.take(partner.tenant_id, job.id) for _ in range(16)))
    assert sum(lease is not None for lease in taken) == 1
    now = await app.jobs.get_job(partner.tenant_id, job.id)
    assert now is not None and (now.state, now.attempts) == (JobState.RUNNING, 1)


async def test_whoever_lost_the_lease_writes_nothing(
    app: App, partner: Tenant, leases: Leases, expired: Leases
) -> None:
    job = await app.jobs.create_job(partner.tenant_id, KIND, {})
    first = await expired.take(partner.tenant_id, job.id)
    second = await leases.take(partner.tenant_id, job.id)
    assert first is not None and second is not None
    for write in (
        leases.prolong(first),
        leases.finish(first, {}),
        leases.fail(first, "code", {}),
        leases.postpone(first, "code"),
        leases.release(first),
    ):
        with pytest.raises(LeaseLostError):
            await write
    await leases.finish(second, {"file_id": "1"})
    now = await app.jobs.get_job(partner.tenant_id, job.id)
    assert now is not None and (now.state, now.result) == (JobState.DONE, {"file_id": "1"})


async def test_one_is_given_back_in_one_attempt_while_the_database_is_away(
    app: App, partner: Tenant, leases: Leases
) -> None:
    job = await app.jobs.create_job(partner.tenant_id, KIND, {})
    lease = await leases.take(partner.tenant_id, job.id)
    assert lease is not None
    # Each of the four pools asks for one, and then the attempt.
    addresses = iter(["postgresql://nobody@127.0.0.1:1/none"] * 5)

    async def renew() -> None:
        raise AssertionError("no password was refused")

    async with Database.open(lambda _: next(addresses), renew) as away:
        with pytest.raises(DatabaseAwayError):
            await Leases(away, JobTimes()).release(lease)
    await leases.finish(lease, {})


async def test_attempts_are_counted_before_the_work(
    app: App, partner: Tenant, expired: Leases
) -> None:
    job = await app.jobs.create_job(partner.tenant_id, KIND, {})
    marks = []
    for _ in range(6):
        lease = await expired.take(partner.tenant_id, job.id)
        assert lease is not None
        marks.append((lease.job.attempts, lease.is_last, lease.is_spent))
    assert marks == [(n, n == 5, False) for n in range(1, 6)] + [(5, True, True)]


async def test_what_is_over_is_not_taken_again(app: App, partner: Tenant, leases: Leases) -> None:
    job = await app.jobs.create_job(partner.tenant_id, KIND, {})
    lease = await leases.take(partner.tenant_id, job.id)
    assert lease is not None
    params = {"file": "空.csv", "on": date(2026, 7, 1)}
    await leases.fail(lease, "file_empty", params)
    assert await leases.take(partner.tenant_id, job.id) is None
    now = await app.jobs.get_job(partner.tenant_id, job.id)
    assert now is not None
    assert (now.error, now.error_params) == ("file_empty", params)


async def test_what_an_attempt_kept_is_the_next_ones_until_it_is_over(
    app: App, partner: Tenant, leases: Leases, expired: Leases
) -> None:
    job = await app.jobs.create_job(partner.tenant_id, KIND, {})
    first = await expired.take(partner.tenant_id, job.id)
    assert first is not None and first.kept == {}
    first.keep({"tenants": ["甲"]})
    for done in (1, 2):
        first.progress(done, 3)
        await expired.prolong(first)
    second = await leases.take(partner.tenant_id, job.id)
    assert second is not None
    assert (second.kept, second.job.done) == ({"tenants": ["甲"]}, 2)
    second.keep({"tenants": ["甲", "乙"]})
    second.progress(3, 3)
    await leases.release(second)
    third = await leases.take(partner.tenant_id, job.id)
    assert third is not None
    assert (third.kept, third.job.done) == ({"tenants": ["甲", "乙"]}, 3)
    await leases.finish(third, {})
    async with app.db.tenant(partner.tenant_id) as connection:
        assert (
            await connection.plain.fetchval("select kept from jobs where id = $1", job.id) is None
        )


async def test_who_follows_one_is_not_told_what_keeps_another_tenants_from_being_read(
    app: App, partner: Tenant, leases: Leases
) -> None:
    other = await app.accounts.create_partner(f"p-{uuid4().hex[:12]}", "另一渠道")
    job = await app.jobs.create_job(partner.tenant_id, KIND, {})
    unreadable = await app.jobs.create_job(other.tenant_id, KIND, {})
    following = app.jobs.watch_job(partner.tenant_id, job.id)
    failing = app.jobs.watch_job(other.tenant_id, unreadable.id)
    first, _ = await anext(following), await anext(failing)
    async with app.db.tenant(other.tenant_id) as connection:
        await connection.execute(BEYOND, unreadable.id)
    with pytest.raises(OverflowError):
        await anext(failing)
    assert await leases.take(partner.tenant_id, job.id)
    assert (first.state, (await anext(following)).state) == (JobState.QUEUED, JobState.RUNNING)


async def test_who_follows_it_sees_every_state_to_the_end(
    app: App, partner: Tenant, leases: Leases
) -> None:
    job = await app.jobs.create_job(partner.tenant_id, KIND, {})
    seen = []
    lease = None
    async for now in app.jobs.watch_job(partner.tenant_id, job.id):
        seen.append((now.state, now.done))
        if lease is None:
            lease = await leases.take(partner.tenant_id, job.id)
        elif now.done == 0:
            lease.progress(3, 9)
            await leases.prolong(lease)
        elif not now.is_over:
            await leases.finish(lease, {})
    assert seen == [
        (JobState.QUEUED, 0),
        (JobState.RUNNING, 0),
        (JobState.RUNNING, 3),
        (JobState.DONE, 9),
    ]


async def test_a_job_waits_for_a_disk_that_is_full_however_often_it_is_tried(
    app: App, partner: Tenant
) -> None:
    places = iter(["/dev/full"] * 6 + ["/dev/null"])

    def write_at(place: str) -> None:
        with Path(place).open("wb", buffering=0) as file:
            file.write(b"-")

    async def write(_: App, running: RunningJob) -> dict[str, Any]:
        await asyncio.to_thread(write_at, next(places))
        return {"attempts": running.job.attempts}

    runner = JobRunner(app, {KIND: JobKind(write)})
    job = await app.jobs.create_job(partner.tenant_id, KIND, {})
    for _ in range(7):
        await runner.perform(partner.tenant_id, job.id)
    ended = await app.jobs.get_job(partner.tenant_id, job.id)
    assert ended is not None
    assert (ended.state, ended.result) == (JobState.DONE, {"attempts": 1})


async def test_a_job_whose_lease_waits_for_the_database_is_not_taken_for_one_that_hangs(
    app: App, partner: Tenant
) -> None:
    held, free = list[RunningJob](), asyncio.Event()

    async def perform(app: App, running: RunningJob) -> dict[str, Any]:
        held.append(running)
        await free.wait()
        return {}

    times = JobTimes(lease=0.2)
    job = await app.jobs.create_job(partner.tenant_id, KIND, {})
    runner = JobRunner(app, {KIND: JobKind(perform)}, times)
    async with connection_to(app.settings.dsn("owner")) as owner:
        async with owner.transaction():
            performing = asyncio.create_task(runner.perform(partner.tenant_id, job.id))
            while not held:  # noqa: ASYNC110 - by the job
                await asyncio.sleep(0)
            await owner.execute(f"set local app.tenant = '{partner.tenant_id}'")
            assert await owner.fetchval(ROW_LOCKED, partner.tenant_id, job.id) == job.id
            while not held[0].writes:  # noqa: ASYNC110 - by the job
                await asyncio.sleep(0)
            while monotonic() - held[0].moved_at <= times.lease:  # noqa: ASYNC110 - by the clock
                await asyncio.sleep(0)
            assert runner.moves()
        free.set()
        await performing
    ended = await app.jobs.get_job(partner.tenant_id, job.id)
    assert ended is not None and ended.state is JobState.DONE


async def test_a_job_whose_worker_is_stopped_while_it_takes_it_is_given_back(
    app: App, partner: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    take, written, answered = Leases.take, asyncio.Event(), asyncio.Event()

    async def take_and_linger(*asked: Any) -> RunningJob | None:
        running = await take(*asked)
        written.set()
        await answered.wait()
        return running

    monkeypatch.setattr(Leases, "take", take_and_linger)
    job = await app.jobs.create_job(partner.tenant_id, KIND, {})
    performing = asyncio.create_task(JobRunner(app, {}).perform(partner.tenant_id, job.id))
    await written.wait()
    performing.cancel()
    answered.set()
    with pytest.raises(asyncio.CancelledError):
        await performing
    now = await app.jobs.get_job(partner.tenant_id, job.id)
    assert now is not None and (now.state, now.attempts) == (JobState.QUEUED, 0)


async def test_a_lease_is_kept_while_it_is_recorded_that_a_job_failed(
    app: App, partner: Tenant
) -> None:
    async def perform(app: App, running: RunningJob) -> dict[str, Any]:
        raise Refusal("conflict")

    async def failed(app: App, job: Job, code: str) -> None:
        async with app.db.tenant(partner.tenant_id) as tenant:
            before = await tenant.fetchval(DUE, job.id)
        async with asyncio.timeout(30):
            due = before
            while due == before:
                async with app.db.tenant(partner.tenant_id) as tenant:
                    due = await tenant.fetchval(DUE, job.id)

    job = await app.jobs.create_job(partner.tenant_id, KIND, {})
    runner = JobRunner(app, {KIND: JobKind(perform, failed)}, JobTimes(lease=0.4))
    await runner.perform(partner.tenant_id, job.id)
    ended = await app.jobs.get_job(partner.tenant_id, job.id)
    assert ended is not None and (ended.state, ended.error) == (JobState.FAILED, "conflict")


async def _what_if(app: App, asks: Principal) -> Job:
    asked = WhatIf(Draft.of(leaver_rule="counted"), "2026-06", "2026-06")
    return await request_what_if(
        asks, app.jobs, app.log, asked, today=date(2026, 7, 1), language="en"
    )


async def _report(app: App, asks: Principal) -> Job:
    done = await execute(app.context(asks), RequestReport("2026-06"))
    async with app.db.tenant(asks.tenant) as tenant:
        payload = await tenant.fetchval("select payload from outbox where tenant_id = $1")
    job_id = job_of(done.stream_id)
    return await app.jobs.create_job(asks.tenant, RENDER, payload, job_id=job_id)


async def _import(app: App, asks: Principal) -> Job:
    new = NewFile("名单.csv", "text/csv", BytesIO("工号,姓名\nE1,李娜\n".encode()), OF_IMPORTS)
    return await app.imports.request_import(asks, [new])


ASKED: Mapping[str, Callable[[App, Principal], Awaitable[Job]]] = {
    WHAT_IF: _what_if,
    RENDER: _report,
    IMPORT: _import,
}


@pytest.mark.parametrize("kind", [WHAT_IF, RENDER, IMPORT])
async def test_what_somebody_asked_for_comes_to_nothing_once_they_may_not_ask_for_it(
    app: App, partner: Tenant, kind: str
) -> None:
    gone = in_role(partner.tenant_id, f"token-{uuid4()}", Role.TRAINING_MANAGER)
    job = await ASKED[kind](app, gone)
    await JobRunner(app, KINDS).perform(job.tenant_id, job.id)
    ended = await app.jobs.get_job(job.tenant_id, job.id)
    assert ended is not None
    assert (ended.kind, ended.state, ended.error) == (kind, JobState.FAILED, "permission_refused")
