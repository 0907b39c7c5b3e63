"""Sheets read row by row: each row's command, or the faults of its cells."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import date
from functools import partial
from typing import Any

import msgspec

from domain.kernel import bounds
from domain.kernel.errors import Refusal
from domain.kernel.values import word_key
from services.importing import spellings
from services.importing.facts import adding_to_nothing, fact_of
from services.importing.headings import (
    HeadingReader,
    Headings,
    cell_at,
    headings_of,
    named_columns,
)
from services.importing.mapping import ChangeDay, Derived, Mapping, PartnerMap, SheetMap, matches
from services.importing.notes import (
    column_note,
    columns_not_read,
    left_sheet,
    sheet_note,
    table_notes,
    values_noted,
)
from services.importing.read_sheet import Entry, ReadSheet, about_in, cell_place
from services.importing.report import CellRefusal, Fault, Place
from services.importing.sheets import KINDS
from services.importing.sheets.evidence import Score
from services.importing.sheets.kind import Reading
from services.importing.spellings import NOTHING, WORDS
from services.importing.tables import SheetTable, read_tables
from services.importing.twins import with_twins
from services.importing.vocabulary import NO_WORDS, Vocabulary
from services.importing.workbook import Cell, Sheet, SheetRow, Workbook

LEFT = {"headings_missing": "sheet_lacks_headings", "heading_twice": "sheet_heading_twice"}
"""Why a sheet is refused: what is said of it where others are imported."""

NO_MAP = SheetMap(kind="roster", columns={})


def read_sheets(
    workbook: Workbook,
    mapping: Mapping | None = None,
    only: Collection[str] = (),
    own: Vocabulary = NO_WORDS,
    changed_on: Collection[ChangeDay] = (),
) -> list[ReadSheet]:
    """The sheets that are neither hidden nor notes on the others, or those named in `only`, as
    read, in the order of KINDS, and last those that are left alone. own: the partner's words.
    changed_on: each in place of what the mapping says."""
    days = {one.sheet: one.on for one in changed_on}
    reader = _SheetReader(workbook, mapping, own, HeadingReader(own), bool(only), days)
    names = [sheet.name for sheet in workbook.sheets]
    if unknown := [name for name in only if name not in names]:
        raise Refusal("sheet_not_found", sheet=unknown, sheets=names)
    numbered = list(enumerate(workbook.sheets))
    chosen = [(number, one) for number, one in numbered if not only or one.name in only]
    read: list[ReadSheet] = []
    refused: Refusal | None = None
    for number, sheet in chosen:
        try:
            its = reader.read(sheet)
        except Refusal as bad:
            if mapping is not None:
                raise
            # Of several sheets some are something else: they are named, and stop no other one.
            refused = refused or bad
            why = {name: said for name, said in bad.params.items() if name != "sheet"}
            its = [_left(sheet, LEFT.get(bad.code, bad.code), **why)]
        read += [msgspec.structs.replace(one, number=number) for one in its]
    _require_partner(read)
    if all(sheet.kind is None for sheet in read):
        names = [sheet.name for _, sheet in chosen]
        raise refused or Refusal("nothing_to_import", sheets=names)
    left = [
        ReadSheet(one.file, one.name, number=number)
        for number, one in numbered
        if only and one.name not in only
    ]
    read = [*with_twins(read), *left]
    order = [*KINDS, None]
    return sorted(read, key=lambda sheet: order.index(sheet.kind))


class _SheetReader(msgspec.Struct, frozen=True):
    """Reads the sheets of a workbook. is_asked: those that are read were asked for by name. days:
    by sheet, and by None for every other one, the day of its changes, in place of the mapping's."""

    workbook: Workbook
    mapping: Mapping | None
    own: Vocabulary
    headings: HeadingReader
    is_asked: bool
    days: dict[str | None, date | None]

    def read(self, sheet: Sheet) -> list[ReadSheet]:
        """A sheet's tables, or the sheet as it is left alone."""
        sheet_map = self.mapping.map_for(sheet) if self.mapping else None
        if sheet.hidden and not self.is_asked:
            return [_left(sheet, "sheet_hidden")]
        if word_key(sheet.name) in WORDS.notes and not self.is_asked:
            return [_left(sheet, "sheet_of_notes")]
        is_left = self.mapping is not None and sheet_map is None
        tables = [] if is_left else read_tables(sheet, self.headings, sheet_map)
        if not tables:
            return [_left(sheet, "sheet_of_something_else")]
        return [self._table(sheet, table, sheet_map) for table in tables]

    def _table(self, sheet: Sheet, table: SheetTable, sheet_map: SheetMap | None) -> ReadSheet:
        how = sheet_map or NO_MAP
        on = self.days.get(sheet.name, self.days.get(None, how.changed_on))
        how = msgspec.structs.replace(how, changed_on=on)
        own = self.own.posts
        reader = RowReader(self.workbook, sheet, table.headings, how, own)
        rows = [row for row in table.rows if reader.states_something(row)]
        entries = _joined([reader.entry(row) for row in rows if reader.wanted(row)])
        # A mapping says itself which columns are read and which are not.
        unread = [] if sheet_map else columns_not_read(sheet, table, reader.read, own)
        columns = table.headings.columns
        return ReadSheet(
            sheet.file,
            sheet.name,
            table.headings.kind.slug,
            table.headings.row,
            {field: column.heading for field, column in columns.items()},
            rows=len(entries),
            filtered=len(rows) - len(entries),
            notes=[
                *unread,
                *table_notes(sheet, table),
                *reader.notes(),
                *values_noted(sheet, table.headings, (entry.command for entry in entries)),
            ],
            entries=entries,
            partners=reader.partners(rows),
            changed_on=on if "changed_on" in table.headings.kind.settings else None,
        )


