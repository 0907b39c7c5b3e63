"""Finds the headings of a table, in one row or in two, and by them its kind."""

import re
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from itertools import takewhile
from typing import Any

import msgspec

from domain.kernel.errors import Refusal
from domain.kernel.values import heading_key
from services.importing.mapping import SheetMap
from services.importing.sheets import KINDS
from services.importing.sheets.kind import SheetKind
from services.importing.spellings import WORDS, is_blank
from services.importing.vocabulary import NO_WORDS, Vocabulary
from services.importing.workbook import Cell, Sheet, SheetColumn, SheetRow
from services.words.texts import FIRST_LANGUAGE

LAST_HEADING_ROW = 1_000
PASSED_OVER = frozenset(map(heading_key, WORDS.ordinals | WORDS.fates))
"""Headings of columns that say nothing of their own."""
PRIVATE = frozenset(map(heading_key, WORDS.private))
TOLD = frozenset(map(heading_key, WORDS.told))
UNASKED = PASSED_OVER | PRIVATE | TOLD
"""Headings that nobody is asked about."""
OF_ROW = frozenset(map(heading_key, WORDS.of_row))
WHO = "employee_no"
"""The field by which the rows of every kind are told."""
FEWEST_HEADINGS = 3
DIGIT = re.compile(r"\d")


class Headings(msgspec.Struct, frozen=True):
    """A table's kind, its heading rows (1-based, from `top` to `row`), field -> column, and the
    columns of all headings. twice: two headings of one field."""

    kind: SheetKind
    top: int
    row: int
    columns: dict[str, SheetColumn]
    heads: list[SheetColumn]
    twice: tuple[SheetColumn, SheetColumn] | None = None

    @property
    def missing(self) -> list[str]:
        """The fields that every row states and no column has."""
        return [name for name in self.kind.required if name not in self.columns]

    def lack(self) -> dict[str, Any]:
        """What is missing, and by which headings it could be there: those that nobody knows, with
        the row and the columns in which they stand."""
        read = {column.index for column in self.columns.values()}
        others = (one for one in self.heads if one.index not in read)
        unknown = [one for one in others if heading_key(one.heading) not in UNASKED]
        return {
            "missing": self.missing,
            "kind": self.kind.slug,
            "unknown": [one.heading for one in unknown],
            "row": self.row,
            "columns": [one.letter for one in unknown],
        }

    def rank(self) -> tuple[bool, int]:
        """How much they tell: the most is the greatest."""
        return not self.missing, len(self.columns)

    def addable(self, sheet: Sheet) -> dict[str, SheetColumn]:
        """Field that no column has -> the column that could be added for it, behind all others."""
        behind = max(len(row.cells) for row in sheet.rows)
        is_english = all(column.heading.isascii() for column in self.heads)
        language = "en" if is_english else FIRST_LANGUAGE
        lacking = (field for field in self.kind.columns if field not in self.columns)
        return {field: SheetColumn(behind, self.kind.heading(field, language)) for field in lacking}

    def repeats(self, earlier: "Headings") -> bool:
        """Whether all its columns stood so under the earlier headings."""
        return self.kind is earlier.kind and self._places() <= earlier._places()

    @property
    def named(self) -> dict[str, SheetColumn]:
        """Heading key -> the first column with it."""
        return _named(self.heads)

    def _places(self) -> set[tuple[str, int]]:
        return {(field, column.index) for field, column in self.columns.items()}


