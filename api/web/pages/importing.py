"""Importing a workbook from a page: check first, look at every row, then write."""

import asyncio
from collections.abc import Sequence
from functools import partial
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.params import FromPath

from api.http.downloads import uuid_of
from api.http.imports import uploads
from api.requests import LARGEST_UPLOAD
from api.web.kit.addresses import named_address
from api.web.kit.carried_out import are_shown, told
from api.web.kit.page import REDRAWS, PageContext, PageHere, redirect
from api.web.kit.slices import slice_of, start_of
from api.web.pages.checking import (
    FilledIn,
    address_of,
    changing,
    check_anew,
    read_asked,
    unknown_managers,
)
from api.web.pages.import_words import (
    IMPORTS,
    UnknownWord,
    meaning,
    remembered,
    unknown_words,
)
from api.web.pages.resources import RESOURCES
from domain.kernel.errors import Refusal
from projections.trainees.cohort_roster import TRAINEE_LIST
from projections.trainees.orders import ORDER_LIST
from services.importing.report import ImportReport, Outcome, RowReport, SheetReport
from services.importing.sheets.orders import ORDERS
from services.importing.sheets.roster import COHORT_OPENED
from services.importing.telling import told_facts
from services.importing.template import FILLED
from services.importing.vocabulary import taught_words
from services.jobs.imports import ImportOrder, UndoOrder
from services.jobs.jobs import IMPORT, UNDO, Job, JobState, cancel_if_under_way
from services.kernel.permissions import Permission

OUTCOMES = tuple(map(str, Outcome))
TROUBLE = "trouble"
"""Instead of an outcome: the rows that a person has to mend, as they are first shown."""
NOTES_SHOWN = 50
"""Notes on a page at most; the whole report has all of them."""
ALL = "all"
"""Instead of an outcome: the rows of all."""
CONFIRMED = "confirmed"
"""In an address: an import was confirmed, and what was entered before had to be checked first."""
EARLIER_SHOWN = 20
"""Earlier imports on a page."""
SHOWN_BY = [of for one in RESOURCES.all for of in one.projections]
"""The read models in which people look for what was imported."""


class EarlierImport(msgspec.Struct, frozen=True):
    """A check, an import or an undoing of before."""

    job: Job
    order: ImportOrder | UndoOrder

    @property
    def is_undone(self) -> bool:
        """Whether it is an import that was taken back."""
        return self.job.state is JobState.UNDONE

    @property
    def actor(self) -> str:
        return self.order.actor

    @property
    def step(self) -> str:
        """What was done: check, run or undo."""
        if isinstance(self.order, UndoOrder):
            return "undo"
        return "check" if self.order.dry_run else "run"

    @property
    def address(self) -> str:
        if isinstance(self.order, UndoOrder):
            return f"/import/{self.order.imported}/undo"
        return f"/import/{self.job.id}"

    @property
    def said(self) -> list[tuple[str, int]]:
        """What came of it: message ids and how many."""
        result = self.job.result or {}
        if self.step == "undo":
            left, withdrawn = result.get("count", 0), result.get("events", 0)
            said = [("import.undo.withdrawn", withdrawn), ("import.undo.refused", left)]
            return said if left and withdrawn else said[:1] if result and not left else []
        words = "import.planned." if self.step == "check" else "import.carried_out."
        words = "import.outcome." if self.is_undone else words
        counts = result.get("counts", {})
        return [(words + one, counts[one]) for one in OUTCOMES if counts.get(one)]


def _earlier(jobs: Sequence[Job]) -> list[EarlierImport]:
    orders: dict[str, type[ImportOrder | UndoOrder]] = {IMPORT: ImportOrder, UNDO: UndoOrder}
    return [EarlierImport(one, msgspec.convert(one.payload, orders[one.kind])) for one in jobs]


@get("/import", opt=IMPORTS)
async def import_page(page: PageHere) -> Response[str]:
    """The form, and what was imported before."""
    return await _import_page(page)