def _left(sheet: Sheet, code: str, **params: Any) -> ReadSheet:
    notes = [left_sheet(sheet, code, **params)] if sheet.rows else []
    return ReadSheet(sheet.file, sheet.name, notes=notes)


def _joined(entries: list[Entry]) -> list[Entry]:
    """The rows, of which those that are lines of one thing say it together: the first one."""
    things: dict[Any, list[Entry]] = {}
    for entry in entries:
        if entry.part is not None:
            things.setdefault(entry.part[0], []).append(entry)
    said: dict[int | None, Entry] = {}
    for lines in things.values():
        is_wrong = len(lines) > 1 and any(line.faults for line in lines)
        if is_wrong or len({line.part for line in lines}) > 1:
            said |= {line.place.row: line for line in _as_one(lines)}
    return [said.get(entry.place.row, entry) for entry in entries] if said else entries


def _as_one(lines: list[Entry]) -> list[Entry]:
    """Lines of one thing: the first with the command of all, or all refused, naming each other."""
    how, first = lines[0].kind.lines, lines[0]
    rows = [str(line.place.row) for line in lines]
    wrong = [str(line.place.row) for line in lines if line.faults]
    if how is None or wrong:
        code = how.refused if how else ""
        said = {"rows": wrong}
        return [_refused(line, *(line.faults or [Fault(line.place, code, said)])) for line in lines]
    try:
        command = how.join([line.command for line in lines])
    except Refusal as bad:
        said = {**bad.params, "rows": rows}
        return [_refused(line, Fault(line.place_of(bad.field), bad.code, said)) for line in lines]
    note = Fault(first.place, how.joined, {"rows": rows[1:], "count": len(rows) - 1})
    rest = [msgspec.structs.replace(line, part_of=first.place) for line in lines[1:]]
    whole = msgspec.structs.replace(
        first, command=command, lines=[line.place for line in lines], notes=[*first.notes, note]
    )
    return [whole, *rest]


def _refused(entry: Entry, *faults: Fault) -> Entry:
    return msgspec.structs.replace(entry, command=None, faults=[*faults])


def _require_partner(read: Sequence[ReadSheet]) -> None:
    """Refuses a partner of whom no sheet has a row, and whose rows would all be skipped."""
    asked = [(sheet, name, found) for sheet in read for name, found in sheet.partners.items()]
    if asked and not any(found for _, _, found in asked):
        sheet, name, _ = asked[0]
        raise Refusal("mapping_filter_keeps_nothing", sheet=sheet.name, filter=name)


