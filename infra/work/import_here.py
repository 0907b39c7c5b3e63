"""An import that this process carries out itself, as the command line does.

It is a job like one of the page, so that it is found among the earlier imports and taken back like
one. It has one attempt: its files are not kept, and nobody else could go on with it.
"""

import asyncio
from typing import Any

import msgspec
from uuid_utils.compat import uuid7

from domain.kernel.errors import Refusal
from infra.app import App
from infra.work.import_job import keep_report, to_the_end
from infra.work.jobs import insert_job_of_one
from infra.work.leases import JobCancelledError, JobTimes, RunningJob
from infra.work.worker import FAILED, JobKind, JobRunner
from services.importing.mapping import Mapping
from services.importing.report import ImportReport
from services.importing.run import OnProgress, import_file
from services.importing.workbook import Workbook
from services.jobs.imports import ImportOrder
from services.jobs.jobs import IMPORT
from services.kernel.context import Principal

TIMES = JobTimes(longest=7 * 24 * 3600.0)
"""Somebody waits for it, and may break it off."""


async def import_here(
    app: App,
    principal: Principal,
    workbook: Workbook,
    order: ImportOrder,
    *,
    mapping: Mapping | None,
    progress: OnProgress,
    stop: asyncio.Event,
) -> ImportReport:
    """Imports a workbook. Raises what import_file does, and Refusal `import_stopped` where it was
    cancelled by somebody else."""
    job_id, tenant_id = uuid7(), principal.tenant
    reports: list[ImportReport] = []
    failures: list[Exception] = []

    async def perform(app: App, running: RunningJob) -> dict[str, Any]:
        def reached(done: int, total: int) -> None:
            running.progress(done, total)
            progress(done, total)

        ctx = app.context(principal, causation_id=job_id)
        importing = import_file(
            ctx,
            workbook,
            mapping=mapping,
            only_sheets=order.sheets,
            changed_on=order.changed_on,
            people=app.recorded_people(principal),
            progress=reached,
            stop=stop,
        )
        try:
            reports.append(await to_the_end(importing, stop))
        except Exception as failure:
            failures.append(failure)
            raise failure if isinstance(failure, Refusal) else Refusal(FAILED) from failure
        if reports[0].stopped:
            raise JobCancelledError
        return await keep_report(app, running.job, workbook, reports[0])

    async with app.db.tenant(tenant_id) as tenant:
        await insert_job_of_one(tenant, job_id, IMPORT, msgspec.to_builtins(order), TIMES.lease)
    try:
        await JobRunner(app, {IMPORT: JobKind(perform)}, TIMES).perform(tenant_id, job_id)
    except Exception:
        if not failures:
            raise
    if failures:
        raise failures[0]
    if reports:
        return reports[0]
    job = await app.jobs.get_job(tenant_id, job_id)
    done, total = (job.done, job.total) if job else (0, 0)
    raise Refusal("import_stopped", done=done, rest=total - done)
