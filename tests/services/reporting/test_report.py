"""Asking for a report, and recording what became of it."""

from datetime import UTC, datetime
from uuid import UUID

import msgspec
import pytest

from domain.kernel.errors import NotFoundError, PermissionRefusedError, Refusal
from domain.kernel.values import Month
from domain.reporting.report import Report
from infra.bootstrap import App
from services.execute import execute
from services.kernel.context import Context, Principal
from services.kernel.work import Work
from services.reporting.report import RecordRendered, RecordRenderingFailed, RequestReport

NOW = datetime(2026, 7, 31, 17, tzinfo=UTC)
"""The first of August in Shanghai."""


@pytest.fixture
def ctx(app: App, manager: Principal) -> Context:
    return msgspec.structs.replace(app.context(manager), now=NOW)


@pytest.fixture
def worker(app: App, manager: Principal) -> Context:
    return app.context(Principal.of_system(manager.tenant, "worker"))


def rendered(report_id: str, file: int = 2) -> RecordRendered:
    return RecordRendered(report_id, UUID(int=file), "0" * 64, 7, (0,), "cn-2026-2026-0")


async def test_the_job_is_named_by_the_answer_and_by_the_outbox(app: App, ctx: Context) -> None:
    done = await execute(ctx, RequestReport(month="2026-08"))
    async with app.db.tenant(ctx.principal.tenant) as connection:
        row = await connection.plain.fetchrow("select kind, payload->>'job_id' as job from outbox")
    assert (row["kind"], row["job"]) == ("report.render", done.answer["job_id"])
    assert done.stream_id == f"report-{done.answer['job_id']}"


async def test_a_repeated_request_is_one_report_and_one_job(app: App, ctx: Context) -> None:
    again = msgspec.structs.replace(ctx, idempotency_key="key")
    first = await execute(again, RequestReport(month="2026-07"))
    second = await execute(again, RequestReport(month="2026-07"))
    assert second.repeated
    assert second.answer == first.answer
    async with app.db.tenant(ctx.principal.tenant) as connection:
        assert await connection.plain.fetchval("select count(*) from outbox") == 1


async def test_the_day_is_the_partners_own(ctx: Context) -> None:
    done = await execute(ctx, RequestReport(month="2026-08"))
    report = await Work(ctx).load(Report, done.stream_id)
    assert str(report.happened_by) == "2026-08-01"
    with pytest.raises(Refusal) as refused:
        await execute(ctx, RequestReport(month="2026-09"))
    assert refused.value == Refusal("month_in_future", month=Month(2026, 9))


async def test_what_became_of_it_is_recorded_once(ctx: Context, worker: Context) -> None:
    report_id = (await execute(ctx, RequestReport(month="2026-07"))).stream_id
    assert (await execute(worker, rendered(report_id))).events == 1
    assert (await execute(worker, rendered(report_id, file=3))).events == 0
    assert (await execute(worker, RecordRenderingFailed(report_id, "job_failed"))).events == 0
    assert (await Work(ctx).load(Report, report_id)).file_id == UUID(int=2)


async def test_only_the_worker_records(ctx: Context) -> None:
    report_id = (await execute(ctx, RequestReport(month="2026-07"))).stream_id
    with pytest.raises(PermissionRefusedError):
        await execute(ctx, rendered(report_id))


async def test_refuses_a_report_that_is_not_there(worker: Context) -> None:
    with pytest.raises(NotFoundError) as refused:
        await execute(worker, rendered("report-1"))
    assert refused.value.code == "report_unknown"