class HeadingReader:
    """Reads headings by our words and the partner's own, which go first."""

    def __init__(self, own: Vocabulary = NO_WORDS) -> None:
        self._fields = {
            slug: {**own.headings.get(slug, {}), **ours, **own.headings.get(slug, {})}
            for slug, ours in ((slug, _fields_by_heading(kind)) for slug, kind in KINDS.items())
        }
        """By kind, the key of a heading -> field: of two for one field the better known first."""
        self._known = frozenset(key for known in self._fields.values() for key in known)

    def find(self, sheet: Sheet, sheet_map: SheetMap | None = None) -> Headings | None:
        """The first headings of a kind with all columns that it needs; None for a sheet of no kind.

        Raises Refusal `headings_missing` when a sheet is of a kind but lacks a column that it
        needs, `heading_twice` when two columns claim to be the same.
        """
        rows = list(takewhile(lambda row: row.number <= LAST_HEADING_ROW, sheet.rows))
        if sheet_map is not None:
            return _mapped(sheet, rows, sheet_map)
        lacking: Headings | None = None
        for place in range(len(rows)):
            found = self.at(sheet, place)
            if found is not None and not found.missing:
                return found
            lacking = lacking or found
        if lacking is not None:
            said = {"file": sheet.file, "sheet": sheet.name, **lacking.lack()}
            raise Refusal("headings_missing", **said)
        return None

    def at(self, sheet: Sheet, place: int) -> Headings | None:
        """The headings that begin in a row: in it alone, or in it and the row below together.

        None where the row below alone tells more. Raises Refusal `heading_twice`.
        """
        rows = sheet.rows
        upper, lower = rows[place], rows[place + 1] if place + 1 < len(rows) else None
        found = self._best(sheet, place)
        is_next = lower is not None and lower.number == upper.number + 1
        if lower is not None and is_next and not self._is_data(sheet, upper, lower, found):
            both, is_one = self._best_of_two(sheet, upper, lower), _is_one(sheet, upper, lower)
            both = None if both is not None and both.twice and not is_one else both
            below = self._best(sheet, place + 1)
            ranked = (both, found, below) if is_one else (found, below, both)
            found = max(filter(None, ranked), key=Headings.rank, default=None)
            if found is below:
                return None
        if found is not None and found.twice:
            raise _refused_twice(sheet, found)
        return found

    def _is_data(
        self, sheet: Sheet, upper: SheetRow, lower: SheetRow, found: Headings | None
    ) -> bool:
        """Whether the row below headings holds values: a digit below one of them, or words of which
        none is a heading, or its other half, in a column that is read. found: the upper row's."""
        over_several = _over_several(sheet, upper)
        read = {column.index for column in found.columns.values()} if found else None
        is_worded = is_headed = False
        for head in _texts(upper):
            cell = cell_at(lower, head.index)
            if not self.is_heading(head.heading) or head.index in over_several or is_blank(cell):
                continue
            if not isinstance(cell, str):
                return True
            if any(map(self.is_heading, (cell, *_together(head.heading, cell)))):
                is_headed |= read is None or head.index in read
            elif DIGIT.search(cell):
                return True
            else:
                is_worded = True
        return is_worded and not is_headed

    def is_heading(self, text: str) -> bool:
        """Whether a text stands over a column of any kind of sheet."""
        return heading_key(text) in self._known

    def _best(self, sheet: Sheet, place: int) -> Headings | None:
        """The cells of a row as headings of the kind of which they tell the most."""
        row, texts = sheet.rows[place], _texts(sheet.rows[place])
        upper = sheet.rows[place - 1] if place else None
        is_grouped = upper is not None and bool(_over_several(sheet, upper))
        found = list[Headings | None]()
        for kind in KINDS.values():
            if not self._is_foreign(kind, texts):
                apart = self._under_others(kind, sheet, upper, row) if upper and is_grouped else {}
                heads = [
                    SheetColumn(one.index, _called_by_both(apart[one.index], one.heading))
                    if one.index in apart
                    else one
                    for one in texts
                ]
                found.append(self._match(kind, heads, row.number, row.number))
        return max(filter(None, found), key=Headings.rank, default=None)

    def _best_of_two(self, sheet: Sheet, upper: SheetRow, lower: SheetRow) -> Headings | None:
        """The same of two rows, whose headings are put together as each kind knows them."""
        found = list[Headings | None]()
        anyhow = _joined(sheet, upper, lower, self._known)
        for slug, kind in KINDS.items():
            if not self._is_foreign(kind, anyhow):
                known = self._fields[slug].keys() | UNASKED
                apart = self._under_others(kind, sheet, upper, lower)
                heads = _joined(sheet, upper, lower, known, apart)
                found.append(self._match(kind, heads, upper.number, lower.number))
        return max(filter(None, found), key=Headings.rank, default=None)

    def _under_others(
        self, kind: SheetKind, sheet: Sheet, upper: SheetRow, lower: SheetRow
    ) -> dict[int, str]:
        """Column of a known heading -> the heading over it and others that may say of whom or of
        what else it is: no title, no word for the row itself, and over nothing by which the row or
        the kind is told and that stands nowhere else."""
        if upper.number + 1 != lower.number:
            return {}
        known, groups = self._fields[kind.slug], {one.index: one.heading for one in _texts(upper)}
        above = {index: known.get(heading_key(one)) for index, one in groups.items()}
        below = {one.index: known.get(heading_key(one.heading)) for one in _texts(lower)}
        apart = dict[int, str]()
        for columns in _merged(sheet, upper):
            group = groups.get(columns[0])
            if len(columns) < 2 or group is None or heading_key(group) in OF_ROW:
                continue
            both = (*above.items(), *below.items())
            others = {field for index, field in both if index not in columns}
            told_by = {WHO} - others
            told_by |= {*kind.telling} if others.isdisjoint(kind.telling) else set()
            its = {index: below[index] for index in columns if below.get(index)}
            is_title = len(groups) == 1 and columns[0] <= min(below, default=0)
            if told_by.isdisjoint(its.values()) and not is_title:
                same = above[columns[0]]
                apart |= {index: group for index, field in its.items() if field != same}
        return apart

    def _match(
        self, kind: SheetKind, heads: Sequence[SheetColumn], top: int, row: int
    ) -> Headings | None:
        known = self._fields[kind.slug]

        def place(column: SheetColumn) -> int:
            return [*known].index(heading_key(column.heading))

        columns: dict[str, SheetColumn] = {}
        twice: tuple[SheetColumn, SheetColumn] | None = None
        for column in heads:
            field = known.get(heading_key(column.heading))
            if field is None:
                continue
            if field in columns and field in kind.either:
                columns[field] = min(columns[field], column, key=place)
            elif field in columns:
                twice = twice or (column, columns[field])
            columns.setdefault(field, column)
        tells = not columns.keys().isdisjoint(kind.telling) or _lacks_what_tells(kind, columns)
        if not tells or len(columns) < FEWEST_HEADINGS:
            return None
        return Headings(kind, top, row, columns, list(heads), twice)

    def _is_foreign(self, kind: SheetKind, heads: Sequence[SheetColumn]) -> bool:
        """Whether a heading says what no sheet of this kind does."""
        keys = [heading_key(column.heading) for column in heads] if kind.foreign else []
        said = {known.get(key) for known in self._fields.values() for key in keys}
        return not said.isdisjoint(kind.foreign)


