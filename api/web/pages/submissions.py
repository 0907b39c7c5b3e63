"""Submitted figures (上报): the vintages, their restatements, and submitting again.

A report is made first and looked at; submitting it pins what it states.
"""

from collections.abc import Sequence
from typing import cast
from urllib.parse import urlencode
from uuid import UUID, uuid4

from litestar import Response, get, post
from litestar.params import FromPath
from msgspec import Struct

from api.needs import needs
from api.web.kit.addresses import number_in
from api.web.kit.carried_out import telling, told
from api.web.kit.days import month_typed
from api.web.kit.form_field import YES
from api.web.kit.form_state import CONFIRMED, KEY, sent_text
from api.web.kit.page import REDRAWS, PageContext, PageHere, redirect
from api.web.kit.slices import slice_of, start_of
from api.web.kit.table import nearest_page
from api.web.pages.causes import told_causes
from api.web.pages.scheme import scheme_of
from api.web.pages.submitting import Offer, WaitingReports, offer_of, outdated_of, waiting_reports
from domain.kernel.errors import NotFoundError, Refusal
from domain.kernel.values import Month, Ratio
from domain.kpi.catalog import BY_SLUG, HEADLINES, kpi_by_slug
from domain.kpi.catalog.people import WENT_LIVE
from domain.kpi.kpi import Kpi
from domain.kpi.proof.restatement import Cause, Restatement
from domain.kpi.scheme.versions import Scheme
from projections.kernel.paging import Paging
from projections.reporting.submissions import (
    SUBMISSION_LIST,
    SUBMISSIONS,
    RestatementRow,
    SubmissionRow,
    VintageRow,
)
from services.execute import checked_key, execute
from services.jobs.jobs import RENDER, Job
from services.kernel.beside import beside
from services.kernel.fields import ReportLanguage
from services.kernel.permissions import Permission
from services.reading.moment import Question
from services.reporting.report import RequestReport

PLACE = "/submissions"

MONTHS = 12
"""Submitted months on a page."""

CAUSES = 10
"""Causes of a restated figure that stand beside it; the others have a page."""


class Vintage(Struct, frozen=True):
    """A vintage and its restatements."""

    row: VintageRow
    figures: list[tuple[Kpi, Ratio]]
    rounding: str
    restatements: list["OpenedRestatement"]


class RestatedFigure(Struct, frozen=True):
    """A figure before and after what restated it. movers: the causes that added anything, which add
    up as all do; others: those that added nothing."""

    kpi: Kpi
    old: Ratio
    new: Ratio
    movers: list[Cause]
    others: list[Cause]


class OpenedRestatement(Struct, frozen=True):
    """A restatement, and the figures that it touched: those that are others now, and those behind
    which alone something changed."""

    row: RestatementRow
    figures: list[RestatedFigure]

    @property
    def changed(self) -> list[RestatedFigure]:
        return [one for one in self.figures if one.old != one.new]

    @property
    def unchanged(self) -> list[RestatedFigure]:
        return [one for one in self.figures if one.old == one.new]


class Submitted(Struct, frozen=True):
    """A month; vintages, the latest first."""

    row: SubmissionRow
    month: Month
    vintages: list[Vintage]

    @property
    def standing(self) -> str:
        """Whether the last vintage stands: `stands`, `restated`, or `acknowledged` since."""
        if self.row.is_restated:
            return "restated"
        return "acknowledged_only" if self.vintages[0].restatements else "stands"


@get(PLACE, opt=needs(Permission.READ_FIGURES))
async def submissions_page(page: PageHere) -> Response[str]:
    """The months that were submitted, the latest first. Refuses `cursor_invalid`."""
    return await _submissions_page(page)


async def _submissions_page(
    page: PageContext, refusal: Refusal | None = None, chosen: str = "", key: str | None = None
) -> Response[str]:
    """chosen: the month of a report that was asked for; key: with which it is asked for again."""
    lists, query = page.lists(), page.request.query_params
    before = query.get("before")
    paging = Paging(MONTHS, query.get("after"), before, backward=before is not None)
    found = await nearest_page(lists, SUBMISSION_LIST, paging)
    versions = await lists.scheme_versions()
    scheme, months = scheme_of(versions), await _months(page)
    may_request, is_first = page.may(Permission.REQUEST_REPORTS), not found.has_previous
    shown = await submitted(found.rows, scheme)
    opened = (one for each in shown for vintage in each.vintages for one in vintage.restatements)
    told_of = [cause for one in opened for each in one.changed for cause in each.movers[:CAUSES]]
    return page.render(
        "submissions.html",
        submitted=shown,
        found=found,
        most_causes=CAUSES,
        causes=await told_causes(page, told_of, versions),
        months=[(str(one), page.wording.month(one)) for one in months if months[one]],
        has_newcomers=bool(months),
        running=str(Month.of(page.today)),
        may_submit=page.may(Permission.SUBMIT_FIGURES),
        may_request=may_request,
        waiting=await waiting_reports(page) if may_request and is_first else WaitingReports(),
        done=await told(page, (SUBMISSIONS,)),
        key=key or str(uuid4()),
        chosen=chosen,
        refusal=refusal,
    )


@get(PLACE + "/{submission_id:str}/{number:str}/{kpi:str}", opt=needs(Permission.READ_FIGURES))
async def causes_page(
    page: PageHere, submission_id: FromPath[str], number: FromPath[str], kpi: FromPath[str]
) -> Response[str]:
    """Every record that restated one figure, those that moved it before the others.

    Refuses `submission_unknown`, `kpi_unknown`.
    """
    row = await page.lists().get(SUBMISSION_LIST, id=submission_id)
    restated = _restated(row, number_in(number), kpi) if row else None
    if row is None or restated is None:
        raise NotFoundError("submission_unknown")
    found = await beside(_told_apart, kpi_by_slug(kpi), restated)
    shown = slice_of([*found.movers, *found.others], start_of(page.request.query_params))
    return page.render(
        "restated.html",
        kpi=found.kpi,
        row=row,
        month=Month.parse(row.month),
        number=number,
        shown=shown,
        movers=len(found.movers),
        causes=await told_causes(page, shown.rows, await page.lists().scheme_versions()),
    )


