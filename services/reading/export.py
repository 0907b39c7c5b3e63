"""Lists as files for spreadsheets, written page by page: csv and xlsx.

Text is never taken for a formula: in csv a cell that begins like one is led by an apostrophe. A
workbook says on a last sheet what it holds, of when, and for whom it was made.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from operator import attrgetter
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

import msgspec
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from domain.kernel.bounds import is_choice
from projections import LISTINGS
from projections.kernel.filters import Filter
from projections.kernel.listing import Listing
from projections.kernel.paging import Paging
from projections.kernel.totals import GroupTotal
from projections.people.named import NamedPerson
from services.reading.lists import Reader
from services.reading.moment import Moment
from services.reading.names import list_named, with_ids
from services.reading.ports import KnownBy
from services.reporting.csv_text import BOM, csv_lines
from services.reporting.workbook.paper import OPTIONS
from services.words.texts import Texts

PAGE = 1_000
"""Rows that are read and written at a time."""

MOST_ROWS = 1_000_000
"""Of one sheet, below what spreadsheet programs open; a longer list goes on in the next one."""

INSTANT = {"num_format": "yyyy-mm-dd hh:mm"}
AMOUNT = {"num_format": "#,##0.00"}
WIDTHS = (20, 48)
"""Of the columns of the notes."""
WIDTH = 14
"""Of a column of a list."""

_NO_FILE_NAME = re.compile(r'[\x00-\x1f\x7f\\/:*?"<>|]+')
"""What file names cannot hold everywhere."""
_NO_SHEET_NAME = re.compile(r"[\[\]:*?/\\]")

Say = Callable[[str], str | None]
"""The words of a msgid in the reader's language; None where there are none."""


class Occasion(msgspec.Struct, frozen=True):
    """The circumstances in which a list is written.

    partner, who: the names of the partner and of who asks. at: when. moment: of which the list is;
    None: now. known_by: by when it was to be known, where that was asked for. zone: in which
    instants are written.
    """

    partner: str
    who: str
    at: datetime
    zone: ZoneInfo
    moment: Moment | None = None
    known_by: KnownBy = None

    def local(self, instant: datetime) -> datetime:
        return instant.astimezone(self.zone).replace(tzinfo=None, microsecond=0)

    def told(self, texts: Texts) -> list[tuple[str, Any]]:
        """Who wrote it, and when, in words."""
        return [(texts("export.who"), self.who), (texts("export.at"), self.local(self.at))]

    @property
    def day(self) -> date:
        """The day that the list is of: the one that was asked for, or else today."""
        asked = self.moment.happened_by if self.moment else None
        return asked or self.local(self.at).date()


class ExportedList(msgspec.Struct, frozen=True):
    """A list that is to be written. given: its filters."""

    reader: Reader
    listing: Listing[Any]
    given: dict[str, Any]
    texts: Texts
    occasion: Occasion

    @property
    def name(self) -> str:
        """What the list is called."""
        return self.texts(f"nav.{self.listing.name}")

    @property
    def file_name(self) -> str:
        """What the file is to be called, without its ending: `学员_杭州渠道_2026-06-30`."""
        moment = self.occasion.moment
        parts = [self.name, self.occasion.partner, self.occasion.day.isoformat()]
        if moment is not None and self.occasion.known_by is not None:
            parts.append(self.texts("export.version", position=moment.position))
        return "_".join(_NO_FILE_NAME.sub("_", part) for part in parts)

    @property
    def plain_name(self) -> str:
        """The same for clients that know only ASCII: `2026-06-30-12-trainees`."""
        moment, name = self.occasion.moment, self.listing.plural
        return name if moment is None else f"{self.occasion.day}-{moment.position}-{name}"

    def say(self, msgid: str) -> str | None:
        return self.texts.sentences.get(msgid)

    @property
    def headings(self) -> list[str]:
        """One for each column, by the words `column.<list>.<name>` or else `column.<name>`."""
        return [heading(self.listing, name, self.say) for name in self.listing.columns]

    async def pages(self) -> AsyncIterator[Sequence[Any]]:
        """The rows, page by page."""
        after = None
        while True:
            page = await self.reader.page(self.listing, Paging(PAGE, after), **self.given)
            yield page.rows
            if not page.has_next:
                return
            after = page.cursor(len(page.rows) - 1)

    def cells(self, rows: Sequence[Any]) -> list[list[Any]]:
        """The cells of rows: text, numbers, dates, local instants, None."""
        names = self.listing.columns
        read = attrgetter(*names)
        return [
            [self._cell(type(row), *cell) for cell in zip(names, read(row), strict=True)]
            for row in rows
        ]

    def _cell(self, of: type, name: str, value: Any) -> Any:
        if isinstance(value, bool):
            return self.say("word.yes" if value else "word.no")
        if isinstance(value, str) and is_choice(of, name):
            return self.say(f"{name}.{value}") or value
        if isinstance(value, datetime):
            return self.occasion.local(value)
        return value

    async def notes(self, rows: int, totals: Iterable[GroupTotal]) -> list[tuple[str, Any]]:
        """What the list says of itself, in words. rows: how many were written. totals: what these
        amount to."""
        filters = [
            (self._named(name, one), await self._asked(name, one, self.given[name]))
            for name, one in self.listing.filters.items()
            if name in self.given
        ]
        *notes, last = self._notes(filters, rows)
        return [*notes, *self._totals(totals), last]

    def _totals(self, totals: Iterable[GroupTotal]) -> Iterator[tuple[str, Any]]:
        named = self.listing.totals
        if named is None:
            return
        summed = heading(self.listing, named.of, self.say)
        for one in totals:
            where = self.texts(f"{named.by}.{one.status}")
            yield f"{where} · {self.texts('export.rows')}", one.count
            if one.without_amount < one.count:
                yield f"{where} · {summed}", one.amount
            if one.without_amount:
                yield f"{where} · {self.texts('export.without_amount')}", one.without_amount

    def _notes(self, filters: Sequence[tuple[str, str]], rows: int) -> Iterator[tuple[str, Any]]:
        t, occasion, moment = self.texts, self.occasion, self.occasion.moment
        yield t("export.partner"), occasion.partner
        yield t("export.list"), self.name
        yield from filters or [(t("filter.label"), t("none"))]
        yield t("table.order"), self._order
        yield t("filter.on"), (moment and moment.happened_by) or t("export.everything")
        if isinstance(occasion.known_by, datetime):
            yield t("filter.known"), occasion.local(occasion.known_by)
        yield t("filter.position"), moment.position if moment else t("export.everything")
        yield from occasion.told(t)
        yield t("export.rows"), rows

    @property
    def _order(self) -> str:
        by = self.listing.order[0]
        name = next((one for one, key in self.listing.sortable.items() if key == by), by)
        way = "falling" if self.listing.descending else "rising"
        return self.texts(f"table.order.{way}", column=heading(self.listing, name, self.say))

    def _named(self, name: str, one: Filter[Any]) -> str:
        return self.say(f"filter.{name}") or heading(self.listing, one.column, self.say)

    async def _asked(self, name: str, one: Filter[Any], value: Any) -> str:
        """The value of a filter in words; a thing by the code that people name it by."""
        if isinstance(value, bool):
            return self.texts(f"word.{'yes' if value else 'no'}")
        if isinstance(one, NamedPerson):
            return await self._person(name, value)
        if one.of is None:
            return self.say(f"{name}.{value}") or str(value)
        listing = next(its for its in LISTINGS if its.kind == one.of)
        row = (await self.reader.by_id(listing, [value])).get(value)
        return str(getattr(row, listing.columns[0])) if row else self.texts("none")

    async def _person(self, name: str, said: str) -> str:
        """What somebody is called of whom something is in the list."""
        person = (await with_ids(self.reader, self.listing, {name: said}))[name]
        if not await self.reader.count(self.listing, most=1, **{name: person}):
            return said
        return (await list_named(self.reader, [person]))[person].label


