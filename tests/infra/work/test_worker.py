"""Jobs by real workers over the real broker; workers are killed, the broker forgets."""

import asyncio
import signal
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import openpyxl
import pytest
import redis

from domain.kernel.values import number_key
from domain.reporting.report import Report
from infra.bootstrap import App
from infra.servers.watchdog import Watchdog
from infra.settings import Settings
from infra.sheets.sheets import read_workbook
from infra.work import undo_job
from infra.work.worker import THREADS
from services.execute import Done, execute
from services.importing.run import import_file
from services.jobs.jobs import OF_IMPORTS, Job, JobState, NewFile
from services.kernel.context import Principal, Role
from services.kernel.roles import in_role
from services.kernel.work import Work
from services.people.access import Tenant
from services.reporting.report import RequestReport
from tests.carrying import record
from tests.infra.work.following import MOST_SECONDS, over, until
from tests.infra.work.undoing import imported
from tests.infra.worker_process import (
    BROKEN,
    ENDLESS,
    HUNG,
    POISON,
    RESUMED,
    kill,
    worker_process,
)
from tests.place import ROSTER
from tests.situation import batch_opened, enrolled, ordered, passed_gate, went_live


class UndoneError(Exception):
    """Rolls a transaction back."""


Connect = Callable[[], Awaitable[asyncpg.Connection]]


async def request(app: App, principal: Principal, month: str = "2026-06") -> Done:
    return await execute(app.context(principal), RequestReport(month=month))


async def upload(app: App, principal: Principal) -> Job:
    content = BytesIO(ROSTER.read_bytes())
    return await app.imports.request_import(
        principal, [NewFile(ROSTER.name, "", content, OF_IMPORTS)]
    )


async def topics(app: App, tenant: UUID) -> list[str]:
    async with app.db.tenant(tenant) as connection:
        rows = await connection.plain.fetch("select topic from events order by position")
    return [row["topic"] for row in rows]


async def stored_files(app: App, tenant: UUID) -> int:
    async with app.db.tenant(tenant) as connection:
        count: int = await connection.plain.fetchval("select count(*) from files")
    return count


async def newcomer(app: App, principal: Principal) -> None:
    await record(
        app,
        principal,
        batch_opened("A1", on=date(2026, 5, 18)),
        enrolled("E1", name="=王小明", on=date(2026, 5, 18)),
        passed_gate("E1", on=date(2026, 5, 29)),
        went_live("E1", on=date(2026, 6, 1)),
        ordered("E1", "A-1", on=date(2026, 6, 9)),
        ordered("E1", "A-2", on=date(2026, 7, 9)),
    )


async def test_renders_what_was_requested(
    app: App, database: Settings, partner: Tenant, manager: Principal, scheduler: None
) -> None:
    await newcomer(app, manager)
    done = await request(app, manager)
    job_id = UUID(done.answer["job_id"])
    waiting = await app.jobs.get_job(partner.tenant_id, job_id)
    assert waiting is not None and not waiting.is_over
    with worker_process(database, partner.tenant_id):
        job = await over(app, partner.tenant_id, job_id)
    assert (job.state, job.error, job.attempts, job.done, job.total) == ("done", None, 1, 3, 3)
    assert job.result is not None
    file = await app.files.get_file(partner.tenant_id, UUID(job.result["file_id"]))
    assert file is not None
    assert file.name == "杭州渠道-新人出单报表-2026-06.xlsx"
    report = await Work(app.context(manager)).load(Report, done.stream_id)
    assert report.file_id == file.id
    content = app.files.path(partner.tenant_id, file).read_bytes()
    book = openpyxl.load_workbook(BytesIO(content))
    assert [cell.value for cell in book["人员"][3]][:4] == ["是", None, "E1", "=王小明"]
    assert book["依据"]["B5"].value == done.position


