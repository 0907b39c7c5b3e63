"""Submitted figures (上报): what was submitted, what became of it, and submitting again.

A report is made first and looked at; submitting it pins what it states.
"""

from collections.abc import Iterable, Mapping
from typing import Any, cast
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from litestar.status_codes import HTTP_303_SEE_OTHER
from msgspec import Struct

from api.errors import sentence
from api.web.kit.cookies import CSRF_FIELD, require_csrf
from api.web.kit.pages import PageRequest
from api.web.kit.reader import Reader
from api.web.kit.sight import PagesHere, ReaderHere
from domain.kernel.errors import NotFoundError
from domain.kernel.values import Month, Ratio
from domain.kpi.catalog import BY_SLUG
from domain.kpi.kpi import Kpi
from domain.kpi.proof.restatement import Restatement
from domain.kpi.scheme.versions import Parameters, Scheme
from projections.figures.schemes import get_scheme
from projections.kernel.paging import LARGEST_PAGE, Paging
from projections.kernel.projection import Connection
from projections.reporting.submissions import (
    SUBMISSION_LIST,
    SUBMISSIONS,
    RestatementRow,
    SubmissionRow,
    VintageRow,
)
from projections.trainees.cohort_roster import TRAINEE_LIST
from services.execute import execute
from services.jobs.jobs import Job
from services.kernel.fields import ReportLanguage
from services.kernel.permissions import Permission, may, require
from services.reporting.report import RENDER, RequestReport
from services.reporting.submission import AcknowledgeRestatement, SubmitAgain, SubmitFigures

PLACE = "/submissions"

MONTHS_OFFERED = 24


class Vintage(Struct, frozen=True):
    """A vintage and what touched it."""

    row: VintageRow
    figures: list[tuple[Kpi, Ratio]]
    rounding: str
    restatements: list[tuple[RestatementRow, list[tuple[Kpi, Restatement]]]]


class Submitted(Struct, frozen=True):
    """A month; vintages, the latest first."""

    row: SubmissionRow
    month: Month
    vintages: list[Vintage]


@get(PLACE, include_in_schema=False)
async def submissions_page(
    request: PageRequest, pages: PagesHere, reader: ReaderHere
) -> Response[str]:
    """All months that were submitted, the latest first."""
    require(reader.principal, Permission.READ_FIGURES)
    async with reader.app.db.tenant(reader.principal.tenant) as connection:
        page = await SUBMISSION_LIST.page(connection, reader.principal.tenant, Paging(LARGEST_PAGE))
        scheme = await get_scheme(connection, reader.principal.tenant)
        names = await _names(connection, reader, page.rows)
    wording = pages.wording(request, reader.principal.zone)
    return pages.render(
        request,
        "submissions.html",
        zone=reader.principal.zone,
        reader=reader,
        submitted=[submitted(row, scheme) for row in page.rows],
        has_more=page.has_next,
        names=names,
        months=[(str(month), wording.month(month)) for month in _months(reader)],
        may_submit=may(reader.principal, Permission.SUBMIT_FIGURES),
        may_request=may(reader.principal, Permission.REQUEST_REPORTS),
    )


@post(f"{PLACE}/reports", include_in_schema=False, status_code=HTTP_303_SEE_OTHER)
async def request_report(
    request: PageRequest, pages: PagesHere, reader: ReaderHere
) -> Response[str]:
    """Lets a worker make a month's report. Refuses `csrf_refused`, `permission_refused`,
    `month_invalid`, `month_in_future`."""
    form = await request.form()
    require_csrf(request, form.get(CSRF_FIELD))
    month = str(Month.parse(str(form.get("month") or "")))
    language = pages.wording(request).language
    done = await execute(
        reader.app.context(reader.principal), RequestReport(month, cast(ReportLanguage, language))
    )
    address = f"{PLACE}/reports/{done.answer['job_id']}?month={month}"
    return Redirect(address, status_code=HTTP_303_SEE_OTHER)


