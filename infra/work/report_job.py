"""The job that renders a requested report: the file first, then the event that names it.

A repeated run makes the same bytes under the same id, and records them once.
"""

import asyncio
from typing import Any
from uuid import UUID, uuid5

from domain.reporting.report import Report
from infra.app import App
from infra.texts import read_texts
from infra.work.job_runner import RunningJob
from infra.work.reporting_reads import read_content
from services.execute import execute
from services.jobs.files import XLSX, NewFile
from services.jobs.jobs import Job
from services.kernel.context import Context, Principal, Role
from services.kernel.work import Work
from services.reporting.report import RecordRendered, RecordRenderingFailed
from services.reporting.workbook.workbook import render

WORKER = "worker"
STEPS = 3
"""Read, drawn, stored."""


async def perform(app: App, running: RunningJob) -> dict[str, Any]:
    """Answers `file_id` and `report_id`. Raises NotFoundError `report_unknown`."""
    job = running.job
    ctx = _context(app, job)
    report = await Work(ctx).load(Report, job.payload["report_id"])
    file_id = report.file_id or await _render(app, ctx, running, report)
    running.progress(STEPS, STEPS)
    return {"file_id": str(file_id), "report_id": report.id}


async def failed(app: App, job: Job, code: str) -> None:
    """Records the failure in the log."""
    command = RecordRenderingFailed(report_id=job.payload["report_id"], code=code)
    await execute(_context(app, job), command)


async def _render(app: App, ctx: Context, running: RunningJob, report: Report) -> UUID:
    tenant = running.job.tenant_id
    running.progress(0, STEPS)
    content = await read_content(app, tenant, report)
    running.progress(1, STEPS)
    texts = await asyncio.to_thread(read_texts, report.language)
    workbook = await asyncio.to_thread(render, content, texts)
    running.progress(2, STEPS)
    name = texts("report.file", partner=content.pinned.partner, month=report.month)
    file = await app.files.store_file(
        tenant,
        workbook,
        NewFile(name.replace("/", "-"), XLSX, uuid5(running.job.id, "report")),
    )
    rendered = RecordRendered(
        report_id=report.id,
        file_id=file.id,
        sha256=file.sha256,
        pinned_position=content.pinned.position,
        scheme_versions=content.whole.versions,
        calendar_version=(await app.working_days()).version,
        figures=content.figures,
    )
    await execute(ctx, rendered)
    return file.id


def _context(app: App, job: Job) -> Context:
    principal = Principal(job.tenant_id, WORKER, Role.OPERATOR)
    return app.context(principal, source={"kind": "integrated"}, correlation_id=job.id)