async def test_a_worker_killed_while_it_renders_leaves_one_report(
    app: App,
    database: Settings,
    partner: Tenant,
    manager: Principal,
    scheduler: None,
    owner: Connect,
) -> None:
    await newcomer(app, manager)
    done = await request(app, manager)
    job_id = UUID(done.answer["job_id"])
    door = await owner()
    # The file's row and then the event cannot be written: both times the worker dies in between.
    for obstacle in ("files", "events"):
        held = door.transaction()
        await held.start()
        await door.execute(f"lock table {obstacle} in share row exclusive mode")
        with worker_process(database, partner.tenant_id) as process:
            await waits_for(door, door)
            kill(process)
        await held.rollback()
    with worker_process(database, partner.tenant_id):
        job = await over(app, partner.tenant_id, job_id)
    assert job.state is JobState.DONE
    assert job.attempts >= 3
    assert await stored_files(app, partner.tenant_id) == 1
    assert (await topics(app, partner.tenant_id)).count("report.rendered") == 1


async def test_a_worker_killed_during_an_import_doubles_nothing(
    app: App,
    database: Settings,
    partner: Tenant,
    manager: Principal,
    scheduler: None,
    owner: Connect,
) -> None:
    job = await upload(app, manager)
    door = await owner()
    # People are written first. Then an order's number is somebody's who has not committed yet, so
    # that the worker waits in the middle.
    with pytest.raises(UndoneError):
        async with app.db.tenants([partner.tenant_id]) as connection:
            await connection.execute(
                "insert into claims values ($1, 'order_no', 'CXT-A06-0', 'nobody')",
                partner.tenant_id,
            )
            with worker_process(database, partner.tenant_id) as process:
                await waits_for(connection, door)
                kill(process)
            raise UndoneError
    written = await topics(app, partner.tenant_id)
    assert "trainee.enrolled" in written
    assert "trainee.left" in written
    assert written.count("trainee.order_closed") < 21
    with worker_process(database, partner.tenant_id):
        ended = await over(app, partner.tenant_id, job.id)
    assert ended.state is JobState.DONE
    assert ended.attempts >= 2
    assert ended.result is not None
    assert ended.result["counts"] == {
        "create": 41,
        "change": 0,
        "part": 0,
        "skip": 1,
        "merge": 0,
        "refuse": 0,
    }
    undisturbed = await app.accounts.create_partner(f"p-{uuid4().hex[:12]}", "另一渠道")
    elsewhere = in_role(undisturbed.tenant_id, "manager", Role.TRAINING_MANAGER)
    await import_file(app.context(elsewhere), await read_workbook(ROSTER))
    happened = Counter(await topics(app, partner.tenant_id))
    assert happened == Counter(await topics(app, undisturbed.tenant_id))
    assert (ended.done, ended.total) == (42, 42)


async def test_a_worker_killed_while_it_takes_an_import_back_leaves_nothing_half(
    app: App,
    database: Settings,
    partner: Tenant,
    manager: Principal,
    scheduler: None,
    owner: Connect,
) -> None:
    many = undo_job.AT_ONCE + 2
    rows = "".join(f"K{no},赵一,KA,2026-06-01\n" for no in range(many))
    job = await imported(app, manager, f"工号,姓名,批次,入职日期\n{rows}")
    asked = await app.imports.undo(manager, job, "导入错了文件")
    door = await owner()
    # The number of the last person, then the code of the cohort, are held by somebody else.
    for kind, key in (("employee_no", f"K{many - 1}"), ("cohort_code", "KA")):
        async with app.db.tenants([partner.tenant_id]) as connection:
            await connection.execute(
                "select from claims where tenant_id = $1 and kind = $2 and key = $3 for update",
                *(partner.tenant_id, kind, number_key(key)),
            )
            with worker_process(database, partner.tenant_id) as process:
                await waits_for(connection, door)
                kill(process)
        undoing = await app.jobs.get_job(partner.tenant_id, asked.id)
        assert undoing is not None and not undoing.is_over
        assert not await app.imports.is_undone(job)
        withdrawn = (await topics(app, partner.tenant_id)).count("trainee.fact_withdrawn")
        some = range(undo_job.AT_ONCE, many)
        assert withdrawn in some if kind == "employee_no" else withdrawn == many
    with worker_process(database, partner.tenant_id):
        ended = await over(app, partner.tenant_id, asked.id)
    assert ended.result is not None and ended.attempts >= 3
    said = {"undone": True, "events": 2 * many + 1, "cohorts": 0, "in_the_way": [], "count": 0}
    assert ended.result == said
    assert await app.imports.is_undone(job)
    happened = Counter(await topics(app, partner.tenant_id))
    assert happened["trainee.fact_withdrawn"] == happened["person.fact_withdrawn"] == many
    assert happened["cohort.opening_withdrawn"] == 1


