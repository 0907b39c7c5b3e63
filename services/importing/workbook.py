"""The contents of spreadsheet files for the importer: sheets of rows of plain cells."""

# ruff: noqa: PLC0415 - the library that writes files takes a fourth of the start of who reads one

from collections.abc import Sequence
from datetime import date, datetime

import msgspec

FIGURES_KEPT = 15
"""Digits of a number that a cell keeps; those after them are 0."""


class ErrorCell(msgspec.Struct, frozen=True):
    """A cell whose formula failed; ``text`` is what the sheet shows, such as ``#DIV/0!``."""

    text: str


class UncountedCell(msgspec.Struct, frozen=True):
    """A formula whose result the file does not hold: a program wrote it, and nothing counted it."""


class PercentCell(msgspec.Struct, frozen=True):
    """A number that the sheet shows as percent; ``value`` 0.95 is shown as 95%."""

    value: float

    @property
    def points(self) -> float:
        """What stands before the sign, without the noise of its last binary digits."""
        return round(self.value * 100, 10)

    @property
    def text(self) -> str:
        return f"{self.points:.12g}%"


Cell = str | float | int | bool | date | datetime | ErrorCell | UncountedCell | PercentCell | None

Block = tuple[int, int, int, int]
"""Merged cells: row and column of the first cell and of the last, all 1-based."""


class SheetRow(msgspec.Struct, frozen=True, gc=False):
    """One row; ``number`` is its 1-based row in the file, ``cells[0]`` is column A."""

    number: int
    cells: list[Cell]


class Sheet(msgspec.Struct, frozen=True):
    """One sheet of one file; a csv file is one sheet named like the file without its ending.

    rows: those with any content; a merged block has its value in each row of its first column.
    epoch_1904: how a bare number is to be read as a date. hidden_rows: 1-based, with content.
    hidden_columns: from 0.
    """

    file: str
    name: str
    rows: list[SheetRow]
    hidden: bool = False
    epoch_1904: bool = False
    merged: Sequence[Block] = ()
    hidden_rows: Sequence[int] = ()
    hidden_columns: Sequence[int] = ()


class Workbook(msgspec.Struct, frozen=True):
    """The sheets of one or several files, in the order in which they were given."""

    sheets: list[Sheet]

    @property
    def files(self) -> list[str]:
        """The file names, each once, in order."""
        return list(dict.fromkeys(sheet.file for sheet in self.sheets))


def joined(workbooks: list[Workbook]) -> Workbook:
    """Several files seen as one workbook."""
    return Workbook(sheets=[sheet for book in workbooks for sheet in book.sheets])


class SheetColumn(msgspec.Struct, frozen=True, gc=False):
    """A column that is read: `index` from 0, `heading` as written without line breaks."""

    index: int
    heading: str

    @property
    def letter(self) -> str:
        from xlsxwriter.utility import xl_col_to_name

        letter: str = xl_col_to_name(self.index)
        return letter


def index_of(letter: str) -> int:
    """The place from 0 of the column with a letter."""
    from xlsxwriter.utility import xl_cell_to_rowcol

    index: int = xl_cell_to_rowcol(f"{letter}1")[1]
    return index
