"""What submitting a report would do: which command it is, whether it would be refused, and what is
not final yet."""

from collections.abc import Iterable
from datetime import date

from msgspec import Struct

from api.web.kit.page import PageContext
from api.web.pages.scheme import scheme_of
from domain.kernel.errors import Refusal
from domain.kernel.values import Month, Ratio
from domain.kpi.catalog import BY_SLUG
from domain.kpi.evaluation import evaluate
from domain.kpi.kpi import Kpi
from domain.reporting.report import Report
from projections.kernel.paging import Paging
from projections.reporting.submissions import SUBMISSION_LIST, SubmissionRow
from services.execute import execute
from services.jobs.jobs import Job, JobState
from services.kernel.beside import beside
from services.kernel.context import Context
from services.kernel.rehearsal import rehearsing
from services.kernel.work import Work
from services.reading.moment import Question
from services.reporting.report import RENDER
from services.reporting.submission import SubmitAgain, SubmitFigures

LOOKED_AT = 20
"""Reports, those asked for last, among which some may wait to be submitted."""


class StatedFigure(Struct, frozen=True):
    """A figure as a report states it. final_on: when it becomes final, where that is known."""

    kpi: Kpi
    ratio: Ratio
    is_provisional: bool
    final_on: date | None


class Offer(Struct, frozen=True):
    """A report with the submission before it. number: the vintage that it would be, or is.

    refusal: why it cannot be submitted. rounding: of what it states.
    """

    report: Report
    before: SubmissionRow | None
    command: SubmitFigures | SubmitAgain
    refusal: Refusal | None
    figures: tuple[StatedFigure, ...]
    rounding: str
    number: int

    @property
    def unsettled(self) -> list[StatedFigure]:
        """The figures that may still change."""
        return [one for one in self.figures if one.is_provisional]

    @property
    def is_running(self) -> bool:
        """Whether the month was not over."""
        return not self.report.month.is_over_on(self.report.happened_by)

    @property
    def is_submitted(self) -> bool:
        """Whether this very report was submitted before."""
        vintages = self.before.vintages if self.before else ()
        return any(vintage.report_id == self.report.id for vintage in vintages)


class WaitingReport(Struct, frozen=True):
    """A report that was asked for and has yet to be submitted, with the job that makes it."""

    month: Month
    job: Job


async def waiting_reports(page: PageContext, known: Iterable[SubmissionRow]) -> list[WaitingReport]:
    """The last report of each month that was asked for since the month was submitted, the last
    asked for first. known: submitted months, which need not be looked up."""
    jobs = await page.app.jobs.list_jobs(page.tenant, (RENDER,), before=None, most=LOOKED_AT)
    by_month = {row.month: row for row in known}
    found = dict[str, WaitingReport]()
    for job in jobs:
        month = job.payload.get("month")  # Not noted by an earlier release.
        if month is None or month in found or job.state is JobState.CANCELLED:
            continue
        if month not in by_month:
            rows = (await page.lists().page(SUBMISSION_LIST, Paging(1), month=month)).rows
            by_month |= {row.month: row for row in rows}
        submitted = by_month.get(month)
        if submitted is None or submitted.vintages[-1].submitted_at < job.created_at:
            found[month] = WaitingReport(Month.parse(month), job)
    return list(found.values())


async def offer_of(page: PageContext, job: Job) -> Offer:
    """What may be done with the report that a job makes."""
    ctx = page.app.context(page.principal)
    report = await Work(ctx).load(Report, job.payload["report_id"])
    month = report.month
    found = await page.lists().page(SUBMISSION_LIST, Paging(1), month=month)
    before = found.rows[0] if found.rows else None
    scheme = scheme_of(await page.lists().scheme_versions())
    command: SubmitFigures | SubmitAgain = (
        SubmitAgain(before.submission_id, report.id) if before else SubmitFigures(report.id)
    )
    return Offer(
        report=report,
        before=before,
        command=command,
        refusal=await _refusal_of(ctx, command),
        figures=await _figures(page, report),
        rounding=scheme.rounding_of(report.rendered.scheme_versions if report.rendered else ()),
        number=before.vintage + 1 if before else 1,
    )


async def _refusal_of(ctx: Context, command: Struct) -> Refusal | None:
    try:
        await execute(rehearsing(ctx), command)
    except Refusal as refusal:
        return refusal
    return None


async def _figures(page: PageContext, report: Report) -> tuple[StatedFigure, ...]:
    """The figures that the report states."""
    rendered = report.rendered
    if rendered is None or not rendered.figures:
        return ()
    stated = {BY_SLUG[slug]: one for slug, one in rendered.figures.items() if slug in BY_SLUG}
    day, known_by = report.happened_by, rendered.pinned_position
    asked = Question(day, day, month=str(report.month), known_by=known_by)
    basis = await page.app.figures.basis(page.principal, asked)
    found = await beside(evaluate, list(stated), basis)
    open_ones = rendered.provisional
    if open_ones is None:  # As its worker would have noted it.
        slugs = [kpi.slug for kpi in stated]
        open_ones = found.provisional(slugs, report.month, day)
    return tuple(
        StatedFigure(kpi, ratio, kpi.slug in open_ones, found[kpi.slug].final_on)
        for kpi, ratio in stated.items()
    )
