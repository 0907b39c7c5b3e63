"""Sheets to entries: what each row states, typed, or what is wrong with which cell."""

from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec

from domain.kernel.errors import Refusal
from services.importing import spellings
from services.importing.derive import derived_dates
from services.importing.facts import Entry, OrderFacts, RosterFacts, Score, cell_place
from services.importing.faults import CellRefusal, Fault, Place
from services.importing.headings import (
    Headings,
    cell_at,
    find_headings,
    in_ten_thousands,
    named_column,
    table_rows,
)
from services.importing.mapping import PASS_MARK, Mapping, SheetMap
from services.importing.vocabulary import REQUIRED, ROSTER, word_key
from services.importing.workbook import Cell, Row, Sheet, Workbook

NO_MAP = SheetMap(kind="roster", columns={})


class ReadSheet(msgspec.Struct, frozen=True):
    """A sheet as it was understood; `kind` is None for one that was left alone.

    `heading_row` is 1-based; `filtered` counts the rows that a mapping's filter left out.
    """

    file: str
    name: str
    kind: str | None = None
    heading_row: int | None = None
    entries: list[Entry] = []
    filtered: int = 0


def read_sheets(
    workbook: Workbook, mapping: Mapping | None = None, only: str | None = None
) -> list[ReadSheet]:
    """Every sheet as understood, rosters first. `only`: the one sheet to read, by name.

    Hidden sheets are left alone unless named. Raises Refusal `sheet_not_found`,
    `nothing_to_import`, and those of find_headings and of a mapping's joins.
    """
    chosen = [sheet for sheet in workbook.sheets if only is None or sheet.name == only]
    if not chosen:
        names = [sheet.name for sheet in workbook.sheets]
        raise Refusal("sheet_not_found", sheet=only, sheets=names)
    read = [
        _read_sheet(workbook, sheet, mapping)
        if only is not None or not sheet.hidden
        else ReadSheet(sheet.file, sheet.name)
        for sheet in chosen
    ]
    if all(sheet.kind is None for sheet in read):
        raise Refusal("nothing_to_import", sheets=[sheet.name for sheet in chosen])
    return sorted(read, key=lambda sheet: sheet.kind != ROSTER)


def _read_sheet(workbook: Workbook, sheet: Sheet, mapping: Mapping | None) -> ReadSheet:
    sheet_map = mapping.map_for(sheet) if mapping else None
    headings = None
    if mapping is None or sheet_map is not None:
        headings = find_headings(sheet, sheet_map)
    if headings is None:
        return ReadSheet(sheet.file, sheet.name)
    reader = RowReader(workbook, sheet, headings, sheet_map or NO_MAP)
    rows = list(table_rows(sheet, headings))
    entries = [reader.entry(row) for row in rows if reader.wanted(row)]
    return ReadSheet(
        sheet.file, sheet.name, headings.kind, headings.row, entries, len(rows) - len(entries)
    )


class RowReader:
    """Reads the rows of one sheet."""

    def __init__(
        self, workbook: Workbook, sheet: Sheet, headings: Headings, sheet_map: SheetMap
    ) -> None:
        self._sheet, self._headings, self._map = sheet, headings, sheet_map
        self._filter = [
            (named_column(headings, sheet, heading).index, word_key(value))
            for heading, value in sheet_map.filter.items()
        ]
        self._derived = {
            field: (
                named_column(headings, sheet, rule.on).index,
                derived_dates(workbook, rule, sheet_map.date_format),
            )
            for field, rule in sheet_map.derived.items()
        }
        self._readers = _readers(headings, sheet, sheet_map)

    def wanted(self, row: Row) -> bool:
        """The mapping's filter keeps the row."""
        return all(_key(cell_at(row, index)) == value for index, value in self._filter)

    def entry(self, row: Row) -> Entry:
        """What the row states."""
        place = Place(file=self._sheet.file, sheet=self._sheet.name, row=row.number)
        columns = self._headings.columns
        values: dict[str, Any] = {}
        faults: list[Fault] = []
        cells = self._cells(row)
        for field, cell in cells.items():
            try:
                values[field] = self._readers[field](cell)
            except CellRefusal as bad:
                faults.append(Fault(cell_place(place, columns.get(field)), bad.code, bad.params))
        for field in REQUIRED[self._headings.kind]:
            if field not in cells:
                faults.append(Fault(cell_place(place, columns.get(field)), "cell_missing"))
        if "status" in cells and "status" in values:
            values["status_word"] = spellings.read_text(cells["status"])
        kind = RosterFacts if self._headings.kind == ROSTER else OrderFacts
        return Entry(
            place,
            columns,
            None if faults else kind(**values),
            faults,
            skip_unknown=self._map.unknown_people == "skip",
        )

    def _cells(self, row: Row) -> dict[str, Cell]:
        cells: dict[str, Cell] = dict(self._map.constants)
        for field, column in self._headings.columns.items():
            cells[field] = cell_at(row, column.index)
        for field, (index, found) in self._derived.items():
            cells[field] = found.get(_key(cell_at(row, index)))
        cells = {field: cell for field, cell in cells.items() if not spellings.is_blank(cell)}
        if "live_on" in cells:
            cells = {**self._map.when_live, **cells}
        return cells


def _readers(
    headings: Headings, sheet: Sheet, sheet_map: SheetMap
) -> dict[str, Callable[[Cell], Any]]:
    day = partial(
        spellings.read_date, date_format=sheet_map.date_format, epoch_1904=sheet.epoch_1904
    )
    score = partial(_read_score, pass_mark=sheet_map.pass_mark)
    text, number = spellings.read_text, spellings.read_number
    amount = headings.columns.get("amount")
    return {
        **dict.fromkeys(("entered_on", "live_on", "left_on", "closed_on", "voided_on"), day),
        **dict.fromkeys(("name", "cohort", "mail", "manager", "trial_feedback"), text),
        **dict.fromkeys(("leave_reason", "product", "void_reason"), text),
        **dict.fromkeys(("employee_no", "order_no"), number),
        **dict.fromkeys(("written_exam", "drill"), score),
        "post": spellings.read_post,
        "phone": spellings.read_phone,
        "trial_verdict": spellings.read_verdict,
        "status": spellings.read_status,
        "amount": _refuse_unit if amount and in_ten_thousands(amount) else spellings.read_amount,
    }


def _read_score(cell: Cell, *, pass_mark: int = PASS_MARK) -> Score:
    return Score(*spellings.read_score(cell, pass_mark=pass_mark))


def _refuse_unit(cell: Cell) -> Any:
    raise CellRefusal("amount_unit_unclear", value=spellings.read_text(cell))


def _key(cell: Cell) -> str:
    return "" if spellings.is_blank(cell) else word_key(str(cell))