async def test_what_the_broker_forgot_is_sent_again(
    app: App, database: Settings, partner: Tenant, manager: Principal, scheduler: None
) -> None:
    done = await request(app, manager)
    job_id = UUID(done.answer["job_id"])
    client = redis.Redis.from_url(database.broker_url or "")
    await until_true(lambda: asyncio.to_thread(client.exists, "chudan:jobs"))
    client.flushall()
    with worker_process(database, partner.tenant_id):
        job = await over(app, partner.tenant_id, job_id)
    assert job.state is JobState.DONE


async def test_a_job_that_kills_its_worker_ends_after_five_attempts(
    app: App, database: Settings, partner: Tenant, scheduler: None
) -> None:
    job = await app.jobs.create_job(partner.tenant_id, POISON, {})
    killed = 0
    ended: Job | None = job
    async with asyncio.timeout(MOST_SECONDS):
        while ended is None or not ended.is_over:
            with worker_process(database, partner.tenant_id) as process:
                while process.exit_code is None and (ended is None or not ended.is_over):
                    await asyncio.sleep(0.05)
                    ended = await app.jobs.get_job(partner.tenant_id, job.id)
                killed += process.exit_code == -signal.SIGKILL
    assert (ended.state, ended.error) == (JobState.FAILED, "job_attempts_exhausted")
    assert (ended.attempts, killed) == (5, 5)


