"""The report of an import as a workbook: the sheets as they came, with what is said of each cell in
the cell, what became of each row beside it, and all that was left out on a last sheet.

Mended there, it can be imported as it is. Columns that are never kept are left blank.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

import msgspec
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from services.importing.report import Fault, ImportReport, Outcome, RowReport
from services.importing.telling import told_facts
from services.importing.workbook import (
    Cell,
    ErrorCell,
    PercentCell,
    Sheet,
    UncountedCell,
    Workbook,
    index_of,
)
from services.reporting.workbook.paper import OPTIONS
from services.words.texts import Texts

COLOURS = {"refused": "#F8CBAD", "noted": "#FFF2CC", "quiet": "#EDEDED"}
"""Behind cells refused, cells of which something is said, and rows skipped or merged."""
FORMATS = {"day": "yyyy-mm-dd", "instant": "yyyy-mm-dd hh:mm", "percent": "0.##%"}
WIDTH, WIDE = 14, 60
"""Of a column, and of the one that says what became of a row."""
REMARKS = 5_000
"""Cells with a remark at most; every program opens as many. What is said stands beside the row."""

_NO_NAME = re.compile(r"[\[\]:*?/\\]")
_LONGEST_NAME = 31
"""As Excel counts: a character beyond the first plane is two."""

SheetName = tuple[str, str]
"""A sheet by its file's name and its own."""


class _Said(msgspec.Struct):
    """What is said of one sheet. rows: by number. cells: what is said of single cells, by row and
    column from 0. refused: the cells that are refused. headings: the heading rows.
    unkept: columns that are left blank."""

    rows: dict[int, RowReport] = {}
    cells: dict[tuple[int, int], list[Fault]] = {}
    refused: set[tuple[int, int]] = set()
    headings: set[int] = set()
    unkept: set[int] = set()


def write_marked(workbook: Workbook, report: ImportReport, texts: Texts, file: BinaryIO) -> None:
    """Into an open file. workbook: that of which the report is."""
    said = _said(report)
    with TemporaryDirectory() as folder:
        options = {"constant_memory": True, "tmpdir": folder}
        book = xlsxwriter.Workbook(file, OPTIONS | options)
        pen = _Pen(book, texts, is_planned=report.dry_run)
        for sheet in workbook.sheets:
            pen.draw(sheet, said[sheet.file, sheet.name])
        pen.draw_notes(report.notes)
        book.close()


def _said(report: ImportReport) -> dict[SheetName, _Said]:
    said: dict[SheetName, _Said] = defaultdict(_Said)
    for sheet in report.sheets:
        if sheet.heading_row is not None:
            said[sheet.file, sheet.name].headings.add(sheet.heading_row)
    for row in report.rows:
        if row.place.row is not None:
            said[row.place.file, row.place.sheet].rows[row.place.row] = row
    refusing = [fault for row in report.refused for fault in row.reasons]
    for number_of, fault in enumerate((*refusing, *report.notes)):
        its = said[fault.place.file, fault.place.sheet]
        rows = its.headings if fault.place.row is None else {fault.place.row}
        for number in rows if fault.place.column else ():
            at = (number - 1, index_of(fault.place.column or ""))
            its.cells.setdefault(at, []).append(fault)
            if number_of < len(refusing):
                its.refused.add(at)
            if fault.code == "column_private":
                its.unkept.add(at[1])
    return said


