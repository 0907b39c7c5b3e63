"""Lists as files for spreadsheets, written page by page: csv and xlsx.

Text is never taken for a formula: in csv a cell that begins like one is led by an apostrophe.
"""

import asyncio
import csv
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from datetime import datetime
from io import StringIO
from operator import attrgetter
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

import msgspec
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from domain.kernel.bounds import is_choice
from projections.kernel.listing import Listing
from projections.kernel.paging import Paging
from services.reading.lists import Reader
from services.reporting.workbook.paper import OPTIONS

PAGE = 1_000
"""Rows that are read and written at a time."""

MOST_ROWS = 1_000_000
"""Of one sheet, below what spreadsheet programs open; a longer list goes on in the next one."""

INSTANT = {"num_format": "yyyy-mm-dd hh:mm"}

FORMULA_STARTS = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n")
BOM = "\ufeff"
"""Spreadsheet programs read csv as UTF-8 where it begins so."""

Say = Callable[[str], str | None]
"""The words of a msgid in the reader's language; None where there are none."""


class ExportedList(msgspec.Struct, frozen=True):
    """A list that is to be written. given: its filters. zone: in which instants are written."""

    reader: Reader
    listing: Listing[Any]
    given: dict[str, Any]
    say: Say
    zone: ZoneInfo

    @property
    def headings(self) -> list[str]:
        """One for each column, by the words `column.<list>.<name>` or else `column.<name>`."""
        return [heading(self.listing, name, self.say) for name in self.listing.columns]

    async def pages(self) -> AsyncIterator[list[list[Any]]]:
        """The cells of the rows, page by page: text, numbers, dates, local instants, None."""
        names = self.listing.columns
        cells = attrgetter(*names)
        after = None
        while True:
            page = await self.reader.page(self.listing, Paging(PAGE, after), **self.given)
            yield [
                [self._cell(type(row), *cell) for cell in zip(names, cells(row), strict=True)]
                for row in page.rows
            ]
            if not page.has_next:
                return
            after = page.cursor(len(page.rows) - 1)

    def _cell(self, of: type, name: str, value: Any) -> Any:
        if isinstance(value, bool):
            return self.say("word.yes" if value else "word.no")
        if isinstance(value, str) and is_choice(of, name):
            return self.say(f"{name}.{value}") or value
        if isinstance(value, datetime):
            return value.astimezone(self.zone).replace(tzinfo=None, microsecond=0)
        return value


def heading(listing: Listing[Any], name: str, say: Say) -> str:
    return say(f"column.{listing.name}.{name}") or say(f"column.{name}") or name


async def write_csv(exported: ExportedList) -> AsyncIterator[bytes]:
    """The file, page by page, the headings with the first."""
    head = BOM + _lines([exported.headings])
    async for rows in exported.pages():
        yield (head + _lines(rows)).encode()
        head = ""


async def write_xlsx(exported: ExportedList, file: BinaryIO) -> None:
    """Into an open file; rows are kept in no memory."""
    with TemporaryDirectory() as folder:  # So that an export that fails leaves nothing behind.
        options = {"constant_memory": True, "tmpdir": folder}
        book = xlsxwriter.Workbook(file, OPTIONS | options)
        bold, instants = (book.add_format(one) for one in ({"bold": True}, INSTANT))
        paper, line = None, MOST_ROWS

        def write_instant(paper: Any, row: int, column: int, value: datetime, _: Any) -> int:
            written: int = paper.write_datetime(row, column, value, instants)
            return written

        async for rows in exported.pages():
            if line >= MOST_ROWS:
                paper, line = book.add_worksheet(), 1
                paper.add_write_handler(str, Worksheet.write_string)
                paper.add_write_handler(datetime, write_instant)
                paper.freeze_panes(1, 0)
                paper.write_row(0, 0, exported.headings, bold)
            await asyncio.to_thread(_write, paper, line, rows)
            line += len(rows)
        await asyncio.to_thread(book.close)


def _write(paper: Any, line: int, rows: Iterable[Sequence[Any]]) -> None:
    for number, cells in enumerate(rows, line):
        paper.write_row(number, 0, cells)


def _lines(rows: Iterable[Sequence[Any]]) -> str:
    written = StringIO()
    csv.writer(written).writerows([csv_cell(value) for value in row] for row in rows)
    return written.getvalue()


def csv_cell(value: Any) -> Any:
    """The value as a spreadsheet program takes it for text, number or date, never for a formula."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    return value
