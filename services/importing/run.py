"""Carries out an import: many rows in flight, the rows of one person or order in their order."""

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable, Collection, Sequence
from typing import Any

import msgspec

from services.importing.assumed import with_assumed
from services.importing.enrolments import with_refused_enrolments
from services.importing.entries import read_sheets
from services.importing.facts import ASSUMED
from services.importing.identity import KnownPeople
from services.importing.mapping import ChangeDay, Mapping
from services.importing.mending import Mend, Mended
from services.importing.new_managers import (
    Managers,
    managers_in,
    unknown_in,
    with_new_managers,
)
from services.importing.read_sheet import Entry, RowPlace
from services.importing.remembering import remember
from services.importing.report import (
    LINE_OF_ANOTHER,
    Fault,
    ImportReport,
    Outcome,
    Place,
    RowReport,
    SheetReport,
)
from services.importing.rows import carry_out, in_two_steps
from services.importing.sheets.kind import SheetKind
from services.importing.steps import RowKey, RowStep, keys, steps
from services.importing.teaching import TeachWord
from services.importing.twins import with_recorded_twins
from services.importing.vocabulary import vocabulary_of
from services.importing.workbook import Workbook
from services.kernel.beside import beside
from services.kernel.context import Context
from services.kernel.permissions import Permission
from services.kernel.rehearsal import rehearsing
from services.people.acting import AsNow
from services.words.texts import READ_INTO

IN_FLIGHT = 256
"""Rows under way at once: two of the log's groups, of which one is decided while the other is
written."""

OnProgress = Callable[[int, int], None]
"""Called with rows done and rows in all."""


async def import_file(
    ctx: Context,
    workbook: Workbook,
    *,
    mapping: Mapping | None = None,
    only_sheets: Collection[str] = (),
    changed_on: Collection[ChangeDay] = (),
    mends: Sequence[Mend] = (),
    words: Collection[TeachWord] = (),
    dry_run: bool = False,
    progress: OnProgress | None = None,
    stop: asyncio.Event | None = None,
    people: KnownPeople | None = None,
    as_now: AsNow | None = None,
    in_flight: int = IN_FLIGHT,
) -> ImportReport:
    """Imports every row of the workbook; a `dry_run` decides every row and writes nothing. mends:
    what cells say instead of what they do. words: what headings and posts mean; a `dry_run` has
    them remembered where the sheets can be read by them. people: those recorded, whom new ones
    are told from.

    With an idempotency key a repeated run answers as the first one did, row by row, and writes
    nothing twice; without one it finds its rows recorded and skips them. stop: when set, no further
    step is begun. as_now: asked before each step who gives the commands. Raises Refusal for the
    workbook as a whole (read_sheets, `permission_refused`); a row's refusal is in the report.
    Raises what the log raises when it cannot be reached: run again to continue.
    """
    ctx.principal.require(Permission.IMPORT_FILES)
    own, mended = await vocabulary_of(ctx, [one.taught for one in words]), Mended(mends)
    workbook = mended.apply(workbook)
    sheets = await beside(read_sheets, workbook, mapping, only_sheets, own, changed_on)
    if dry_run:
        await remember(ctx, words, sheets)
    managers: Managers = {}
    if people:
        sheets = await with_recorded_twins(sheets, people)
        managers = await managers_in(sheets, people)
    if dry_run:
        ctx = rehearsing(ctx)
    known = await ctx.log.position(ctx.principal.tenant)
    entries = {(sheet.number, one.place.row): one for sheet in sheets for one in sheet.entries}
    runner = _Runner(ctx, mended, managers, progress, as_now, in_flight)
    rows, stopped = await runner.run(entries, stop or asyncio.Event())
    rows = await beside(with_refused_enrolments, rows)
    sheets = await beside(with_assumed, sheets, rows)
    sheets = await beside(with_new_managers, sheets, rows, managers, is_planned=dry_run)
    sheets = mended.with_headings(sheets)
    return ImportReport(
        files=workbook.files,
        dry_run=dry_run,
        sheets=[msgspec.convert(one, SheetReport, from_attributes=True) for one in sheets],
        rows=[*rows.values()],
        position=await ctx.log.position(ctx.principal.tenant),
        stopped=stopped,
        known=known,
    )


def _opened(entry: Entry) -> list[tuple[str, str]]:
    """Those of which a row that stands is carried out before all others."""
    return entry.kind.opens(entry.command) if entry.command else []


def _may_be_let_in(kind: SheetKind, first: RowReport) -> bool:
    """Whether something of a row was refused, or left beside a cell that was, for lack of what a
    later kind of sheet may say."""
    codes = kind.let_in.codes if kind.let_in else ()
    needed = {fact.name: fact.rests_on for fact in kind.facts if fact.lacking in codes}
    return any(fault.code in codes for fault in first.reasons) or any(
        one.rests_on is not None and one.rests_on.name in needed.get(one.fact.name, ())
        for one in first.facts
    )


Turn = Collection[asyncio.Future[None]]
"""One of these is to be over before a row's turn."""


