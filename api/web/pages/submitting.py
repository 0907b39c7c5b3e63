"""What submitting a report would do: which command it is, whether it would be refused, and what is
not final yet."""

from collections.abc import Mapping, Sequence
from datetime import date

from msgspec import Struct

from api.web.kit.page import PageContext
from api.web.pages.scheme import scheme_of
from domain.kernel.errors import Refusal
from domain.kernel.values import Month, Ratio
from domain.kpi.catalog import BY_SLUG
from domain.kpi.kpi import Kpi
from domain.reporting.report import Report
from projections.kernel.paging import Paging
from projections.reporting.submissions import SUBMISSION_LIST, SubmissionRow
from services.execute import execute
from services.jobs.jobs import RENDER, Job, JobState, may_follow
from services.kernel.context import Context
from services.kernel.rehearsal import rehearsing
from services.kernel.work import Work
from services.reading.moment import Question
from services.reporting.submission import SubmitAgain, SubmitFigures

LOOKED_AT = 20
"""Reports, those asked for last, among which are looked for those that wait to be submitted."""


class StatedFigure(Struct, frozen=True):
    """A figure as a report states it. final_on: when it becomes final, where that is known."""

    kpi: Kpi
    ratio: Ratio
    is_provisional: bool
    final_on: date | None


class Outdated(Struct, frozen=True):
    """The stated figures that are others with what was recorded since, of the same evening, as they
    are by now, by their slugs. refusal: why that could not be found out."""

    figures: Mapping[str, Ratio] = {}
    refusal: Refusal | None = None


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
    """A report that was asked for and has yet to be submitted, with the job that makes it. later:
    one that was asked for after it and is not made."""

    month: Month
    job: Job
    later: Job | None = None


class WaitingReports(Struct, frozen=True):
    """Those of the last months that were asked for. is_cut: whether earlier ones may wait too."""

    reports: Sequence[WaitingReport] = ()
    is_cut: bool = False


async def waiting_reports(page: PageContext) -> WaitingReports:
    """The last report of each month that was asked for since the month was submitted, the last
    asked for first; one that is not made leaves its place to an earlier one that is."""
    if not may_follow(page.principal, RENDER):
        return WaitingReports()
    jobs = await page.app.jobs.list_jobs(page.tenant, (RENDER,), before=None, most=LOOKED_AT + 1)
    by_month = dict[str, list[Job]]()
    for job in jobs[:LOOKED_AT]:
        month = job.payload.get("month")  # Not noted by an earlier release.
        if month is not None and job.state is not JobState.CANCELLED:
            by_month.setdefault(month, []).append(job)
    submitted = await page.lists().resubmitted(list(by_month))
    found = []
    for month, its in by_month.items():
        since = submitted.get(month)
        if asked := [job for job in its if since is None or since < job.created_at]:
            best = next((job for job in asked if job.state is JobState.DONE), asked[0])
            later = asked[0] if asked[0] is not best else None
            found.append(WaitingReport(Month.parse(month), best, later))
    return WaitingReports(found, len(jobs) > LOOKED_AT)


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


async def outdated_of(page: PageContext, offer: Offer) -> Outdated:
    """Which figures of a report that may be submitted are others by now."""
    if offer.refusal or offer.is_submitted or not offer.figures:
        return Outdated()
    stated = {one.kpi.slug: one.ratio for one in offer.figures}
    day, kpis = offer.report.happened_by, [one.kpi for one in offer.figures]
    asked = Question(day, day, month=str(offer.report.month))
    try:
        now = (await page.app.figures.answer(page.principal, asked, kpis)).whole
    except Refusal as refusal:
        return Outdated(refusal=refusal)
    by_now = {slug: now[slug].ratio for slug in stated}
    return Outdated({slug: ratio for slug, ratio in by_now.items() if ratio != stated[slug]})


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
    open_ones = rendered.provisional
    try:
        found = (await page.app.figures.answer(page.principal, asked, list(stated))).whole
    except Refusal:
        if open_ones is None:
            raise
        # What it states stands; on which days it becomes final cannot be found out now.
        return tuple(
            StatedFigure(kpi, ratio, kpi.slug in open_ones, None) for kpi, ratio in stated.items()
        )
    if open_ones is None:  # As its worker would have noted it.
        slugs = [kpi.slug for kpi in stated]
        open_ones = found.provisional(slugs, report.month, day)
    return tuple(
        StatedFigure(kpi, ratio, kpi.slug in open_ones, found[kpi.slug].final_on)
        for kpi, ratio in stated.items()
    )
