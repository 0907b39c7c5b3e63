"""Submitted figures (上报): the vintages, their restatements, and submitting again.

A report is made first and looked at; submitting it pins what it states.
"""

from typing import cast
from uuid import UUID

from litestar import Response, get, post
from litestar.params import FromPath
from msgspec import Struct

from api.web.kit.page import PageContext, PageHere, redirect
from domain.kernel.values import Month, Ratio
from domain.kpi.catalog import BY_SLUG
from domain.kpi.kpi import Kpi
from domain.kpi.proof.restatement import Restatement
from domain.kpi.scheme.versions import Scheme
from projections.kernel.paging import LARGEST_PAGE, Paging
from projections.reporting.submissions import (
    SUBMISSION_LIST,
    SUBMISSIONS,
    RestatementRow,
    SubmissionRow,
    VintageRow,
)
from services.execute import execute
from services.kernel.fields import ReportLanguage
from services.kernel.permissions import Permission
from services.reporting.report import RENDER, RequestReport
from services.reporting.submission import AcknowledgeRestatement, SubmitAgain, SubmitFigures

PLACE = "/submissions"

MONTHS_OFFERED = 24


class Vintage(Struct, frozen=True):
    """A vintage and its restatements."""

    row: VintageRow
    figures: list[tuple[Kpi, Ratio]]
    rounding: str
    restatements: list[tuple[RestatementRow, list[tuple[Kpi, Restatement]]]]


class Submitted(Struct, frozen=True):
    """A month; vintages, the latest first."""

    row: SubmissionRow
    month: Month
    vintages: list[Vintage]


@get(PLACE)
async def submissions_page(page: PageHere) -> Response[str]:
    """All months that were submitted, the latest first."""
    page.require(Permission.READ_FIGURES)
    lists = page.app.lists(page.tenant)
    found = await lists.page(SUBMISSION_LIST, Paging(LARGEST_PAGE))
    scheme = Scheme(tuple(row.version for row in await lists.scheme_versions()))
    restated = (figure for row in found.rows for one in row.restatements for figure in one.figures)
    return page.render(
        "submissions.html",
        submitted=[submitted(row, scheme) for row in found.rows],
        has_more=found.has_next,
        names=await page.names({cause.trainee_id for one in restated for cause in one.causes}),
        months=[(str(month), page.wording.month(month)) for month in _months(page)],
        may_submit=page.may(Permission.SUBMIT_FIGURES),
        may_request=page.may(Permission.REQUEST_REPORTS),
    )


@post(f"{PLACE}/reports")
async def request_report(page: PageHere) -> Response[str]:
    """Lets a worker make a month's report. Refuses `permission_refused`, `month_invalid`,
    `month_in_future`."""
    month = str(Month.parse(str((await page.form()).get("month") or "")))
    language = cast(ReportLanguage, page.wording.language)
    done = await execute(page.app.context(page.principal), RequestReport(month, language))
    return redirect(f"{PLACE}/reports/{done.answer['job_id']}?month={month}")


@get(PLACE + "/reports/{job_id:uuid}")
async def report_page(page: PageHere, job_id: FromPath[UUID]) -> Response[str]:
    """How far the report is, and when it is there, the forms to submit it. Refuses `job_unknown`,
    `month_invalid`."""
    page.require(Permission.REQUEST_REPORTS)
    job = await page.job(job_id, RENDER)
    month = Month.parse(page.request.query_params.get("month", ""))
    before = await page.app.lists(page.tenant).page(SUBMISSION_LIST, Paging(1), month=month)
    return page.render_part(
        "report.html",
        job=job,
        month=month,
        before=before.rows[0] if before.rows else None,
        may_submit=page.may(Permission.SUBMIT_FIGURES),
        failure=page.failure(job),
    )


@post(PLACE)
async def submit(page: PageHere) -> Response[str]:
    """Submits a report, for the first time or again. Refuses what the commands refuse."""
    form = await page.form()
    report, submission = str(form.get("report") or ""), form.get("submission")
    command = SubmitAgain(str(submission), report) if submission else SubmitFigures(report)
    return await _execute(page, command)


@post(PLACE + "/{submission_id:str}/acknowledge")
async def acknowledge(page: PageHere, submission_id: FromPath[str]) -> Response[str]:
    """Acknowledges the restatements of the last vintage. Refuses `nothing_restated`,
    `note_missing`, `permission_refused`."""
    note = str((await page.form()).get("note") or "")
    return await _execute(page, AcknowledgeRestatement(submission_id, note))


def submitted(row: SubmissionRow, scheme: Scheme) -> Submitted:
    """A row with its figures named; those of a KPI that there is no more are left out."""
    return Submitted(
        row, Month.parse(row.month), [_vintage(one, row, scheme) for one in reversed(row.vintages)]
    )


def _vintage(vintage: VintageRow, row: SubmissionRow, scheme: Scheme) -> Vintage:
    return Vintage(
        row=vintage,
        figures=[(BY_SLUG[slug], one) for slug, one in vintage.figures.items() if slug in BY_SLUG],
        rounding=scheme.rounding_of(vintage.scheme_versions),
        restatements=[
            (one, [(BY_SLUG[each.kpi], each) for each in one.figures if each.kpi in BY_SLUG])
            for one in reversed(row.restatements)
            if one.vintage == vintage.number
        ],
    )


async def _execute(page: PageContext, command: Struct) -> Response[str]:
    done = await execute(page.app.context(page.principal), command)
    await page.app.wait_for(page.tenant, (SUBMISSIONS,), done.position)
    return redirect(f"{PLACE}#{done.stream_id}")


def _months(page: PageContext) -> list[Month]:
    """The running month and those before it, the latest first."""
    running = Month.of(page.today)
    return [running.next(-before) for before in range(MONTHS_OFFERED)]
