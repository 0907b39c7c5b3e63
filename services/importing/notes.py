"""What an import says of a sheet beside its rows: all that holds something and is not read, or is
read otherwise than it looks.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

import msgspec

from domain.kernel.values import heading_key, tidy, word_key
from domain.people.partner import POST
from domain.trainees.events import UNKNOWN_POST
from services.importing.headings import PASSED_OVER, PRIVATE, TOLD, Headings
from services.importing.report import Fault, Place
from services.importing.spellings import WORDS, is_blank
from services.importing.tables import SheetTable
from services.importing.workbook import Sheet, SheetColumn

NAMED = 12
"""Rows or people that a note names at most; it gives their count in any case."""

OF_POSTS = "column_of_posts"
"""What is said of a column that is not read and holds what posts are called, where none is read."""

POST_WORDS = frozenset[str]().union(
    *(words for post, words in WORDS.posts.items() if post != UNKNOWN_POST)
)


def sheet_note(sheet: Sheet, code: str, **params: Any) -> Fault:
    """A note on a sheet as a whole."""
    return Fault(Place(sheet.file, sheet.name), code, params)


def left_sheet(sheet: Sheet, code: str, **params: Any) -> Fault:
    """A note on a sheet that is left alone."""
    return sheet_note(sheet, code, count=len(sheet.rows), **params)


def column_note(sheet: Sheet, column: SheetColumn, code: str, **params: Any) -> Fault:
    """A note on a column; its sentence names the column by itself."""
    place = Place(sheet.file, sheet.name, heading=column.heading, column=column.letter)
    return Fault(place, code, {"heading": column.heading, "column": column.letter, **params})


def table_notes(sheet: Sheet, table: SheetTable) -> Iterator[Fault]:
    """The rows that are none of a table's, and what is hidden in it."""
    hidden = set(sheet.hidden_rows)
    if rows := [row.number for row in table.rows if row.number in hidden]:
        yield _rows_note(sheet, "rows_hidden", rows)
    for column in table.headings.columns.values():
        if column.index in sheet.hidden_columns:
            yield column_note(sheet, column, "column_hidden")
    for code, numbers in table.left_out.items():
        yield _rows_note(sheet, code, numbers)


def _rows_note(sheet: Sheet, code: str, numbers: Sequence[int]) -> Fault:
    return sheet_note(sheet, code, count=len(numbers), rows=few([*map(str, numbers)]))


def few(said: Sequence[str]) -> list[str]:
    """As many as a note names."""
    return [*said[:NAMED], *["…"] * (len(said) > NAMED)]


def values_noted(
    sheet: Sheet, headings: Headings, commands: Iterable[msgspec.Struct | None]
) -> Iterator[Fault]:
    """What a kind says of rows with some value, each with how many there are."""
    said = (headings.kind.noted(command) for command in commands if command is not None)
    for (code, field, value), count in sorted(Counter(filter(None, said)).items()):
        params = {field: value, "count": count}
        column = headings.columns.get(field)
        if column is None:
            yield sheet_note(sheet, code, **params)
        else:
            yield column_note(sheet, column, code, **params)


def columns_not_read(
    sheet: Sheet, table: SheetTable, read: set[int], posts: Collection[str] = ()
) -> Iterator[Fault]:
    """The columns of a table that hold something and are not read. read: by index. posts: the
    partner's own words for them."""
    filled: Counter[int] = Counter()
    words = {*posts, *POST_WORDS} if _lacks_posts(table.headings) else frozenset[str]()
    posts_in: dict[int, dict[str, None]] = {}
    for row in table.rows:
        filled.update(
            index
            for index, cell in enumerate(row.cells)
            if index not in read and not is_blank(cell)
        )
        for index, cell in enumerate(row.cells) if words else ():
            if index not in read and isinstance(cell, str) and word_key(cell) in words:
                posts_in.setdefault(index, {})[tidy(cell)] = None
    for index, count in sorted(filled.items()):
        column = _column_at(table.headings, index)
        key = heading_key(column.heading)
        if key in PASSED_OVER:
            continue
        code = "column_private" if key in PRIVATE else "column_not_read"
        code = "column_told" if key in TOLD else code
        code = code if column.heading else "column_without_heading"
        if code == "column_not_read" and index in posts_in:
            yield column_note(sheet, column, OF_POSTS, count=count, posts=few([*posts_in[index]]))
        else:
            yield column_note(sheet, column, code, count=count)


def _lacks_posts(headings: Headings) -> bool:
    """Whether a table could have a column of posts and has none that is read."""
    return POST in headings.kind.columns and POST not in headings.columns


def _column_at(headings: Headings, index: int) -> SheetColumn:
    heads = (column for column in headings.heads if column.index == index)
    return next(heads, SheetColumn(index, ""))
