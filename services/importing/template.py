"""Our own sheets of every kind, by the partner's own headings: empty, to be filled in, or filled
with what is recorded, to be looked at elsewhere and imported again.
"""

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from decimal import Decimal
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

import msgspec
import xlsxwriter

from domain.kernel.values import heading_key
from domain.people.partner import TaughtWord
from services.importing.sheets import KINDS
from services.importing.sheets.kind import SheetKind, StayRecord
from services.importing.spellings import guarded
from services.kernel.beside import beside
from services.reporting.csv_text import BOM, csv_lines
from services.reporting.workbook.paper import OPTIONS
from services.words.texts import FIRST_LANGUAGE, Texts

WIDTH, WIDE = 16, 48

MOST_ROWS = 1_000_000
"""Of one sheet, below what spreadsheet programs open; a longer one goes on in the next."""

FILLED: dict[str, SheetKind] = {slug: one for slug, one in KINDS.items() if one.rows is not None}
"""The kinds of sheets that are filled with what is recorded."""

People = AsyncIterator[Sequence[StayRecord]]
"""Those whose records are written, some at a time, of nobody once none."""

Said = Iterable[tuple[str, Any]]
"""What the last sheet says of a workbook: of when it is, for whom, what it does not hold."""


class SheetStyle(msgspec.Struct, frozen=True):
    """How our own sheets are written. words: those that the partner has taught; they stand in place
    of ours, in a sheet of another language than Chinese those of its letters alone."""

    words: Sequence[TaughtWord]
    texts: Texts

    def headings(self, kind: SheetKind) -> dict[str, str]:
        """Field -> the heading of its column."""
        words = [one for one in self.words if one.of == kind.slug]
        taken, is_chinese = {one.key for one in words}, self.texts.language == FIRST_LANGUAGE
        spoken = [one for one in words if is_chinese or one.word.isascii()]
        # Of two words for one column the Chinese one.
        spoken.sort(key=lambda one: not one.word.isascii())
        own = {one.means: one.word for one in spoken}
        return {
            field: own.get(field) or kind.heading(field, self.texts.language, taken)
            for field in kind.columns
        }

    def lines(self, kind: SheetKind, people: Iterable[StayRecord]) -> Iterator[list[Any]]:
        """The cells of all rows that such a sheet has of these people."""
        columns = kind.columns
        for person in people:
            for row in kind.rows(person) if kind.rows else ():
                values = ((cells, getattr(row, field)) for field, cells in columns.items())
                yield [
                    None if value is None else _as_read(cells.write(value, self.texts))
                    for cells, value in values
                ]

    def csv(self, kind: SheetKind, people: Iterable[StayRecord]) -> str:
        """The same as csv."""
        return csv_lines(self.lines(kind, people))


def write_template(style: SheetStyle, file: BinaryIO) -> None:
    """An empty workbook with a sheet for each kind, into an open file.

    A star is over what every row states. The last sheet says of each heading what it stands for,
    where it is the partner's own, and how it is filled in.
    """
    with TemporaryDirectory() as folder:
        book = _Book(style, file, folder)
        for kind in KINDS.values():
            book.begin(kind, star="*")
        book.close([])


async def write_filled(
    style: SheetStyle, kinds: Sequence[SheetKind], people: People, said: Said, file: BinaryIO
) -> None:
    """A workbook of what is recorded, a sheet for each of these kinds, into an open file."""
    with TemporaryDirectory() as folder:  # So that what fails leaves nothing behind.
        book = _Book(style, file, folder)
        for kind in kinds:
            book.begin(kind)
        async for some in people:
            for kind in kinds:
                await beside(book.write, kind, some)
        remark = (style.texts("import.filled.not_held"), "")
        await beside(book.close, [*said, remark])


