"""Importing a workbook from a page: check first, look at every row, then write."""

import asyncio
from pathlib import Path
from typing import Any, BinaryIO, cast
from uuid import UUID, uuid5

import msgspec
from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath
from litestar.response import Redirect
from litestar.status_codes import HTTP_303_SEE_OTHER

from api.errors import sentence, status_of
from api.web.kit.cookies import CSRF_FIELD, require_csrf
from api.web.kit.pages import PageRequest, Pages
from api.web.kit.reader import Reader
from api.web.kit.sight import PagesHere, ReaderHere
from api.web.kit.wording import Wording
from domain.kernel.errors import NotFoundError, Refusal
from services.importing.report import ImportReport, Outcome, RowReport
from services.jobs.jobs import IMPORT, ImportOrder, Job, JobState, Upload, cancel_job
from services.kernel.permissions import Permission, require

MOST_ROWS = 200
"""Refused rows that the page lists; the downloadable report has all."""


@get("/import", include_in_schema=False)
async def import_page(request: PageRequest, pages: PagesHere, reader: ReaderHere) -> Response[str]:
    """The form."""
    require(reader.principal, Permission.IMPORT_FILES)
    return _form(request, pages, reader)


@post("/import", include_in_schema=False, status_code=HTTP_303_SEE_OTHER)
async def check_files(request: PageRequest, pages: PagesHere, reader: ReaderHere) -> Response[str]:
    """Keeps the files and lets a worker say what importing them would do."""
    form = await request.form()
    try:
        require_csrf(request, form.get(CSRF_FIELD))
        job = await reader.app.imports.request_import(
            reader.principal,
            [
                Upload(part.filename, part.content_type, cast(BinaryIO, part.file))
                for part in form.getall("file", [])
                if isinstance(part, UploadFile) and part.filename
            ],
            dry_run=True,
        )
    except Refusal as refusal:
        return _form(request, pages, reader, refusal)
    return Redirect(f"/import/{job.id}", status_code=HTTP_303_SEE_OTHER)


@get("/import/{job_id:uuid}", include_in_schema=False)
async def import_job_page(
    request: PageRequest, pages: PagesHere, reader: ReaderHere, job_id: FromPath[UUID]
) -> Response[str]:
    """How far it is, and at the end every row that was refused. Refuses `job_unknown`."""
    require(reader.principal, Permission.IMPORT_FILES)
    job = await _job(reader, job_id)
    wording = pages.wording(request, reader.principal.zone)
    report = await _report(reader, job)
    return pages.render(
        request,
        "_import_job.html" if request.htmx else "import_job.html",
        zone=reader.principal.zone,
        reader=reader,
        job=job,
        order=msgspec.convert(job.payload, ImportOrder),
        counts=report and report.counts,
        report=report,
        outcomes=tuple(map(str, Outcome)),
        refused=_refused(report.refused[:MOST_ROWS], wording) if report else [],
        failure=sentence(job.error, job.error_params, wording.language) if job.error else None,
    )


@post("/import/{job_id:uuid}", include_in_schema=False, status_code=HTTP_303_SEE_OTHER)
async def carry_out(
    request: PageRequest, reader: ReaderHere, job_id: FromPath[UUID]
) -> Response[str]:
    """Imports what was checked; asking twice imports once. Refuses `csrf_refused`,
    `permission_refused`, `job_unknown`."""
    form = await request.form()
    require_csrf(request, form.get(CSRF_FIELD))
    require(reader.principal, Permission.IMPORT_FILES)
    checked = await _job(reader, job_id)
    order = msgspec.structs.replace(
        msgspec.convert(checked.payload, ImportOrder),
        actor=reader.principal.actor,
        role=str(reader.role),
        zone=reader.principal.zone,
        dry_run=False,
    )
    payload = msgspec.to_builtins(order)
    job = await reader.app.jobs.create_job(
        reader.principal.tenant, IMPORT, payload, job_id=uuid5(checked.id, "carry out")
    )
    return Redirect(f"/import/{job.id}", status_code=HTTP_303_SEE_OTHER)


@post("/import/{job_id:uuid}/cancel", include_in_schema=False, status_code=HTTP_303_SEE_OTHER)
async def cancel(request: PageRequest, reader: ReaderHere, job_id: FromPath[UUID]) -> Response[str]:
    """Stops it; what was written stays. A job that is over is shown as it is. Refuses
    `csrf_refused`, `permission_refused`, `job_unknown`."""
    form = await request.form()
    require_csrf(request, form.get(CSRF_FIELD))
    require(reader.principal, Permission.IMPORT_FILES)
    job = await _job(reader, job_id)
    if not job.is_over:
        try:
            await cancel_job(reader.principal, reader.app.jobs, job_id)
        except Refusal as refusal:
            if refusal.code != "job_over":  # Over since we looked.
                raise
    return Redirect(f"/import/{job.id}", status_code=HTTP_303_SEE_OTHER)


def _form(
    request: PageRequest, pages: Pages, reader: Reader, refusal: Refusal | None = None
) -> Response[str]:
    return pages.render(
        request,
        "import.html",
        zone=reader.principal.zone,
        status=status_of(refusal) if refusal else 200,
        reader=reader,
        refusal=pages.refusal(request, refusal) if refusal else None,
    )


async def _job(reader: Reader, job_id: UUID) -> Job:
    job = await reader.app.jobs.get_job(reader.principal.tenant, job_id)
    if job is None or job.kind != IMPORT:
        raise NotFoundError("job_unknown", id=str(job_id))
    return job


async def _report(reader: Reader, job: Job) -> ImportReport | None:
    if job.state is not JobState.DONE or job.result is None:
        return None
    tenant = reader.principal.tenant
    file = await reader.app.files.get_file(tenant, UUID(job.result["file_id"]))
    if file is None:
        return None
    path = Path(reader.app.files.path(tenant, file))
    content = await asyncio.to_thread(path.read_bytes)
    return msgspec.json.decode(content, type=ImportReport)


def _refused(rows: list[RowReport], wording: Wording) -> list[dict[str, Any]]:
    return [
        {
            "sheet": fault.place.sheet,
            "row": fault.place.row or row.place.row,
            "column": fault.place.heading or fault.place.column or "",
            "reason": sentence(fault.code, fault.params, wording.language),
        }
        for row in rows
        for fault in row.reasons
    ]