class _Opening:
    """What rows name and the first of them that stands makes: until then they go one by one."""

    def __init__(self) -> None:
        self._made: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._last: asyncio.Future[None] | None = None

    def is_made(self) -> None:
        """Has all others go at once."""
        if not self._made.done():
            self._made.set_result(None)

    def turn(self) -> Turn | None:
        """That of the next row; None where it is at once."""
        return (self._made, self._last) if self._last and not self._made.done() else None

    def begin(self, row: asyncio.Future[None]) -> None:
        """Has the next row wait for this one."""
        self._last = row


class _Runner:
    def __init__(
        self,
        ctx: Context,
        mended: Mended,
        managers: Managers,
        progress: OnProgress | None,
        as_now: AsNow | None,
        in_flight: int,
    ) -> None:
        self._ctx, self._mended, self._managers = ctx, mended, managers
        self._progress, self._total, self._in_flight = progress, 0, in_flight
        self._as_now = as_now
        self._awaited: dict[RowKey, asyncio.Future[None]] = {}
        self._openings: defaultdict[RowKey, _Opening] = defaultdict(_Opening)
        self._reports: dict[RowPlace, RowReport] = {}
        self._ended: set[RowPlace] = set()

    async def run(
        self, entries: dict[RowPlace, Entry], stop: asyncio.Event
    ) -> tuple[dict[RowPlace, RowReport], bool]:
        """Answers the rows of which all was decided, and whether the run was stopped before its
        end."""
        left = deque(await beside(list, steps(entries)))
        self._total = len(entries)
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(self._in_flight, len(left))):
                    group.create_task(self._lane(left, entries, stop))
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None
        ended = {row: self._reports[row] for row in entries if row in self._ended}
        return ended, bool(left)

    async def _lane(
        self, left: deque[RowStep], entries: dict[RowPlace, Entry], stop: asyncio.Event
    ) -> None:
        """Takes one step after another of those that no lane has begun."""
        while left and not stop.is_set():
            if self._as_now is not None:
                self._ctx = msgspec.structs.replace(self._ctx, principal=await self._as_now())
                self._ctx.principal.require(Permission.IMPORT_FILES)
            # Nothing is waited for between this and the turn of the step: no later one overtakes.
            if left and not stop.is_set():
                step = left.popleft()
                await self._take(step, entries[step.row])
            # Rows that are refused for themselves wait for nothing, and may be many.
            await asyncio.sleep(0)

    async def _take(self, step: RowStep, entry: Entry) -> None:
        over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        its, opened = keys(entry), [self._openings[key] for key in _opened(entry)]
        earlier = map(self._awaited.get, its)
        turns: list[Turn] = [[row] for row in earlier if row and not row.done()]
        turns += [turn for one in opened if (turn := one.turn())]
        self._awaited.update(dict.fromkeys(its, over))
        for one in opened:
            one.begin(over)
        # Only earlier rows are waited for, and they were begun earlier: no two wait for each other.
        for turn in turns:
            await asyncio.wait(turn, return_when=asyncio.FIRST_COMPLETED)
        report = self._reports[step.row] = await self._import(step, entry)
        over.set_result(None)
        for one in opened if report.stands else ():
            one.is_made()
        if step.ends_row:
            self._ended.add(step.row)
        if self._progress is not None:
            self._progress(len(self._ended), self._total)

    async def _import(self, step: RowStep, entry: Entry) -> RowReport:
        # Of a row that is decided again, the step before.
        first = self._reports.get(step.row)
        if entry.part_of is not None:
            return self._line(step.row, entry, entry.part_of)
        if first and step.is_let_in and not _may_be_let_in(entry.kind, first):
            return first
        unknown = unknown_in(entry, self._managers)
        report = await carry_out(entry, self._context(step, entry), unknown, step.held)
        if first:
            return in_two_steps(first, report)
        notes = [*entry.notes, *self._mended.notes(entry.place), *report.notes]
        return msgspec.structs.replace(report, notes=notes)

    def _line(self, row: RowPlace, entry: Entry, first: Place) -> RowReport:
        """A line of a thing that its first line says as a whole; that one was waited for."""
        whole = self._reports[row[0], first.row]
        is_merged = whole.is_recorded and whole.outcome is not Outcome.REFUSE
        outcome = Outcome.MERGE if is_merged else whole.outcome
        fault = Fault(entry.place, LINE_OF_ANOTHER, {"row": first.row})
        notes = [*entry.notes, *self._mended.notes(entry.place)]
        kind, about = entry.kind.slug, entry.about
        return RowReport(entry.place, kind, outcome, [fault], notes, about=about)

    def _context(self, step: RowStep, entry: Entry) -> Context:
        place = entry.place
        source: dict[str, Any] = {
            "kind": "imported",
            "file": place.file,
            "sheet": place.sheet,
            "row": place.row,
        }
        if mended := self._mended.by_column(entry.lines or [place]):
            source["mended"] = mended
            if into := entry.read_into(mended):
                source[READ_INTO] = into
        if assumed := entry.assumed():
            source[ASSUMED] = assumed
        run, (sheet, number) = self._ctx.idempotency_key, step.row
        key = f"{run}:{sheet}:{number}{step.name}" if run else None
        return msgspec.structs.replace(self._ctx, source=source, idempotency_key=key)