def heading(listing: Listing[Any], name: str, say: Say) -> str:
    return say(f"column.{listing.name}.{name}") or say(f"column.{name}") or name


async def write_csv(exported: ExportedList) -> AsyncIterator[bytes]:
    """The file, page by page, the headings with the first."""
    head = BOM + csv_lines([exported.headings])
    async for rows in exported.pages():
        yield (head + csv_lines(exported.cells(rows))).encode()
        head = ""


async def write_xlsx(exported: ExportedList, file: BinaryIO) -> None:
    """Into an open file; rows are kept in no memory."""
    totals, total, name = dict[str, GroupTotal](), 0, _NO_SHEET_NAME.sub("_", exported.name)[:25]
    with TemporaryDirectory() as folder:  # So that an export that fails leaves nothing behind.
        options = {"constant_memory": True, "tmpdir": folder}
        book = xlsxwriter.Workbook(file, OPTIONS | options)
        bold, instants, amounts = map(book.add_format, ({"bold": True}, INSTANT, AMOUNT))
        paper, line = None, MOST_ROWS

        def write_instant(paper: Any, row: int, column: int, value: datetime, _: Any) -> int:
            written: int = paper.write_datetime(row, column, value, instants)
            return written

        def write_amount(paper: Any, row: int, column: int, value: Decimal, _: Any) -> int:
            written: int = paper.write_number(row, column, value, amounts)
            return written

        def add_sheet(called: str) -> Any:
            sheet = book.add_worksheet(called)
            sheet.add_write_handler(str, Worksheet.write_string)
            sheet.add_write_handler(datetime, write_instant)
            sheet.add_write_handler(Decimal, write_amount)
            return sheet

        async for rows in exported.pages():
            if line >= MOST_ROWS:
                sheets = len(book.worksheets())
                paper, line = add_sheet(f"{name} {sheets + 1}" if sheets else name), 1
                paper.freeze_panes(1, 0)
                paper.set_column(0, len(exported.headings) - 1, WIDTH)
                paper.write_row(0, 0, exported.headings, bold)
            await asyncio.to_thread(_write, paper, line, exported.cells(rows))
            # Of what is written, as others may be added meanwhile.
            for one in exported.listing.total_of(rows):
                known = totals.get(one.status)
                totals[one.status] = known + one if known else one
            line += len(rows)
            total += len(rows)
        notes = add_sheet(exported.texts("export.notes"))
        for number, width in enumerate(WIDTHS):
            notes.set_column(number, number, width)
        _write(notes, 0, await exported.notes(total, [totals[one] for one in sorted(totals)]))
        await asyncio.to_thread(book.close)


def _write(paper: Any, line: int, rows: Iterable[Sequence[Any]]) -> None:
    for number, cells in enumerate(rows, line):
        paper.write_row(number, 0, cells)