class RowReader:
    """Reads the rows of one sheet."""

    def __init__(
        self,
        workbook: Workbook,
        sheet: Sheet,
        headings: Headings,
        sheet_map: SheetMap,
        posts: dict[str, str],
    ) -> None:
        self._sheet, self._headings, self._map = sheet, headings, sheet_map
        filtered = named_columns(headings.named, sheet, sheet_map.filter)
        self._filter = {
            heading: (column.index, word_key(value))
            for column, (heading, value) in zip(filtered, sheet_map.filter.items(), strict=True)
        }
        self._derived = {
            field: (
                named_columns(headings.named, sheet, [rule.on])[0].index,
                _derived_dates(workbook, rule, sheet_map.date_format),
            )
            for field, rule in sheet_map.derived.items()
        }
        self._kind = kind = headings.kind
        self._command, self._required = kind.command, kind.required
        self._settings = {name: getattr(sheet_map, name) for name in kind.settings}
        how = (sheet_map.date_format, sheet.epoch_1904, sheet_map.pass_mark, posts)
        self._readers = {
            field: (cells.read, Reading(*how, headings.columns.get(field)))
            for field, cells in kind.columns.items()
        }
        self.read = {column.index for column in headings.columns.values()}
        # A mapping says itself which columns there are.
        added = {} if sheet_map.columns else headings.addable(sheet)
        heads = Place(sheet.file, sheet.name, under=headings.row)
        addable = {field: cell_place(heads, column) for field, column in added.items()}
        self._entry = partial(Entry, kind, addable=addable, pass_mark=sheet_map.pass_mark)
        self._zeros: Counter[str] = Counter()
        self._judged: Counter[bool] = Counter()
        self._grades: Counter[str] = Counter()
        self._merged = _merged_cells(sheet, headings)

    def states_something(self, row: SheetRow) -> bool:
        """Whether any of its cells is in a column that is read, so that it is a row of the table:
        a mapping may give all the rest."""
        its = (cell_at(row, index) for index in self.read)
        return bool(self._map.constants) or not all(map(spellings.is_blank, its))

    def notes(self) -> list[Fault]:
        """What was read otherwise than it looks, by columns; all rows must have been read."""
        columns = self._headings.columns
        noted = [
            column_note(self._sheet, columns[field], "days_zero", count=count)
            for field, count in self._zeros.items()
        ]
        if failed := self._judged[False]:
            said = {"mark": self._map.pass_mark, "count": self._judged.total(), "failed": failed}
            noted.append(sheet_note(self._sheet, "scores_judged", **said))
        if count := self._grades.total():
            grades = sorted(self._grades)
            noted.append(sheet_note(self._sheet, "grades_passed", grades=grades, count=count))
        return noted

    def _judge(self, values: dict[str, Any], cells: dict[str, Cell]) -> None:
        """Counts the exams whose verdict is none that the row says itself."""
        if values.get("verdict") is not None:
            return
        for field, said in values.items():
            if not isinstance(said, Score):
                continue
            if said.score is not None and said.passed is (said.score >= self._map.pass_mark):
                self._judged[said.passed] += 1
            elif word_key(word := spellings.read_text(cells[field])) in WORDS.grades:
                self._grades[word] += 1

    def wanted(self, row: SheetRow) -> bool:
        """Whether the mapping's filter keeps the row."""
        return all(_key(cell_at(row, index)) == value for index, value in self._filter.values())

    def partners(self, rows: Sequence[SheetRow]) -> dict[str, bool]:
        """What the filters ask of the partner, and whether any of the rows has it."""
        if not isinstance(self._map, PartnerMap) or not rows:
            return {}
        return {
            f"{heading} = {self._map.filter[heading]}": any(
                _key(cell_at(row, index)) == value for row in rows
            )
            for heading in self._map.partner_columns
            for index, value in [self._filter[heading]]
        }

    def entry(self, row: SheetRow) -> Entry:
        """The row's command, and every fault of its cells."""
        place = Place(file=self._sheet.file, sheet=self._sheet.name, row=row.number)
        columns = self._headings.columns
        values: dict[str, Any] = {}
        faults: list[Fault] = []
        unread: set[str] = set()

        def refuse(field: str, code: str, params: dict[str, Any] | None = None) -> None:
            faults.append(Fault(cell_place(place, columns.get(field)), code, params or {}))
            unread.add(field)
            values.pop(field, None)

        cells = self._cells(row)
        for field, cell in cells.items():
            read, how = self._readers[field]
            try:
                values[field] = read(cell, how)
            except CellRefusal as bad:
                refuse(field, bad.code, bad.params)
        for field in self._merged.get(row.number, ()):
            refuse(field, "cell_merged")
        for field in [field for field, value in values.items() if value is NOTHING]:
            self._zeros[field] += 1
            del values[field], cells[field]
        for field in self._required:
            if field not in cells:
                refuse(field, "cell_missing")
        # Of a good row they are looked at once, when it is carried out.
        for other in bounds.faults(self._command, values) if faults else ():
            refuse((other.field or "").partition(".")[0], other.code, other.params)
        self._judge(values, cells)
        part = self._kind.lines.key(values) if self._kind.lines else None
        command = None
        if all(fact_of(self._kind.facts, field) for field in unread):
            command = self._command(**values, **self._settings)
        notes = [
            Fault(cell_place(place, columns[field]), "cell_adds_to_nothing")
            for field in adding_to_nothing(self._kind.facts, values, cells.keys())
            if field in columns
        ]
        its, about = (frozenset(unread), frozenset(cells), part), about_in(values)
        return self._entry(place, columns, command, faults, *its, notes=notes, about=about)

    def _cells(self, row: SheetRow) -> dict[str, Cell]:
        cells: dict[str, Cell] = dict(self._map.constants)
        for field, column in self._headings.columns.items():
            cells[field] = cell_at(row, column.index)
        for field, (index, found) in self._derived.items():
            cells[field] = found.get(_key(cell_at(row, index)))
        cells = {field: cell for field, cell in cells.items() if not spellings.is_blank(cell)}
        return {**self._map.when_live, **cells} if "live_on" in cells else cells


