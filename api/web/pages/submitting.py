"""What submitting a report would do: which command it is, whether it would be refused, and what is
not final yet."""

from msgspec import Struct

from api.web.kit.page import PageContext
from domain.kernel.errors import Refusal
from domain.kpi.catalog import BY_SLUG
from domain.kpi.evaluation import evaluate
from domain.kpi.kpi import Kpi, KpiFigure
from domain.reporting.report import Report
from projections.kernel.paging import Paging
from projections.reporting.submissions import SUBMISSION_LIST, SubmissionRow
from services.execute import execute
from services.jobs.jobs import Job
from services.kernel.beside import beside
from services.kernel.context import Context
from services.kernel.rehearsal import rehearsing
from services.kernel.work import Work
from services.reading.moment import Question
from services.reporting.submission import SubmitAgain, SubmitFigures

Unsettled = tuple[tuple[Kpi, KpiFigure], ...]


class Offer(Struct, frozen=True):
    """A report with the submission before it. number: the vintage that it would be, or is.

    refusal: why it cannot be submitted. unsettled: the figures that may still change.
    """

    report: Report
    before: SubmissionRow | None
    command: SubmitFigures | SubmitAgain
    refusal: Refusal | None
    unsettled: Unsettled
    number: int

    @property
    def is_submitted(self) -> bool:
        """Whether this very report was submitted before."""
        vintages = self.before.vintages if self.before else ()
        return any(vintage.report_id == self.report.id for vintage in vintages)


async def offer_of(page: PageContext, job: Job) -> Offer:
    """What may be done with the report that a job makes."""
    ctx = page.app.context(page.principal)
    report = await Work(ctx).load(Report, job.payload["report_id"])
    month = report.month
    found = await page.app.lists(page.tenant).page(SUBMISSION_LIST, Paging(1), month=month)
    before = found.rows[0] if found.rows else None
    command: SubmitFigures | SubmitAgain = (
        SubmitAgain(before.submission_id, report.id) if before else SubmitFigures(report.id)
    )
    return Offer(
        report=report,
        before=before,
        command=command,
        refusal=await _refusal_of(ctx, command),
        unsettled=await _unsettled(page, report),
        number=before.vintage + 1 if before else 1,
    )


async def _refusal_of(ctx: Context, command: Struct) -> Refusal | None:
    try:
        await execute(rehearsing(ctx), command)
    except Refusal as refusal:
        return refusal
    return None


async def _unsettled(page: PageContext, report: Report) -> Unsettled:
    """The figures that the report states and that were not final on its evening."""
    if report.rendered is None or not report.rendered.figures:
        return ()
    kpis = [BY_SLUG[slug] for slug in report.rendered.figures if slug in BY_SLUG]
    known_by = report.rendered.pinned_position
    asked = Question(report.happened_by, month=str(report.month), known_by=known_by)
    basis = await page.app.figures.basis(page.principal, asked)
    found = await beside(evaluate, kpis, basis)
    figures = ((kpi, found.figures[kpi.slug]) for kpi in kpis)
    return tuple((kpi, one) for kpi, one in figures if one.ratio.denominator and not one.is_final)
