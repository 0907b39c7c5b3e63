"""The job that imports uploaded files, on behalf of the person who uploaded them.

Every row carries the job's id as its key, so that a job that is begun again goes on where it was
and writes nothing twice.
"""

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from io import BytesIO
from pathlib import Path, PurePath
from tempfile import TemporaryFile
from typing import Any
from uuid import UUID, uuid5

import msgspec
import structlog

from domain.kernel.errors import NotFoundError
from infra.app import App
from infra.sheets.sheets import read_workbook
from infra.work.leases import RunningJob
from services.importing.mapping import Mapping, load_mapping
from services.importing.marked import write_marked
from services.importing.mending import Mend, Mended
from services.importing.report import ImportReport
from services.importing.run import import_file
from services.importing.workbook import Workbook, joined
from services.jobs.imports import ImportOrder
from services.jobs.jobs import JSON, OF_IMPORTS, XLSX, Job, NewFile
from services.kernel.beside import beside
from services.words.texts import Texts, read_texts

FINISHING = 3.0
"""Seconds that rows under way may take when the job is to stop: less than a worker is given."""


async def perform(app: App, running: RunningJob) -> dict[str, Any]:
    """Answers `file_id` of the report row by row (JSON), `workbook_id` of the same marked in the
    sheets (xlsx) where it could be drawn, `counts`, `events`, `position`, `dry_run`.

    Raises Refusal for the files as a whole.
    """
    job = running.job
    order = msgspec.convert(job.payload, ImportOrder)
    mends = await _mends(app, job, order)
    workbook = await _read(app, job, order)
    asked, stop = order.principal(job.tenant_id), asyncio.Event()
    principal = await app.as_now(asked)
    report = await to_the_end(
        import_file(
            app.context(principal, idempotency_key=str(job.id), causation_id=job.id),
            workbook,
            mapping=await _mapping(app, job, order),
            only_sheets=order.sheets,
            changed_on=order.changed_on,
            mends=mends,
            words=order.words,
            dry_run=order.dry_run,
            people=app.recorded_people(principal),
            as_now=lambda: app.as_now(asked),
            progress=running.progress,
            stop=stop,
        ),
        stop,
    )
    return await keep_report(app, job, await beside(Mended(mends).apply, workbook), report)


async def keep_report(
    app: App, job: Job, workbook: Workbook, report: ImportReport
) -> dict[str, Any]:
    """Keeps the report of an import as files; the result of its job. workbook: as mended."""
    texts = read_texts(msgspec.convert(job.payload, ImportOrder).language)
    stem = PurePath(workbook.files[0]).stem if workbook.files else str(job.id)
    name = texts("import.check_file" if report.dry_run else "import.report_file", name=stem)
    content = BytesIO(await beside(msgspec.json.encode, report))
    new = NewFile(f"{name}.json", JSON, content, OF_IMPORTS, uuid5(job.id, "import report"))
    file = await app.files.store_file(job.tenant_id, new)
    drawn = await _drawn(app, job, f"{name}.xlsx", workbook, report, texts)
    return {
        "file_id": str(file.id),
        **drawn,
        "counts": report.counts,
        "events": report.events,
        "position": report.position,
        "dry_run": report.dry_run,
    }


async def _drawn(
    app: App, job: Job, name: str, workbook: Workbook, report: ImportReport, texts: Texts
) -> dict[str, str]:
    """`workbook_id` of the marked workbook. Where it cannot be drawn there is none: the rows are
    imported by then, and the report has all that it would say."""
    with TemporaryFile() as file:
        try:
            await beside(write_marked, workbook, report, texts, file)
        except Exception as error:
            structlog.get_logger("worker").error("marked_workbook_not_drawn", exc_info=error)
            return {}
        marked = NewFile(name, XLSX, file, OF_IMPORTS, uuid5(job.id, "marked workbook"))
        return {"workbook_id": str((await app.files.store_file(job.tenant_id, marked)).id)}


async def to_the_end(
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
    files = [await _file(app, job, file_id) for file_id in order.files]
    return joined([await read_workbook(path, name=name) for name, path in files])


async def _mends(app: App, job: Job, order: ImportOrder) -> list[Mend]:
    files = [await _file(app, job, file_id) for file_id in order.mends]
    read = [await asyncio.to_thread(path.read_bytes) for _, path in files]
    return [mend for one in read for mend in msgspec.json.decode(one, type=list[Mend])]


async def _file(app: App, job: Job, file_id: UUID) -> tuple[str, Path]:
    """The name and the place of a file."""
    file = await app.files.get_file(job.tenant_id, file_id)
    if file is None:
        raise NotFoundError("file_unknown")
    return file.name, app.files.path(job.tenant_id, file)


async def _mapping(app: App, job: Job, order: ImportOrder) -> Mapping | None:
    if order.mapping is None:
        return None
    partner = await app.accounts.organisation_of(job.tenant_id)
    return load_mapping(order.mapping, partner=partner.code)
