"""The job that renders a requested report: the file first, then the event that names it.

A repeated run makes the same bytes under the same id, and records them once: the content is that of
the log, folded up to the position that the report is pinned to, and not that of the read models,
which may be ahead of it or behind.
"""

import asyncio
from datetime import datetime
from io import BytesIO
from typing import Any
from uuid import UUID, uuid5

import msgspec

from domain.kernel.errors import NotFoundError
from domain.reporting.report import Report
from infra.app import App
from infra.work.leases import RunningJob
from projections.trainees.cohort_roster import TRAINEE_LIST
from services.execute import execute
from services.importing.mending import menders
from services.jobs.behalf import Behalf
from services.jobs.jobs import JOB_NEEDS, OF_FIGURES, RENDER, XLSX, Job, NewFile
from services.kernel.context import Context, Principal, integrated
from services.kernel.work import Work
from services.reading.evidence import evidence_at
from services.reading.lists import PastReader
from services.reading.moment import Moment
from services.reading.names import list_named
from services.reporting.report import RecordRendered, RecordRenderingFailed
from services.reporting.workbook.content import (
    Content,
    PinnedReport,
    Record,
    completed,
    month_content,
)
from services.reporting.workbook.workbook import render
from services.words.texts import read_texts

WORKER = "worker"
STEPS = 3
"""Read, drawn, stored."""

_REQUEST = """
    select position, recorded_at from events
    where tenant_id = $1 and stream_id = $2 and version = 1
"""
_RECORDS = """
    select position, topic, recorded_at, actor, source from events
    where tenant_id = $1 and position = any($2::bigint[]) order by position
"""


async def perform(app: App, running: RunningJob) -> dict[str, Any]:
    """Answers `file_id` and `report_id`. Raises NotFoundError `report_unknown`, refuses
    `permission_refused` where who asked for it may not any more."""
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
    tenant_id = running.job.tenant_id
    running.progress(0, STEPS)
    content = await read_content(app, tenant_id, report)
    running.progress(1, STEPS)
    asked = msgspec.convert(running.job.payload["asked_by"], Behalf).principal(tenant_id)
    (await app.as_now(asked)).require_everything(*JOB_NEEDS[RENDER])
    texts = await asyncio.to_thread(read_texts, report.language)
    workbook = await asyncio.to_thread(render, content, texts)
    running.progress(2, STEPS)
    name = texts("report.file", partner=content.pinned.partner, month=report.month)
    file_id = uuid5(running.job.id, "report")
    new = NewFile(name.replace("/", "-"), XLSX, BytesIO(workbook), OF_FIGURES, file_id)
    file = await app.files.store_file(tenant_id, new)
    rendered = RecordRendered(
        report_id=report.id,
        file_id=file.id,
        sha256=file.sha256,
        pinned_position=content.pinned.position,
        scheme_versions=content.whole.versions,
        calendar_version=(await app.working_days()).version,
        figures=content.figures,
        provisional=content.provisional,
        went_live=content.went_live,
    )
    await execute(ctx, rendered)
    return file.id


def _context(app: App, job: Job) -> Context:
    return app.context(_principal(job.tenant_id), source=integrated(), correlation_id=job.id)


def _principal(tenant_id: UUID) -> Principal:
    return Principal.of_system(tenant_id, WORKER)


async def read_content(app: App, tenant_id: UUID, report: Report) -> Content:
    """Raises NotFoundError `report_unknown`, and what a projection raises for an event that it
    cannot digest."""
    async with app.db.tenant(tenant_id) as tenant:
        request = await tenant.fetchrow(_REQUEST, report.id)
    if request is None:
        raise NotFoundError("report_unknown")
    partner = await app.accounts.organisation_of(tenant_id)
    position: int = request["position"]
    recorded_at: datetime = request["recorded_at"]
    evidence = await evidence_at(app.time_travel, tenant_id, position, partner.zone)
    pinned = PinnedReport(
        partner=partner.name,
        month=report.month,
        happened_by=report.happened_by,
        position=position,
        requested_at=recorded_at,
        zone=partner.zone,
    )
    content = await asyncio.to_thread(month_content, pinned, evidence)
    async with app.db.tenant(tenant_id) as tenant:
        records = await tenant.fetch(_RECORDS, content.explanation.positions)
    who = {actor for row in records for actor in (row["actor"], *menders(row["source"]))}
    texts = await asyncio.to_thread(read_texts, report.language)
    names = await app.accounts.called(tenant_id, who, texts, position)
    then = Moment(report.happened_by, position, today=report.happened_by)
    reader = PastReader(_principal(tenant_id), app.db, app.time_travel, then)
    trainees = await reader.named(TRAINEE_LIST, content.explanation.people)
    managers = await list_named(reader, content.managers_named)
    rows = [
        Record(**{**row, "actor": names.get(row["actor"], row["actor"]), "names": names})
        for row in records
    ]
    called = {one: its.label for one, its in managers.items()}
    people = {one: row.name for one, row in trainees.items() if row.name}
    return completed(content, people, called, rows)