async def _import_page(page: PageContext, refusal: Refusal | None = None) -> Response[str]:
    before = uuid_of(page.request.query_params.get("before", ""))
    jobs = await page.app.imports.earlier(page.principal, before, EARLIER_SHOWN + 1)
    earlier = _earlier(jobs[:EARLIER_SHOWN])
    words = await taught_words(page.app.context(page.principal))
    return page.render(
        "import.html",
        refusal=refusal,
        done=None if refusal else await told(page, ()),
        filled=list(FILLED),
        earlier=earlier,
        who=await page.recorders(earlier),
        words=[(one, meaning(page.wording, one.of, one.means)) for one in words],
        next_before=earlier[-1].job.id if len(jobs) > EARLIER_SHOWN else None,
    )


@post(
    "/import",
    request_max_body_size=LARGEST_UPLOAD,
    opt=IMPORTS | {REDRAWS: True},
)
async def check_files(page: PageHere) -> Response[str]:
    """Keeps the files and has a worker rehearse their import."""
    form = await page.form()
    try:
        page.require_current_form()
        job = await page.app.imports.request_import(
            page.principal,
            [one for one in uploads(form) if one.name],
            language=page.wording.language,
            dry_run=True,
        )
    except Refusal as refusal:
        return await _import_page(page, refusal)
    return redirect(f"/import/{job.id}")


@get("/import/{job_id:uuid}", opt=IMPORTS)
async def import_job_page(page: PageHere, job_id: FromPath[UUID]) -> Response[str]:
    """How far it is, and at the end what became of every row. Refuses `job_unknown`."""
    return await _job_page(page, await page.job(job_id, IMPORT))


async def _job_page(
    page: PageContext, job: Job, refusal: Refusal | None = None, asked: FilledIn | None = None
) -> Response[str]:
    query = page.request.query_params
    report = await _report(page, job)
    first = TROUBLE if report and report.refused else ALL
    wanted = query.get("outcome") or first
    chosen = wanted if wanted in (*OUTCOMES, TROUBLE) else ALL
    rows = _rows(report, chosen) if report else []
    order, imports = msgspec.convert(job.payload, ImportOrder), page.app.imports
    last = await imports.last_run_of(page.principal, job) if order.dry_run else None
    run = None if last is None or last.came_to_nothing else last
    undoing = None if order.dry_run else await imports.undoing(page.principal, job)
    sheets = _sheets_to_choose(report) if run is None else []
    is_open = report is not None and report.dry_run and run is None
    is_undone = job.state is JobState.UNDONE
    is_asked = order.dry_run and run is None and job.is_over
    is_recorded = not order.dry_run and not is_undone
    is_linked = is_recorded and page.may(Permission.READ_TRAINEES)
    ticked = [one.name for one in sheets if one.kind]
    tried = [UnknownWord(one.of, one.word, "", ()).taught(one.means) for one in order.words]
    asked = asked or FilledIn(sheets=ticked, words=tried if job.error else ())
    known = await taught_words(page.app.context(page.principal)) if is_asked else []
    return page.render_part(
        "import_job.html",
        job=job,
        order=order,
        counts=report and report.counts,
        report=report,
        outcomes=OUTCOMES,
        trouble=TROUBLE if report and report.refused else None,
        told_facts=partial(told_facts, texts=page.wording.t, is_planned=order.dry_run),
        notes_shown=NOTES_SHOWN,
        sheets=sheets,
        ticked=ticked,
        changing=changing(report, asked) if report and is_open else [],
        managers=unknown_managers(report) if report and is_open else [],
        asked=asked,
        confirmed=CONFIRMED if CONFIRMED in query else None,
        unknown=unknown_words(job, report, order.words, known) if is_asked else [],
        remembered=remembered(order.words, known),
        meaning=partial(meaning, page.wording),
        address_of=address_of,
        is_open=is_open,
        chosen=chosen,
        shown=slice_of(rows, start_of(query)),
        failure=page.failure(job),
        run=run,
        last_run=last,
        undoing=undoing,
        undone=is_undone,
        is_linked=is_linked,
        home_of=_home_of if is_linked else lambda _: None,
        cohort_opened=COHORT_OPENED,
        since=await _recorded_since(page, report) if report and is_open else 0,
        is_shown=not (report and is_recorded) or await are_shown(page, SHOWN_BY, report.position),
        refusal=refusal,
    )