def _refused_twice(sheet: Sheet, found: Headings) -> Refusal:
    """What is said of two columns of one field."""
    column, first = found.twice or (found.heads[0], found.heads[0])
    return Refusal(
        "heading_twice",
        file=sheet.file,
        sheet=sheet.name,
        row=found.row,
        heading=column.heading,
        column=column.letter,
        first=first.heading,
        first_column=first.letter,
        kind=found.kind.slug,
    )


def _lacks_what_tells(kind: SheetKind, fields: Collection[str]) -> bool:
    """Whether a sheet has all else that every row of a kind states, so that the heading by which
    the kind is told is there under a name that nobody knows."""
    others = {*kind.required} - {*kind.telling}
    is_needed = {*kind.telling} <= {*kind.required}
    return is_needed and len(others) > 1 and others.issubset(fields)


def cell_at(row: SheetRow, index: int) -> Cell:
    """The cell of a column; short rows end in blanks."""
    return row.cells[index] if index < len(row.cells) else None


def headings_of(row: SheetRow) -> dict[str, SheetColumn]:
    """Heading key -> the first column with it."""
    return _named(_texts(row))


def named_columns(
    named: Mapping[str, SheetColumn], sheet: Sheet, headings: Collection[str]
) -> list[SheetColumn]:
    """The columns with these headings. Raises Refusal `headings_missing`."""
    missing = [heading for heading in headings if heading_key(heading) not in named]
    if missing:
        raise Refusal("headings_missing", sheet=sheet.name, missing=missing)
    return [named[heading_key(heading)] for heading in headings]


