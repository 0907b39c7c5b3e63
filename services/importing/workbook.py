"""The contents of spreadsheet files for the importer: sheets of rows of plain cells."""

from datetime import date, datetime

import msgspec
from xlsxwriter.utility import xl_col_to_name


class ErrorCell(msgspec.Struct, frozen=True):
    """A cell whose formula failed; ``text`` is what the sheet shows, such as ``#DIV/0!``."""

    text: str


Cell = str | float | int | bool | date | datetime | ErrorCell | None


class SheetRow(msgspec.Struct, frozen=True):
    """One row; ``number`` is its 1-based row in the file, ``cells[0]`` is column A."""

    number: int
    cells: list[Cell]


class Sheet(msgspec.Struct, frozen=True):
    """One sheet of one file; a csv file is one sheet named like the file without its ending.

    rows: those with any content. epoch_1904: how a bare number is to be read as a date.
    """

    file: str
    name: str
    rows: list[SheetRow]
    hidden: bool = False
    epoch_1904: bool = False


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


class SheetColumn(msgspec.Struct, frozen=True):
    """A column that is read: `index` from 0, `heading` as written without line breaks."""

    index: int
    heading: str

    @property
    def letter(self) -> str:
        letter: str = xl_col_to_name(self.index)
        return letter