async def test_a_worker_whose_job_hangs_when_it_is_to_end_is_started_again_and_the_job_goes_on(
    app: App,
    database: Settings,
    partner: Tenant,
    scheduler: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("infra.servers.process.HUNG_SECONDS", 2.0)
    job = await app.jobs.create_job(partner.tenant_id, HUNG, {})
    listening = Watchdog(tmp_path / "worker")
    with worker_process(database, partner.tenant_id, listening, longest=0.5) as process:
        hung = process.pid
        await until(app, partner.tenant_id, job.id, JobState.RUNNING)
        async with asyncio.timeout(MOST_SECONDS):
            while process.pid == hung:
                process.look()
                await asyncio.sleep(0.05)
        ended = await over(app, partner.tenant_id, job.id)
    assert (ended.state, ended.attempts) == (JobState.DONE, 2)


async def test_a_job_that_breaks_is_tried_five_times(
    app: App, database: Settings, partner: Tenant, scheduler: None
) -> None:
    job = await app.jobs.create_job(partner.tenant_id, BROKEN, {})
    with worker_process(database, partner.tenant_id):
        ended = await over(app, partner.tenant_id, job.id)
    assert (ended.state, ended.error, ended.attempts) == (JobState.FAILED, "job_failed", 5)


async def test_a_refusal_ends_the_job_at_once_with_its_code(
    app: App, database: Settings, partner: Tenant, manager: Principal, scheduler: None
) -> None:
    text = NewFile("空.csv", "text/csv", BytesIO("什么也没有\n".encode()), OF_IMPORTS)
    job = await app.imports.request_import(manager, [text])
    unknown = await app.jobs.create_job(partner.tenant_id, "tests.nobody_knows", {})
    with worker_process(database, partner.tenant_id):
        ended = await over(app, partner.tenant_id, job.id)
        other = await over(app, partner.tenant_id, unknown.id)
    assert (ended.state, ended.attempts) == (JobState.FAILED, 1)
    assert (other.state, other.error) == (JobState.FAILED, "job_kind_unknown")


async def test_a_cancelled_job_stops_and_its_worker_goes_on(
    app: App, database: Settings, partner: Tenant, manager: Principal, scheduler: None
) -> None:
    jobs = [await app.jobs.create_job(partner.tenant_id, ENDLESS, {}) for _ in range(THREADS)]
    done = await request(app, manager)
    with worker_process(database, partner.tenant_id):
        for job in jobs:
            await until(app, partner.tenant_id, job.id, JobState.RUNNING)
            await app.jobs.cancel_job(partner.tenant_id, job.id)
            ended = await until(app, partner.tenant_id, job.id, JobState.CANCELLED)
            assert ended.attempts == 1
        report = await over(app, partner.tenant_id, UUID(done.answer["job_id"]))
    assert report.state is JobState.DONE


async def test_a_cancelled_import_says_how_many_rows_stay_written(
    app: App, database: Settings, partner: Tenant, manager: Principal, scheduler: None
) -> None:
    rows = "".join(f"E{n},学员,B1,2026-05-18\n" for n in range(20_000))
    roster = NewFile(
        "名单.csv", "text/csv", BytesIO(f"工号,姓名,批次,入职日期\n{rows}".encode()), OF_IMPORTS
    )
    job = await app.imports.request_import(manager, [roster])
    with worker_process(database, partner.tenant_id):
        async for now in app.jobs.watch_job(partner.tenant_id, job.id):
            if now.done:
                break
        await app.jobs.cancel_job(partner.tenant_id, job.id)
        ended = await until(app, partner.tenant_id, job.id, JobState.CANCELLED)
    assert 0 < ended.done < ended.total == 20_000
    assert (await topics(app, partner.tenant_id)).count("trainee.enrolled") == ended.done


async def test_a_job_goes_on_from_what_it_kept_before_its_worker_was_killed(
    app: App, database: Settings, partner: Tenant, scheduler: None
) -> None:
    job = await app.jobs.create_job(partner.tenant_id, RESUMED, {})
    with worker_process(database, partner.tenant_id):
        async for now in app.jobs.watch_job(partner.tenant_id, job.id):
            if now.done:
                break
    with worker_process(database, partner.tenant_id):
        ended = await over(app, partner.tenant_id, job.id)
    assert ended.result is not None and ended.result["steps"] >= now.done
    assert ended.attempts == 2


async def test_a_worker_told_to_stop_keeps_the_last_step(
    app: App, database: Settings, partner: Tenant, scheduler: None
) -> None:
    job = await app.jobs.create_job(partner.tenant_id, RESUMED, {})
    with worker_process(database, partner.tenant_id) as process:
        await until(app, partner.tenant_id, job.id, JobState.RUNNING)
        await asyncio.to_thread(process.stop)
    with worker_process(database, partner.tenant_id):
        ended = await over(app, partner.tenant_id, job.id)
    assert (ended.result, ended.attempts) == ({"steps": ended.done}, 1)


async def test_a_worker_told_to_stop_gives_its_job_back(
    app: App,
    database: Settings,
    partner: Tenant,
    manager: Principal,
    scheduler: None,
    owner: Connect,
) -> None:
    done = await request(app, manager)
    job_id = UUID(done.answer["job_id"])
    door = await owner()
    held = door.transaction()
    await held.start()
    await door.execute("lock table files in share row exclusive mode")
    with worker_process(database, partner.tenant_id) as process:
        await waits_for(door, door)
        await asyncio.to_thread(process.stop)
        assert process.exit_code == 0
    job = await app.jobs.get_job(partner.tenant_id, job_id)
    assert job is not None
    assert (job.state, job.attempts) == (JobState.QUEUED, 0)
    await held.rollback()


async def waits_for(holder: asyncpg.Connection, door: asyncpg.Connection) -> None:
    """Until somebody waits for what the holder has locked."""
    blocked = "select count(*) from pg_locks where $1 = any(pg_blocking_pids(pid))"
    await until_true(lambda: door.fetchval(blocked, holder.get_server_pid()))


async def until_true(ask: Callable[[], Awaitable[Any]]) -> None:
    async with asyncio.timeout(MOST_SECONDS):
        while True:
            if await ask():
                return
            await asyncio.sleep(0.01)