class _Pen:
    """Draws one sheet after the other."""

    def __init__(self, book: Any, texts: Texts, *, is_planned: bool) -> None:
        self._book, self._texts, self._is_planned = book, texts, is_planned
        self._names: set[str] = set()
        self._remarks = 0
        self._formats: dict[tuple[str | None, str | None], Any] = {}

    def draw(self, sheet: Sheet, said: _Said) -> None:
        paper = self._paper(sheet.name)
        last = max((len(row.cells) for row in sheet.rows), default=0)
        paper.set_column(0, max(last - 1, 0), WIDTH)
        paper.set_column(last, last, WIDE)
        if len(said.headings) == 1:
            paper.freeze_panes(*said.headings, 0)
        for row in sheet.rows:
            line = row.number - 1
            for index, cell in enumerate(row.cells):
                faults = said.cells.get((line, index), ())
                if index not in said.unkept or row.number in said.headings:
                    is_refused = (line, index) in said.refused
                    colour = "refused" if is_refused else "noted" if faults else None
                    self._write(paper, line, index, cell, colour)
                self._remark(paper, line, index, faults)
            if row.number in said.headings:
                paper.write_string(line, last, self._texts("import.fate"))
            elif its := said.rows.get(row.number):
                paper.write_string(line, last, self._fate(its), self._format(_of(its)))

    def draw_notes(self, notes: Iterable[Fault]) -> None:
        """What is said of whole sheets and of columns, in one list."""
        paper = self._paper(self._texts("export.notes"))
        paper.set_column(0, 1, WIDTH * 2)
        paper.set_column(2, 2, WIDE * 2)
        for line, note in enumerate(notes):
            place = note.place
            at = f"{place.sheet}!{place.column or ''}{place.row}" if place.row else place.sheet
            for index, text in enumerate((place.file, at, self._sentence(note))):
                paper.write_string(line, index, text)

    def _fate(self, row: RowReport) -> str:
        tense = "planned" if self._is_planned else "carried_out"
        became = self._texts(f"import.{tense}.{row.outcome}")
        sentences = [
            f"{heading}{self._texts('word.colon')}{said}" if heading else said
            for fault in (*row.reasons, *row.notes)
            for heading, said in [(fault.place.heading, self._sentence(fault))]
        ]
        facts = told_facts(row, self._texts, is_planned=self._is_planned)
        return "\n".join([became, *sentences, *facts])

    def _remark(self, paper: Any, line: int, index: int, faults: Iterable[Fault]) -> None:
        said = "\n".join(map(self._sentence, faults))
        if said and self._remarks < REMARKS:
            self._remarks += 1
            paper.write_comment(line, index, said)

    def _write(self, paper: Any, line: int, index: int, cell: Cell, colour: str | None) -> None:
        match cell:
            case None | UncountedCell():
                paper.write_blank(line, index, None, self._format(colour))
            case ErrorCell(text=text):
                paper.write_string(line, index, text, self._format(colour))
            case PercentCell(value=value):
                paper.write_number(line, index, value, self._format(colour, "percent"))
            case datetime():
                paper.write_datetime(line, index, cell, self._format(colour, "instant"))
            case date():
                paper.write_datetime(line, index, cell, self._format(colour, "day"))
            case _:
                paper.write(line, index, cell, self._format(colour))

    def _format(self, colour: str | None, shown: str | None = None) -> Any:
        if colour is None and shown is None:
            return None
        if (colour, shown) not in self._formats:
            how: dict[str, Any] = {"bg_color": COLOURS[colour]} if colour else {}
            how |= {"num_format": FORMATS[shown]} if shown else {}
            self._formats[colour, shown] = self._book.add_format(how)
        return self._formats[colour, shown]

    def _paper(self, name: str) -> Any:
        """A sheet of this name, or of one like it where it cannot be called so."""
        plain = _NO_NAME.sub("_", name)
        chosen, number = _cut(plain), 1
        while chosen.casefold() in self._names:
            number += 1
            chosen = _cut(plain, f" {number}")
        self._names.add(chosen.casefold())
        paper = self._book.add_worksheet(chosen)
        paper.add_write_handler(str, Worksheet.write_string)
        return paper

    def _sentence(self, fault: Fault) -> str:
        return self._texts.refusal(fault.code, fault.params)


def _cut(name: str, end: str = "") -> str:
    """The beginning of a sheet's name with this end, as long as it may be, and no `'` around it."""
    units = name.encode("utf-16-le", "ignore")[: 2 * (_LONGEST_NAME - len(end))]
    return (units.decode("utf-16-le", "ignore").strip("'") or "_") + end


def _of(row: RowReport) -> str | None:
    """The colour behind what became of a row."""
    colours = {Outcome.PART: "noted", Outcome.REFUSE: "refused"}
    quiet = dict.fromkeys((Outcome.SKIP, Outcome.MERGE), "quiet")
    return (colours | quiet).get(row.outcome)
