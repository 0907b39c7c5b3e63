"""What-if as a job: pinned, the same twice, cancelled, and begun again where it was left."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import msgspec
import pytest
from msgspec.structs import replace

from domain.kernel.errors import PermissionRefusedError, Refusal
from domain.kernel.values import Ratio
from domain.kpi.scheme.draft import Draft
from infra.bootstrap import App
from infra.settings import Settings
from infra.work import whatif_job
from infra.work.leases import RunningJob
from infra.work.worker import KINDS, JobRunner
from services.jobs.jobs import Job, JobState
from services.kernel.context import Principal, Role
from services.kernel.roles import in_role
from services.people.access import Tenant
from services.scheme.whatif import WhatIf, WhatIfAnswer, request_what_if
from tests.carrying import record
from tests.golden_facts import tell
from tests.infra.worker_process import worker_process
from tests.situation import ordered

Connect = Callable[[], Awaitable[asyncpg.Connection]]
TODAY = date(2026, 7, 31)
COUNTED, EMPLOYED = Draft.of(leaver_rule="counted"), Draft.of(denominator="employed")


@pytest.fixture
async def position(app: App, manager: Principal) -> int:
    """G2 is in the log up to here."""
    return await tell(app, manager, "G2")


async def request(app: App, manager: Principal, draft: Draft, **asked: Any) -> Job:
    asked = {"since": "2024-08", "until": "2026-07"} | asked
    return await request_what_if(
        manager, app.jobs, app.log, WhatIf(draft, **asked), today=TODAY, language="en"
    )


async def perform(app: App, job: Job) -> Job:
    """As a worker does."""
    await JobRunner(app, KINDS).perform(job.tenant_id, job.id)
    return await now(app, job)


async def now(app: App, job: Job) -> Job:
    found = await app.jobs.get_job(job.tenant_id, job.id)
    assert found is not None
    return found


async def content(app: App, job: Job, file_id: str) -> bytes:
    file = await app.files.get_file(job.tenant_id, UUID(file_id))
    assert file is not None
    return app.files.path(job.tenant_id, file).read_bytes()


async def answered(app: App, job: Job) -> bytes:
    assert job.state is JobState.DONE, job.error
    assert job.result is not None
    return await content(app, job, job.result["file_id"])


async def test_names_who_moved_the_figures_of_the_month(
    app: App, manager: Principal, position: int
) -> None:
    for draft, rate, people in (
        (COUNTED, Ratio(13, 18), ["T16"]),
        (EMPLOYED, Ratio(12, 15), ["T16", "T17", "T18"]),
    ):
        job = await perform(app, await request(app, manager, draft, kpis=("order_rate",)))
        answer = msgspec.json.decode(await answered(app, job), type=WhatIfAnswer)
        assert (answer.position, answer.happened_by, answer.draft) == (position, TODAY, draft)
        assert len(answer.months) == 24
        june = next(month for month in answer.months if month.month == "2026-06")
        (found,) = june.figures
        assert (found.before.ratio, found.after.ratio) == (Ratio(12, 18), rate)
        assert [one.label for one in found.moved] == people
        assert job.result is not None
        brief = next(month for month in job.result["months"] if month["month"] == "2026-06")
        assert brief["figures"] == [
            {
                "kpi": "order_rate",
                "before": "12/18",
                "after": f"{rate.numerator}/{rate.denominator}",
                "moved": len(people),
            }
        ]
        assert not any(person in str(job.result) for person in people)
    assert await app.log.position(manager.tenant) == position


async def test_the_same_twice_whatever_was_recorded_meanwhile(
    app: App, manager: Principal, position: int
) -> None:
    one, other = [await request(app, manager, COUNTED) for _ in range(2)]
    first = await perform(app, one)
    await record(app, manager, ordered("T13", "late", on=date(2026, 6, 20)))
    second = await perform(app, other)
    assert await answered(app, first) == await answered(app, second)
    later = await perform(app, await request(app, manager, COUNTED))
    assert await answered(app, later) != await answered(app, first)


class StoppedError(Exception):
    """The worker dies here."""


class Stopping(RunningJob):
    """Dies after so many months."""

    def __init__(self, job: Job, kept: dict[str, Any], most: int) -> None:
        super().__init__(job, kept, uuid4())
        self.begun_at: int | None = None
        self._most = most

    def progress(self, done: int, total: int) -> None:
        super().progress(done, total)
        self.begun_at = done if self.begun_at is None else self.begun_at
        if done == self._most:
            raise StoppedError


async def test_goes_on_after_the_last_month_that_was_kept(
    app: App, manager: Principal, position: int
) -> None:
    one, other = [await request(app, manager, EMPLOYED) for _ in range(2)]
    died = Stopping(other, {}, most=5)
    with pytest.raises(StoppedError):
        await whatif_job.perform(app, died)
    # What is kept goes through the database, which keeps no order of keys.
    async with app.db.tenant(other.tenant_id) as connection:
        kept = await connection.plain.fetchval("select $1::jsonb", died.kept)
    again = Stopping(other, kept, most=99)
    result = await whatif_job.perform(app, again)
    assert (again.begun_at, again.done, again.total) == (5, 24, 24)
    whole = await perform(app, one)
    assert await content(app, other, result["file_id"]) == await answered(app, whole)


async def test_after_its_worker_was_killed_another_goes_on_and_makes_the_same(
    app: App,
    database: Settings,
    manager: Principal,
    position: int,
    scheduler: None,
    owner: Connect,
) -> None:
    job = await request(app, manager, EMPLOYED)
    door = await owner()
    async with door.transaction():
        await door.execute("lock table files in share row exclusive mode")
        with worker_process(database, job.tenant_id):
            async for state in app.jobs.watch_job(job.tenant_id, job.id):
                if state.done == state.total > 0:
                    break
    done = []
    with worker_process(database, job.tenant_id):
        async for state in app.jobs.watch_job(job.tenant_id, job.id):
            done.append(state.done)
            ended = state
    assert ended.attempts == 2
    assert set(done) == {24}
    whole = await perform(app, await request(app, manager, EMPLOYED))
    assert await answered(app, ended) == await answered(app, whole)


async def test_cancelled_in_the_middle_it_stays_cancelled(
    app: App, manager: Principal, position: int, owner: Connect
) -> None:
    job = await request(app, manager, COUNTED)
    door = await owner()
    async with door.transaction():
        await door.execute("lock table files in share row exclusive mode")
        work = asyncio.ensure_future(perform(app, job))
        async for state in app.jobs.watch_job(job.tenant_id, job.id):
            if state.done:
                break
        await app.jobs.cancel_job(job.tenant_id, job.id)
        assert (await work).state is JobState.CANCELLED
    again = await perform(app, job)
    assert (again.state, again.result) == (JobState.CANCELLED, None)
    async with app.db.tenant(job.tenant_id) as connection:
        assert await connection.plain.fetchval("select count(*) from files") == 0


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"since": "2026-13"}, "month_invalid"),
        ({"since": "2026-08"}, "months_reversed"),
        ({"since": "2024-07"}, "months_too_many"),
        ({"kpis": ("order_rate", "luck")}, "kpi_unknown"),
    ],
)
async def test_refuses_what_cannot_be_answered(
    app: App, manager: Principal, asked: dict[str, Any], code: str
) -> None:
    with pytest.raises(Refusal) as refused:
        await request(app, manager, COUNTED, **asked)
    assert refused.value.code == code


async def test_refuses_who_may_request_no_reports(app: App, partner: Tenant) -> None:
    lecturer = in_role(partner.tenant_id, "lecturer", Role.LECTURER)
    with pytest.raises(PermissionRefusedError):
        await request(app, lecturer, COUNTED)


async def test_a_key_of_somebody_else_answers_nothing_of_what_they_asked_for(
    app: App, manager: Principal, position: int
) -> None:
    def asking(by: Principal) -> Awaitable[Job]:
        asked = WhatIf(COUNTED, "2026-06", "2026-06")
        said: dict[str, Any] = {"today": TODAY, "language": "en", "key": "once"}
        return request_what_if(by, app.jobs, app.log, asked, **said)

    first = await asking(manager)
    with pytest.raises(Refusal, match="idempotency_key_reused"):
        await asking(replace(manager, actor="user-2"))
    assert (await asking(manager)).id == first.id
