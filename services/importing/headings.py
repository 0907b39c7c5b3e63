"""Finds the heading row of a sheet, its kind, and the end of its table."""

from collections.abc import Collection, Iterator, Mapping
from functools import cache
from itertools import takewhile

import msgspec

from domain.kernel.errors import Refusal
from services.importing.mapping import SheetMap
from services.importing.sheets import KINDS
from services.importing.sheets.kind import SheetKind
from services.importing.spellings import WORDS, heading_key, is_blank, word_key
from services.importing.workbook import Cell, Sheet, SheetColumn, SheetRow

LAST_HEADING_ROW = 40
FEWEST_HEADINGS = 3


class Headings(msgspec.Struct, frozen=True):
    """A sheet's kind, its heading row (1-based), field -> column, and heading key -> column."""

    kind: SheetKind
    row: int
    columns: dict[str, SheetColumn]
    named: dict[str, SheetColumn]


def find_headings(sheet: Sheet, sheet_map: SheetMap | None = None) -> Headings | None:
    """The heading row with the most known columns; None for a sheet of no known kind.

    Raises Refusal `headings_missing` when a sheet is one of them but lacks a column that it needs,
    `heading_twice` when two columns claim to be the same.
    """
    kinds = KINDS.values() if sheet_map is None else (KINDS[sheet_map.kind],)
    rows = takewhile(lambda row: row.number <= LAST_HEADING_ROW, sheet.rows)
    found = (_match(row, kind, sheet_map) for row in rows for kind in kinds)
    best = max(filter(None, found), key=lambda one: len(one.columns), default=None)
    if best is None:
        if sheet_map is not None:
            wanted = sorted(set(sheet_map.columns.values()))
            raise Refusal("headings_missing", sheet=sheet.name, missing=wanted)
        return None
    given = sheet_map.given if sheet_map else frozenset()
    missing = [name for name in best.kind.required if name not in best.columns.keys() | given]
    if missing:
        raise Refusal("headings_missing", sheet=sheet.name, missing=missing)
    return best


def _match(row: SheetRow, kind: SheetKind, sheet_map: SheetMap | None) -> Headings | None:
    named = headings_of(row)
    if sheet_map is not None:
        columns = {
            field: named[heading_key(heading)]
            for field, heading in sheet_map.columns.items()
            if heading_key(heading) in named
        }
        complete = len(columns) == len(sheet_map.columns)
        return Headings(kind, row.number, columns, named) if complete else None
    known = _fields_by_heading(kind)
    columns = {}
    for column in _texts(row):
        field = known.get(heading_key(column.heading))
        if field is None:
            continue
        if field in columns:
            if kind.telling in columns:
                first = columns[field].heading
                raise Refusal("heading_twice", heading=column.heading, first=first)
            return None
        columns[field] = column
    if kind.telling not in columns or len(columns) < FEWEST_HEADINGS:
        return None
    return Headings(kind, row.number, columns, named)


def table_rows(sheet: Sheet, headings: Headings) -> Iterator[SheetRow]:
    """The rows of the table: no totals, no repeated headings, no notes below a total.

    A person or an order below a total is a row like any other: nothing is lost silently.
    """
    after_total = False
    keys = [
        headings.columns[name].index for name in headings.kind.required if name in headings.columns
    ]
    for row in sheet.rows:
        if row.number <= headings.row or all(is_blank(cell) for cell in row.cells):
            continue
        if _is_total(row):
            after_total = True
            continue
        if _repeats(row, headings):
            continue
        filled = sum(not is_blank(cell_at(row, index)) for index in keys)
        if after_total and filled < 2:
            continue
        yield row


def cell_at(row: SheetRow, index: int) -> Cell:
    """The cell of a column; short rows end in blanks."""
    return row.cells[index] if index < len(row.cells) else None


def headings_of(row: SheetRow) -> dict[str, SheetColumn]:
    """Heading key -> the first column with it."""
    return {heading_key(column.heading): column for column in reversed(_texts(row))}


def named_columns(
    named: Mapping[str, SheetColumn], sheet: Sheet, headings: Collection[str]
) -> list[SheetColumn]:
    """The columns with these headings. Raises Refusal `headings_missing`."""
    missing = [heading for heading in headings if heading_key(heading) not in named]
    if missing:
        raise Refusal("headings_missing", sheet=sheet.name, missing=missing)
    return [named[heading_key(heading)] for heading in headings]


def _texts(row: SheetRow) -> list[SheetColumn]:
    return [
        SheetColumn(index, " ".join(cell.split()))
        for index, cell in enumerate(row.cells)
        if isinstance(cell, str)
    ]


def _is_total(row: SheetRow) -> bool:
    first = next((cell for cell in row.cells if not is_blank(cell)), None)
    return isinstance(first, str) and word_key(first).replace(" ", "").rstrip(":") in WORDS.totals


def _repeats(row: SheetRow, headings: Headings) -> bool:
    return all(
        isinstance(cell := cell_at(row, column.index), str)
        and heading_key(cell) == heading_key(column.heading)
        for column in headings.columns.values()
    )


@cache
def _fields_by_heading(kind: SheetKind) -> dict[str, str]:
    """Heading key -> field."""
    return {
        heading_key(heading): field
        for field, headings in kind.headings.items()
        for heading in headings
    }