def _merged_cells(sheet: Sheet, headings: Headings) -> dict[int, set[str]]:
    """Row -> fields of cells that are merged so that nobody knows what they say: with the column
    beside, or over several rows that cannot have one value together."""
    fields = {column.index: field for field, column in headings.columns.items()}
    numbers = [row.number for row in sheet.rows]
    unclear: dict[int, set[str]] = {}
    for top, left, bottom, right in sheet.merged:
        rows = sheet.rows[bisect_left(numbers, top) : bisect_right(numbers, bottom)]
        if not rows or rows[0].number != top or spellings.is_blank(cell_at(rows[0], left - 1)):
            continue
        beside = {field for index, field in fields.items() if left <= index < right}
        if bottom > top:
            beside |= {fields.get(left - 1, "")} & {*headings.kind.of_one_row}
        for row in rows if beside else ():
            unclear.setdefault(row.number, set()).update(beside)
    return unclear


def _derived_dates(workbook: Workbook, rule: Derived, date_format: str | None) -> dict[str, date]:
    """A field that another file of the same import holds: key (as word_key makes it) -> date.

    Raises Refusal `mapping_file_missing` when no file of the import is the one that the rule
    names, `headings_missing` when its first row lacks a column, `date_unreadable` for a cell.
    """
    sheets = [sheet for sheet in workbook.sheets if matches(sheet.file, rule.file)]
    if not sheets:
        raise Refusal("mapping_file_missing", file=rule.file)
    take = min if rule.take == "earliest" else max
    found: dict[str, date] = {}
    for sheet in sheets:
        for key, day in _dated(sheet, rule, date_format):
            found[key] = take(found[key], day) if key in found else day
    return found


def _dated(sheet: Sheet, rule: Derived, date_format: str | None) -> Iterator[tuple[str, date]]:
    if not sheet.rows:
        return
    heads = headings_of(sheet.rows[0])
    key_in, day_in = named_columns(heads, sheet, (rule.key, rule.column))
    for row in sheet.rows[1:]:
        key, day = cell_at(row, key_in.index), cell_at(row, day_in.index)
        if spellings.is_blank(key) or spellings.is_blank(day):
            continue
        try:
            read = spellings.read_date(day, date_format=date_format, epoch_1904=sheet.epoch_1904)
        except CellRefusal as bad:
            raise Refusal(bad.code, sheet=sheet.name, row=row.number, **bad.params) from bad
        yield word_key(str(key)), read


def _key(cell: Cell) -> str:
    return "" if spellings.is_blank(cell) else word_key(str(cell))