@post(f"{PLACE}/reports", opt=needs(Permission.REQUEST_REPORTS) | {REDRAWS: True})
async def request_report(page: PageHere) -> Response[str]:
    """Lets a worker make a month's report. Refuses `permission_refused`, `month_invalid`,
    `month_in_future`."""
    sent = await page.form()
    month, key = str(month_typed(sent_text(sent, "month") or "")), sent_text(sent, KEY)
    if unsaved := page.unsaved:
        return await _submissions_page(page, unsaved, month, key)
    # The same page may ask for several months, and for each of them once.
    once = checked_key(f"{key} {month}") if key else None
    language = cast(ReportLanguage, page.wording.language)
    context = page.app.context(page.principal, idempotency_key=once)
    done = await execute(context, RequestReport(month, language))
    return redirect(f"{PLACE}/reports/{done.answer['job_id']}")


@get(PLACE + "/reports/{job_id:uuid}", opt=needs(Permission.REQUEST_REPORTS))
async def report_page(page: PageHere, job_id: FromPath[UUID]) -> Response[str]:
    """How far the report is, and when it is there, the form to submit it. Refuses `job_unknown`."""
    job = await page.job(job_id, RENDER)
    return await _report_page(page, job, await offer_of(page, job))


@post(PLACE + "/reports/{job_id:uuid}", opt=needs(Permission.SUBMIT_FIGURES) | {REDRAWS: True})
async def submit(page: PageHere, job_id: FromPath[UUID]) -> Response[str]:
    """Submits a report, for the first time or again; twice is once. Refuses `job_unknown`, and
    what the commands refuse."""
    job = await page.job(job_id, RENDER)
    offer = await offer_of(page, job)
    if offer.before and offer.is_submitted:
        return redirect(f"{PLACE}#{offer.before.submission_id}")
    if unsaved := page.unsaved:
        return await _report_page(page, job, offer, unsaved)
    if not offer.refusal and (await page.form()).get(CONFIRMED) != YES:
        missing = "provisional_unconfirmed" if offer.unsettled else "confirmation_missing"
        return await _report_page(page, job, offer, Refusal(missing))
    return await _execute(page, offer.command, f"submit {offer.report.id}")


async def submitted(rows: Sequence[SubmissionRow], scheme: Scheme) -> list[Submitted]:
    """Rows with their figures named; those of a KPI that there is no more are left out."""
    return await beside(lambda: [_submitted(row, scheme) for row in rows])


def _submitted(row: SubmissionRow, scheme: Scheme) -> Submitted:
    return Submitted(
        row, Month.parse(row.month), [_vintage(one, row, scheme) for one in reversed(row.vintages)]
    )


def _told_apart(kpi: Kpi, restated: Restatement) -> RestatedFigure:
    movers, others = list[Cause](), list[Cause]()
    for cause in restated.causes:
        (movers if cause.moved else others).append(cause)
    return RestatedFigure(kpi, restated.old, restated.new, movers, others)


def _restated(row: SubmissionRow, number: int | None, kpi: str) -> Restatement | None:
    figures = (each.figures for each in row.restatements if each.number == number)
    return next((one for its in figures for one in its if one.kpi == kpi), None)


def _vintage(vintage: VintageRow, row: SubmissionRow, scheme: Scheme) -> Vintage:
    return Vintage(
        row=vintage,
        figures=[(BY_SLUG[slug], one) for slug, one in vintage.figures.items() if slug in BY_SLUG],
        rounding=scheme.rounding_of(vintage.scheme_versions),
        restatements=[
            OpenedRestatement(
                one,
                [_told_apart(BY_SLUG[of.kpi], of) for of in one.figures if of.kpi in BY_SLUG],
            )
            for one in reversed(row.restatements)
            if one.vintage == vintage.number
        ],
    )


async def _report_page(
    page: PageContext, job: Job, offer: Offer, refusal: Refusal | None = None
) -> Response[str]:
    return page.render_part(
        "report.html",
        job=job,
        offer=offer,
        outdated=await outdated_of(page, offer),
        month=offer.report.month,
        key=str(uuid4()),
        may_submit=page.may(Permission.SUBMIT_FIGURES),
        failure=page.failure(job),
        refusal=refusal,
    )


async def _execute(page: PageContext, command: Struct, key: str) -> Response[str]:
    done = await execute(page.app.context(page.principal, idempotency_key=key), command)
    says = await telling(page, type(command), (SUBMISSIONS,), done.position)
    return redirect(f"{PLACE}?{urlencode(says)}#{done.stream_id}")


async def _months(page: PageContext) -> dict[Month, bool]:
    """The months that have begun and have newcomers, the latest first: whether there is something
    to submit of each, which is due where somebody went live."""
    asked, kpis = Question(page.today, page.today), (*HEADLINES, WENT_LIVE)
    answer = await page.app.figures.answer(page.principal, asked, kpis, ("month",))
    found = {Month.parse(month): figures for month, figures in answer.ways["month"].items()}
    return {
        month: figures[WENT_LIVE.slug].ratio.numerator > 0
        or any(figures[kpi.slug].ratio.denominator for kpi in HEADLINES)
        for month, figures in sorted(found.items(), reverse=True)
        if month <= Month.of(page.today)
    }
