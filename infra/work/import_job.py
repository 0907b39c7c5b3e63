"""The job that imports uploaded files, on behalf of the person who uploaded them.

Every row carries the job's id as its key, so that a job that is begun again goes on where it was
and writes nothing twice.
"""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from io import BytesIO
from pathlib import PurePath
from typing import Any
from uuid import uuid5

import msgspec

from domain.kernel.errors import NotFoundError
from infra.app import App
from infra.sheets.sheets import read_workbook
from infra.work.leases import RunningJob
from services.importing.mapping import Mapping, load_mapping
from services.importing.report import ImportReport
from services.importing.run import import_file
from services.importing.workbook import Workbook, joined
from services.jobs.jobs import JSON, ImportOrder, Job, NewFile
from services.kernel.context import Principal, Role
from services.words.texts import read_texts

FINISHING = 3.0
"""Seconds that rows under way may take when the job is to stop: less than a worker is given."""


async def perform(app: App, running: RunningJob) -> dict[str, Any]:
    """Answers `file_id` of the report row by row (JSON), `counts`, `events`, `position`, `dry_run`.

    Raises Refusal for the files as a whole.
    """
    job = running.job
    order = msgspec.convert(job.payload, ImportOrder)
    principal = Principal(job.tenant_id, order.actor, Role(order.role), order.zone)
    workbook = await _read(app, job, order)
    stop = asyncio.Event()
    report = await _to_the_end(
        import_file(
            app.context(principal, idempotency_key=str(job.id)),
            workbook,
            mapping=await _mapping(app, job, order),
            only_sheet=order.sheet,
            dry_run=order.dry_run,
            progress=running.progress,
            stop=stop,
        ),
        stop,
    )
    stem = PurePath(workbook.files[0]).stem if workbook.files else str(job.id)
    name = read_texts("zh-CN")("import.report_file", name=stem)
    content = BytesIO(msgspec.json.encode(report))
    new = NewFile(name, JSON, content, uuid5(job.id, "import report"))
    file = await app.files.store_file(job.tenant_id, new)
    return {
        "file_id": str(file.id),
        "counts": report.counts,
        "events": report.events,
        "position": report.position,
        "dry_run": report.dry_run,
    }


async def _to_the_end(
    importing: Coroutine[Any, Any, ImportReport], stop: asyncio.Event
) -> ImportReport:
    """On cancelling, finishes the rows under way, so that the rows done are counted right."""
    work = asyncio.ensure_future(importing)
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        stop.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(FINISHING):
                await asyncio.gather(work, return_exceptions=True)
        raise


async def _read(app: App, job: Job, order: ImportOrder) -> Workbook:
    books = []
    for file_id in order.files:
        file = await app.files.get_file(job.tenant_id, file_id)
        if file is None:
            raise NotFoundError("file_unknown")
        books.append(await read_workbook(app.files.path(job.tenant_id, file), name=file.name))
    return joined(books)


async def _mapping(app: App, job: Job, order: ImportOrder) -> Mapping | None:
    if order.mapping is None:
        return None
    partner = await app.accounts.partner_of(job.tenant_id)
    return load_mapping(order.mapping, partner=partner.code)
