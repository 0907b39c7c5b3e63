"""Cells mended between the check of an import and the import itself: the file stays as it came, and
what was recorded of a mended row says who mended which column.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from domain.kernel.bounds import Text
from domain.kernel.errors import Refusal
from domain.kernel.values import tidy
from services.importing.headings import cell_at
from services.importing.read_sheet import ReadSheet
from services.importing.report import BLANK, CELL_MENDED, Fault, Place
from services.importing.spellings import is_blank, read_text
from services.importing.workbook import (
    Cell,
    ErrorCell,
    Sheet,
    SheetRow,
    UncountedCell,
    Workbook,
    index_of,
)

LONGEST_CELL = 2_000

Letter = Annotated[str, Meta(pattern=r"^([A-Z]{1,2}|[A-W][A-Z]{2}|X([A-E][A-Z]|F[A-D]))\Z")]
"""A column up to XFD, the last that a sheet has."""


class Mend(msgspec.Struct, frozen=True):
    """What the cells of a column are to say in these rows instead of what they do. by: the
    actor."""

    file: str
    sheet: str
    rows: Annotated[list[Annotated[int, Meta(ge=1)]], Meta(min_length=1)]
    column: Letter
    text: Annotated[str, Text(LONGEST_CELL, multiline=True)]
    by: str

    @property
    def index(self) -> int:
        """Its column from 0."""
        return index_of(self.column)


class Mended:
    """The mends of an import, of each cell the last: which these are, the workbook says that they
    are applied to."""

    def __init__(self, mends: Sequence[Mend] = ()) -> None:
        self._mends = mends
        self._rows: dict[Place, dict[str, Mend]] = defaultdict(dict)
        self._came: dict[Place, SheetRow] = {}

    def apply(self, workbook: Workbook) -> Workbook:
        """The workbook with the cells as they were mended. Refuses `mended_row_missing`."""
        if not self._mends:
            return workbook
        for mend in self._mends:
            for number in mend.rows:
                self._rows[Place(mend.file, mend.sheet, number)][mend.column] = mend
        by_sheet: dict[tuple[str, str], list[Place]] = defaultdict(list)
        for row in self._rows:
            by_sheet[row.file, row.sheet].append(row)
        sheets = [
            self._sheet(sheet, by_sheet.pop((sheet.file, sheet.name), ()))
            for sheet in workbook.sheets
        ]
        for row in (rows[0] for rows in by_sheet.values()):
            raise _missing(row)
        return Workbook(sheets)

    def by_column(self, lines: Sequence[Place]) -> dict[str, str]:
        """Who mended which columns of a row, as the source of its events keeps it; of the further
        lines of what it says, the columns with the line's number (`D3`)."""
        if not self._rows:
            return {}
        return {
            one.column if row == lines[0] else f"{one.column}{row.row}": one.by
            for row in lines
            for one in self._rows.get(row, {}).values()
        }

    def with_headings(self, read: Sequence[ReadSheet]) -> list[ReadSheet]:
        """The sheets, each with a note on every heading of it that was mended; of a column that was
        added the cells say it."""
        mended = ((one, self.notes(one.heading_place)) for one in read)
        return [
            replace(one, notes=[*one.notes, *(note for note in its if note.params["was"] != BLANK)])
            for one, its in mended
        ]

    def notes(self, row: Place) -> list[Fault]:
        """What is said of a mended row, of a workbook that the mends were applied to."""
        return [
            Fault(
                replace(row, column=one.column),
                CELL_MENDED,
                {"column": one.column, "value": _told(one.text), "was": self._was(row, one)},
            )
            for one in self._rows.get(row, {}).values()
        ]

    def _was(self, row: Place, mend: Mend) -> str:
        """What the file says in a cell."""
        cell = cell_at(self._came[row], mend.index)
        if isinstance(cell, UncountedCell):
            return BLANK
        if isinstance(cell, ErrorCell):
            return cell.text
        return _told(cell.date() if isinstance(cell, datetime) else cell)

    def _sheet(self, sheet: Sheet, mended: Iterable[Place]) -> Sheet:
        rows = list(sheet.rows)
        for place in mended:
            at = bisect_left(rows, place.row or 0, key=attrgetter("number"))
            if at == len(rows) or rows[at].number != place.row:
                raise _missing(place)
            came = self._came[place] = rows[at]
            its = {key: one for key, one in self._rows[place].items() if _is_other(came, one)}
            self._rows[place] = its
            rows[at] = _row(came, list(its.values()))
        return replace(sheet, rows=rows)


def _is_other(row: SheetRow, mend: Mend) -> bool:
    """Whether a cell is to say something else than the file does. A number or a day that is typed
    as it is shown is, since it may be shown otherwise than it was meant."""
    cell = cell_at(row, mend.index)
    return not isinstance(cell, str) or tidy(cell) != tidy(mend.text)


def _told(cell: Cell) -> str:
    """What stands in a cell."""
    return BLANK if is_blank(cell) else read_text(cell)


def _missing(row: Place) -> Refusal:
    return Refusal("mended_row_missing", sheet=row.sheet, row=row.row)


def _row(row: SheetRow, mends: Sequence[Mend]) -> SheetRow:
    width = max([len(row.cells), *(mend.index + 1 for mend in mends)])
    cells = [*row.cells, *[None] * (width - len(row.cells))]
    for mend in mends:
        cells[mend.index] = mend.text
    return SheetRow(row.number, cells)


def menders(source: Mapping[str, Any]) -> Collection[str]:
    """The actors who mended a row, by the source of its events."""
    mended: dict[str, str] = source.get("mended", {})
    return mended.values()
