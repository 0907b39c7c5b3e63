"""Cells mended between the check of an import and the import itself: the file stays as it came, and
what was recorded of a mended row says who mended which column.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from domain.kernel.bounds import Text
from services.importing.report import Fault, Place
from services.importing.workbook import Sheet, SheetRow, Workbook, index_of

LONGEST_CELL = 2_000

Letter = Annotated[str, Meta(pattern=r"^[A-Z]{1,3}$")]


class Mend(msgspec.Struct, frozen=True):
    """What a cell is to say instead of what it does. by: the actor."""

    file: str
    sheet: str
    row: Annotated[int, Meta(ge=1)]
    column: Letter
    text: Annotated[str, Text(LONGEST_CELL, multiline=True)]
    by: str

    @property
    def place(self) -> Place:
        """Its row."""
        return Place(self.file, self.sheet, self.row)

    @property
    def index(self) -> int:
        """Its column from 0."""
        return index_of(self.column)


class Mended:
    """The mends of an import, the last of each cell; those of cells that are not there are none."""

    def __init__(self, mends: Iterable[Mend] = ()) -> None:
        self._rows: dict[Place, dict[str, Mend]] = defaultdict(dict)
        for mend in mends:
            self._rows[mend.place][mend.column] = mend

    def apply(self, workbook: Workbook) -> Workbook:
        """The workbook with the cells as they were mended."""
        if not self._rows:
            return workbook
        return Workbook([self._sheet(sheet) for sheet in workbook.sheets])

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

    def notes(self, row: Place) -> list[Fault]:
        """What is said of a mended row."""
        return [
            Fault(
                replace(row, column=one.column),
                "cell_mended",
                {"column": one.column, "value": one.text},
            )
            for one in self._rows.get(row, {}).values()
        ]

    def _sheet(self, sheet: Sheet) -> Sheet:
        rows = list(sheet.rows)
        for place, mends in self._rows.items():
            if (place.file, place.sheet) != (sheet.file, sheet.name) or place.row is None:
                continue
            at = bisect_left(rows, place.row, key=attrgetter("number"))
            if at < len(rows) and rows[at].number == place.row:
                rows[at] = _row(rows[at], list(mends.values()))
        return replace(sheet, rows=rows)


def _row(row: SheetRow, mends: Sequence[Mend]) -> SheetRow:
    width = max(len(row.cells), *(mend.index + 1 for mend in mends))
    cells = [*row.cells, *[None] * (width - len(row.cells))]
    for mend in mends:
        cells[mend.index] = mend.text
    return SheetRow(row.number, cells)


def menders(source: Mapping[str, Any]) -> Collection[str]:
    """The actors who mended a row, by the source of its events."""
    mended: dict[str, str] = source.get("mended", {})
    return mended.values()