def _mapped(sheet: Sheet, rows: Sequence[SheetRow], sheet_map: SheetMap) -> Headings:
    """The first row that has all headings of a mapping."""
    for row in rows:
        named = headings_of(row)
        if all(heading_key(heading) in named for heading in sheet_map.columns.values()):
            break
    else:
        wanted = sorted(set(sheet_map.columns.values()))
        raise Refusal("headings_missing", sheet=sheet.name, missing=wanted)
    columns = {field: named[heading_key(name)] for field, name in sheet_map.columns.items()}
    found = Headings(KINDS[sheet_map.kind], row.number, row.number, columns, _texts(row))
    missing = [name for name in found.missing if name not in sheet_map.given]
    if missing:
        raise Refusal("headings_missing", sheet=sheet.name, missing=missing)
    return found


def _joined(
    sheet: Sheet,
    upper: SheetRow,
    lower: SheetRow,
    known: Collection[str],
    apart: Collection[int] = (),
) -> list[SheetColumn]:
    """The columns of headings in two rows. known: the keys of headings. apart: the columns of which
    the lower one alone says nothing."""
    groups = {column.index: column.heading for column in _texts(upper)}
    for columns in _merged(sheet, upper):
        if columns[0] in groups:
            groups.update(dict.fromkeys(columns, groups[columns[0]]))
    below = {column.index: column.heading for column in _texts(lower)}
    over_several = _over_several(sheet, upper)
    joined = []
    for index in sorted(groups.keys() | below.keys()):
        group, head = groups.get(index), below.get(index)
        alone = [head] * (index not in apart) + [group] * (index not in over_several)
        joined.append(SheetColumn(index, _spelled(group, head, known, alone)))
    return joined


def _spelled(
    group: str | None, head: str | None, known: Collection[str], alone: Sequence[str | None]
) -> str:
    """The heading that is above, below, or half in each of two rows; what nobody knows is called
    by both, so that columns of one name are told apart by what stands over them. alone: those of
    the two that say by themselves what the column is."""
    if not group or not head or heading_key(group) == heading_key(head):
        return head or group or ""
    both = _called_by_both(group, head)
    choices = [both, *_together(group, head), *filter(None, alone)]
    return next((one for one in choices if heading_key(one) in known), both)


def _called_by_both(group: str, head: str) -> str:
    return f"{group} / {head}"


def _together(group: str, head: str) -> list[str]:
    """The headings that a heading over several columns and one below it may be: also by other
    words for what stands below."""
    key = heading_key(head)
    alike = (one for words in WORDS.below if key in map(heading_key, words) for one in words)
    return [f"{group}{one}" for one in (head, *alike)]


def _merged(sheet: Sheet, row: SheetRow) -> list[range]:
    """The columns of each block of merged cells that touches a row."""
    its = (block for block in sheet.merged if block[0] <= row.number <= block[2])
    return [range(left - 1, right) for _, left, _, right in its]


def _over_several(sheet: Sheet, row: SheetRow) -> set[int]:
    """The columns of a row that are merged with the next ones."""
    return {index for columns in _merged(sheet, row) if len(columns) > 1 for index in columns}


def _is_one(sheet: Sheet, upper: SheetRow, lower: SheetRow) -> bool:
    """Whether cells are merged over both rows."""
    return any(top <= upper.number and bottom >= lower.number for top, _, bottom, _ in sheet.merged)


def _texts(row: SheetRow) -> list[SheetColumn]:
    return [
        SheetColumn(index, " ".join(cell.split()))
        for index, cell in enumerate(row.cells)
        if isinstance(cell, str)
    ]


def _named(heads: Sequence[SheetColumn]) -> dict[str, SheetColumn]:
    return {heading_key(column.heading): column for column in reversed(heads)}


@cache
def _fields_by_heading(kind: SheetKind) -> dict[str, str]:
    """Heading key -> field."""
    return {
        heading_key(heading): field
        for field, headings in kind.headings.items()
        for heading in headings
    }