async def filled_csv(style: SheetStyle, kind: SheetKind, people: People) -> AsyncIterator[bytes]:
    """The same of one kind as csv, piece by piece."""
    head = BOM + csv_lines([list(style.headings(kind).values())])
    async for some in people:  # The headings with the first, so that a failure is answered.
        yield (head + await beside(style.csv, kind, some)).encode()
        head = ""


class _Book:
    """A workbook of our own sheets."""

    def __init__(self, style: SheetStyle, file: BinaryIO, folder: str) -> None:
        options = {"constant_memory": True, "tmpdir": folder}
        self._book = xlsxwriter.Workbook(file, OPTIONS | options)
        self._style, self._notes = style, list[tuple[str, str, str]]()
        self._papers: dict[str, tuple[Any, int]] = {}
        self._bold, self._text, self._day, self._number = (
            self._book.add_format(one)
            for one in (
                *({"bold": True}, {"num_format": "@"}),
                *({"num_format": "yyyy-mm-dd"}, {"num_format": "General"}),
            )
        )

    def begin(self, kind: SheetKind, star: str = "") -> None:
        """The sheet of a kind with its headings. star: behind those of what every row states."""
        name = self._style.texts(f"import.kind.{kind.slug}")
        paper = self._paper(kind, name, star)
        self._papers[kind.slug] = paper, 1
        texts = self._style.texts
        for field, heading in self._style.headings(kind).items():
            ours = kind.heading(field, texts.language)
            is_ours = heading_key(heading) in map(heading_key, kind.headings[field])
            means = "" if is_ours else texts("import.template.means", heading=ours)
            self._notes.append((name, heading, f"{means} {_how(kind, field, texts)}".strip()))

    def write(self, kind: SheetKind, people: Iterable[StayRecord]) -> None:
        """The rows of some more people."""
        paper, line = self._papers[kind.slug]
        for cells in self._style.lines(kind, people):
            if line > MOST_ROWS:
                name = self._style.texts(f"import.kind.{kind.slug}")
                paper, line = self._paper(kind, f"{name} {len(self._book.worksheets()) + 1}"), 1
            paper.write_row(line, 0, cells)
            line += 1
        self._papers[kind.slug] = paper, line

    def close(self, said: Said) -> None:
        """Ends with how each column is filled in. said: what is to be known before."""
        paper = self._book.add_worksheet(self._style.texts("export.notes"))
        paper.set_column(0, 1, WIDTH)
        paper.set_column(2, 2, WIDE)
        for line, note in enumerate([*said, *self._notes]):
            paper.write_row(line, 0, map(str, note))
        self._book.close()

    def _paper(self, kind: SheetKind, name: str, star: str = "") -> Any:
        paper = self._book.add_worksheet(name)
        paper.add_write_handler(str, self._write_text)
        paper.add_write_handler(Decimal, self._write_number)
        paper.freeze_panes(1, 0)
        for index, (field, heading) in enumerate(self._style.headings(kind).items()):
            # As text a number keeps its leading zeros, and all of its digits.
            day = field == "on" or field.endswith("_on")
            paper.set_column(index, index, WIDTH, self._day if day else self._text)
            needed = star if field in kind.required else ""
            paper.write_string(0, index, heading + needed, self._bold)
        return paper

    def _write_text(self, paper: Any, row: int, column: int, value: str, _: Any = None) -> int:
        written: int = paper.write_string(row, column, value, self._text)
        return written

    def _write_number(self, paper: Any, row: int, column: int, value: Decimal, _: Any) -> int:
        written: int = paper.write_number(row, column, value, self._number)
        return written


def _as_read(cell: Any) -> Any:
    """The cell, so that it is read as it was meant; none for a text that is empty."""
    return (guarded(cell) if cell else None) if isinstance(cell, str) else cell


def _how(kind: SheetKind, field: str, texts: Texts) -> str:
    """How a column is filled in: whether every row states it, and what it takes."""
    needed = texts("import.template.needed" if field in kind.required else "import.template.free")
    example = texts.known(f"import.template.{field}", "")
    return f"{needed} {example}".strip()
