"""The job that imports uploaded files, on behalf of the person who uploaded them.

Every row carries the job's id as its key, so that a job that is begun again goes on where it was
and writes nothing twice.
"""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from io import BytesIO
from pathlib import PurePath
from tempfile import TemporaryFile
from typing import Any
from uuid import uuid5

import msgspec

from domain.kernel.errors import NotFoundError
from infra.app import App
from infra.sheets.sheets import read_workbook
from infra.work.leases import RunningJob
from services.importing.mapping import Mapping, load_mapping
from services.importing.marked import write_marked
from services.importing.report import ImportReport
from services.importing.run import import_file
from services.importing.workbook import Workbook, joined
from services.jobs.imports import ImportOrder
from services.jobs.jobs import JSON, XLSX, Job, NewFile
from services.kernel.beside import beside
from services.words.texts import read_texts

FINISHING = 3.0
"""Seconds that rows under way may take when the job is to stop: less than a worker is given."""


async def perform(app: App, running: RunningJob) -> dict[str, Any]:
    """Answers `file_id` of the report row by row (JSON), `workbook_id` of the same marked in the
    sheets (xlsx), `counts`, `events`, `position`, `dry_run`.

    Raises Refusal for the files as a whole.
    """
    job = running.job
    order = msgspec.convert(job.payload, ImportOrder)
    workbook = await _read(app, job, order)
    stop = asyncio.Event()
    report = await _to_the_end(
        import_file(
            app.context(
                order.principal(job.tenant_id), idempotency_key=str(job.id), causation_id=job.id
            ),
            workbook,
            mapping=await _mapping(app, job, order),
            only_sheets=order.sheets,
            dry_run=order.dry_run,
            progress=running.progress,
            stop=stop,
        ),
        stop,
    )
    texts = read_texts(order.language)
    stem = PurePath(workbook.files[0]).stem if workbook.files else str(job.id)
    name = texts("import.report_file", name=stem)
    content = BytesIO(msgspec.json.encode(report))
    new = NewFile(f"{name}.json", JSON, content, uuid5(job.id, "import report"))
    file = await app.files.store_file(job.tenant_id, new)
    with TemporaryFile() as drawn:
        await beside(write_marked, workbook, report, texts, drawn)
        marked = NewFile(f"{name}.xlsx", XLSX, drawn, uuid5(job.id, "marked workbook"))
        book = await app.files.store_file(job.tenant_id, marked)
    return {
        "file_id": str(file.id),
        "workbook_id": str(book.id),
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