@get(PLACE + "/reports/{job_id:uuid}", include_in_schema=False)
async def report_page(
    request: PageRequest, pages: PagesHere, reader: ReaderHere, job_id: FromPath[UUID]
) -> Response[str]:
    """How far the report is, and when it is there, what to do with it. Refuses `job_unknown`,
    `month_invalid`."""
    require(reader.principal, Permission.REQUEST_REPORTS)
    job = await _job(reader, job_id)
    month = Month.parse(request.query_params.get("month", ""))
    async with reader.app.db.tenant(reader.principal.tenant) as connection:
        before = await SUBMISSION_LIST.page(
            connection, reader.principal.tenant, Paging(1), month=month
        )
    wording = pages.wording(request, reader.principal.zone)
    return pages.render(
        request,
        "_report.html" if request.htmx else "report.html",
        zone=reader.principal.zone,
        reader=reader,
        job=job,
        month=month,
        before=before.rows[0] if before.rows else None,
        may_submit=may(reader.principal, Permission.SUBMIT_FIGURES),
        failure=sentence(job.error, job.error_params, wording.language) if job.error else None,
    )


@post(PLACE, include_in_schema=False, status_code=HTTP_303_SEE_OTHER)
async def submit(request: PageRequest, reader: ReaderHere) -> Response[str]:
    """Submits a report, for the first time or again. Refuses `csrf_refused` and what the commands
    refuse."""
    form = await request.form()
    require_csrf(request, form.get(CSRF_FIELD))
    report, submission = str(form.get("report") or ""), form.get("submission")
    command = SubmitAgain(str(submission), report) if submission else SubmitFigures(report)
    return await _does(reader, command)


@post(
    PLACE + "/{submission_id:str}/acknowledge",
    include_in_schema=False,
    status_code=HTTP_303_SEE_OTHER,
)
async def acknowledge(
    request: PageRequest, reader: ReaderHere, submission_id: FromPath[str]
) -> Response[str]:
    """Takes note of what touched the last vintage. Refuses `csrf_refused`, `nothing_restated`,
    `note_missing`, `permission_refused`."""
    form = await request.form()
    require_csrf(request, form.get(CSRF_FIELD))
    return await _does(reader, AcknowledgeRestatement(submission_id, str(form.get("note") or "")))


def submitted(row: SubmissionRow, scheme: Scheme) -> Submitted:
    """A row with its figures named; those of a KPI that there is no more are left out."""
    return Submitted(
        row, Month.parse(row.month), [_vintage(one, row, scheme) for one in reversed(row.vintages)]
    )


def _vintage(vintage: VintageRow, row: SubmissionRow, scheme: Scheme) -> Vintage:
    return Vintage(
        row=vintage,
        figures=[(BY_SLUG[slug], one) for slug, one in vintage.figures.items() if slug in BY_SLUG],
        rounding=_rounding(vintage, scheme),
        restatements=[
            (one, [(BY_SLUG[each.kpi], each) for each in one.figures if each.kpi in BY_SLUG])
            for one in reversed(row.restatements)
            if one.vintage == vintage.number
        ],
    )


def _rounding(vintage: VintageRow, scheme: Scheme) -> str:
    """As the last of its versions says."""
    last = vintage.scheme_versions[-1] if vintage.scheme_versions else 0
    known = {version.number: version.parameters for version in scheme.versions}
    return known.get(last, Parameters()).rounding


async def _names(
    connection: Connection, reader: Reader, rows: Iterable[SubmissionRow]
) -> Mapping[str, str]:
    """Of the people whose events touched something, for who may see names."""
    if not may(reader.principal, Permission.READ_TRAINEES):
        return {}
    figures = (figure for row in rows for one in row.restatements for figure in one.figures)
    people = {cause.trainee_id for figure in figures for cause in figure.causes}
    found = await TRAINEE_LIST.by_id(connection, reader.principal.tenant, people)
    return {trainee_id: row.name or row.employee_no for trainee_id, row in found.items()}


async def _does(reader: Reader, command: msgspec.Struct) -> Response[Any]:
    done = await execute(reader.app.context(reader.principal), command)
    await reader.app.wait_for(reader.principal.tenant, (SUBMISSIONS,), done.position)
    return Redirect(f"{PLACE}#{done.stream_id}", status_code=HTTP_303_SEE_OTHER)


async def _job(reader: Reader, job_id: UUID) -> Job:
    job = await reader.app.jobs.get_job(reader.principal.tenant, job_id)
    if job is None or job.kind != RENDER:
        raise NotFoundError("job_unknown", id=str(job_id))
    return job


def _months(reader: Reader) -> list[Month]:
    """The running month and those before it, the latest first."""
    running = reader.today.year * 12 + reader.today.month - 1
    return [Month(n // 12, n % 12 + 1) for n in range(running, running - MONTHS_OFFERED, -1)]
