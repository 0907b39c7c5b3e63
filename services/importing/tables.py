"""The tables of a sheet: the rows of each, and what stands there that is no row."""

from collections.abc import Iterator
from typing import Self

import msgspec

from domain.kernel.values import heading_key, word_key
from services.importing.headings import DIGIT, HeadingReader, Headings, cell_at
from services.importing.mapping import SheetMap
from services.importing.sheets.kind import as_day
from services.importing.spellings import WORDS, is_blank, is_total
from services.importing.workbook import Cell, Sheet, SheetRow

WIDE = 3
"""Columns that a title is merged over at least."""
FEWEST_KEYS = 2
"""Needed cells that a row states at least, where it looks like a total or a signature."""


class SheetTable(msgspec.Struct, frozen=True):
    """The rows under some headings. first_heading: its key. keys: the columns that every row fills;
    days: those of them that hold days. is_lacking: one of them is not there. left_out: code of a
    note -> the rows that are none."""

    headings: Headings
    first_heading: str
    keys: list[int]
    days: list[int]
    is_lacking: bool
    rows: list[SheetRow]
    left_out: dict[str, list[int]]

    @classmethod
    def below(cls, headings: Headings) -> Self:
        """The table of these headings, without its rows yet."""
        kind, needed = headings.kind, headings.kind.required
        keys = {name: headings.columns[name].index for name in needed if name in headings.columns}
        days = [keys[name] for name in keys if kind.columns[name].read is as_day]
        first = heading_key(headings.heads[0].heading)
        return cls(headings, first, [*keys.values()], days, len(keys) < len(needed), [], {})

    def leave_out(self, row: SheetRow, why: str) -> None:
        self.left_out.setdefault(why, []).append(row.number)


def read_tables(
    sheet: Sheet, reader: HeadingReader, sheet_map: SheetMap | None = None
) -> list[SheetTable]:
    """The tables of a sheet from above to below; none for a sheet of no known kind.

    A person or an order below a total is a row like any other: nothing is lost silently. Refuses
    what `HeadingReader.find` refuses.
    """
    headings = reader.find(sheet, sheet_map)
    if headings is None:
        return []
    return list(_TableReader(sheet, headings, reader).tables(divides=sheet_map is None))


class _TableReader:
    def __init__(self, sheet: Sheet, headings: Headings, reader: HeadingReader) -> None:
        self._sheet, self._first, self._reader = sheet, headings, reader
        self._above = [row for row in sheet.rows if row.number < headings.top]
        self._titles = {cell for row in self._above for cell in row.cells if isinstance(cell, str)}
        self._wide = {top for top, left, _, right in sheet.merged if right - left + 1 >= WIDE}

    def tables(self, *, divides: bool) -> Iterator[SheetTable]:
        """divides: whether other headings below begin a table of their own."""
        table, after_total = SheetTable.below(self._first), False
        for row in self._above:
            table.leave_out(row, "rows_above_headings")
        for place, row in enumerate(self._sheet.rows):
            headings = table.headings
            if row.number <= headings.row or all(map(is_blank, row.cells)):
                continue
            begun = self._begun(place, table)
            if begun is not None and begun.repeats(headings):
                table.leave_out(row, "rows_repeat_headings")
            elif begun is not None and divides:
                yield table
                table, after_total = SheetTable.below(begun), False
            elif table.is_lacking and divides:
                table.leave_out(row, "rows_of_another_table")
            elif why := self._no_row(row, table.keys, after_total=after_total):
                after_total |= why == "rows_total"
                table.leave_out(row, why)
            elif row.number == headings.row + 1 and self._heads(row, table.days):
                table.leave_out(row, "rows_second_headings")
            else:
                table.rows.append(row)
        yield table

    def _begun(self, place: int, table: SheetTable) -> Headings | None:
        """The headings that begin in a row; nearly every row is ruled out by its first cells."""
        row = self._sheet.rows[place]
        cells = [cell for cell in row.cells if cell is not None]
        if not all(isinstance(cell, str) for cell in cells):
            return None
        first = str(cells[0])
        if not self._reader.is_heading(first) and heading_key(first) != table.first_heading:
            return None
        stated = [str(cell) for cell in (cell_at(row, key) for key in table.keys) if cell]
        if stated and not any(map(self._reader.is_heading, stated)):
            return None
        return self._reader.at(self._sheet, place)

    def _heads(self, row: SheetRow, days: list[int]) -> bool:
        """Whether a row below headings is a second one: all of it is words, and where a day stands
        in every other row they say what a day is called or how it is written. Other words in place
        of a day (`待定`) are somebody's."""
        filled = [cell for cell in row.cells if not is_blank(cell)]
        stated = [str(cell) for cell in (cell_at(row, day) for day in days) if not is_blank(cell)]
        is_worded = all(isinstance(cell, str) and not DIGIT.search(cell) for cell in filled)
        return is_worded and bool(stated) and all(map(self._is_of_days, stated))

    def _is_of_days(self, text: str) -> bool:
        return self._reader.is_heading(text) or any(one in word_key(text) for one in WORDS.hints)

    def _no_row(self, row: SheetRow, keys: list[int], *, after_total: bool) -> str | None:
        """The code of the note on a row that is none."""
        filled = (cell for cell in row.cells if not is_blank(cell))
        cells = [cell_at(row, index) for index in keys]

        def states_little() -> bool:
            stated = sum(not is_blank(cell) and not _is_signature(cell) for cell in cells)
            return stated < FEWEST_KEYS

        first = next(filled)
        if isinstance(first, str):
            if is_total(first):
                return "rows_total"
            if _is_signature(first) and states_little():
                return "rows_signature"
            is_alone = next(filled, None) is None
            if is_alone and (first in self._titles or row.number in self._wide):
                return "rows_title"
        return "rows_below_total" if after_total and states_little() else None


def _is_signature(cell: Cell) -> bool:
    """`制表人：王经理`, `日期：`: a word of signatures, alone or before a colon."""
    if not isinstance(cell, str):
        return False
    word, _, _ = word_key(cell).partition(":")
    return word.replace(" ", "") in WORDS.signatures