@post("/import/{job_id:uuid}", opt=IMPORTS | {REDRAWS: True})
async def carry_out(page: PageHere, job_id: FromPath[UUID]) -> Response[str]:
    """Imports the files that were checked; asking twice imports once. What was entered since is
    checked first, and nothing imported. Refuses `permission_refused`, `job_unknown`,
    `import_unchecked`."""
    checked = await page.job(job_id, IMPORT)
    asked = await read_asked(await page.form())
    if asked.is_unchecked:
        return await _checked_anew(page, checked, asked, f"?{CONFIRMED}=yes")
    if unsaved := page.unsaved:
        return await _job_page(page, checked, unsaved)
    job = await page.app.imports.carry_out(page.principal, checked)
    return redirect(f"/import/{job.id}")


@post(
    "/import/{job_id:uuid}/check",
    opt=IMPORTS | {REDRAWS: True},
)
async def check_again(page: PageHere, job_id: FromPath[UUID]) -> Response[str]:
    """Checks the files of a check anew with what was entered since. Refuses `permission_refused`,
    `job_unknown`."""
    checked = await page.job(job_id, IMPORT)
    return await _checked_anew(page, checked, await read_asked(await page.form()))


async def _checked_anew(
    page: PageContext, checked: Job, asked: FilledIn, query: str = ""
) -> Response[str]:
    try:
        page.require_current_form()
        job = await check_anew(page, checked, asked)
    except Refusal as refusal:
        return await _job_page(page, checked, refusal, asked)
    return redirect(f"/import/{job.id}{query}")


@post(
    "/import/{job_id:uuid}/cancel",
    opt=IMPORTS | {REDRAWS: True},
)
async def cancel(page: PageHere, job_id: FromPath[UUID]) -> Response[str]:
    """Stops the import; rows that were written stay. A job that is over is shown as it is. Refuses
    `permission_refused`, `job_unknown`."""
    job = await page.job(job_id, IMPORT)
    if unsaved := page.unsaved:
        return await _job_page(page, job, unsaved)
    await cancel_if_under_way(page.principal, page.app.jobs, job)
    return redirect(f"/import/{job.id}")


def _home_of(row: RowReport) -> str | None:
    """The address of whom or of what a row is about, where that is recorded."""
    if not row.about or not row.is_recorded:
        return None
    kind = ORDER_LIST.kind if row.kind == ORDERS.slug else TRAINEE_LIST.kind
    return named_address(kind, row.about)


def _rows(report: ImportReport, chosen: str) -> list[RowReport]:
    """The rows of an outcome; of those to be mended, first those of which a cell was mended."""
    if chosen == TROUBLE:
        return sorted(report.refused, key=lambda row: not row.is_mended)
    return [row for row in report.rows if chosen in (ALL, row.outcome)]


def _sheets_to_choose(report: ImportReport | None) -> list[SheetReport]:
    """The sheets of a check of which some could be imported alone; none where there is one."""
    if report is None or not report.dry_run:
        return []
    by_name: dict[str, SheetReport] = {}
    for sheet in report.sheets:
        known = by_name.setdefault(sheet.name, sheet)
        if known is not sheet:
            rows, notes = known.rows + sheet.rows, [*known.notes, *sheet.notes]
            both = msgspec.structs.replace(
                known, kind=known.kind or sheet.kind, rows=rows, notes=notes
            )
            by_name[sheet.name] = both
    return list(by_name.values()) if len(by_name) > 1 else []


async def _recorded_since(page: PageContext, report: ImportReport) -> int:
    """How many records stand that a check did not know, whoever made them."""
    if report.known is None:
        return 0
    return await page.app.recorded_since(page.tenant, report.known)


async def _report(page: PageContext, job: Job) -> ImportReport | None:
    if job.result is None:
        return None
    file = await page.app.files.get_file(page.tenant, UUID(job.result["file_id"]))
    if file is None:
        return None
    content = await asyncio.to_thread(page.app.files.path(page.tenant, file).read_bytes)
    return await asyncio.to_thread(msgspec.json.decode, content, type=ImportReport)
