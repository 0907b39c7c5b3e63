"""A field that another file of the same import holds: the earliest or latest date per key."""

from collections.abc import Iterator
from datetime import date

from domain.kernel.errors import Refusal
from services.importing.faults import CellRefusal
from services.importing.headings import cell_at, headings_of, named_columns
from services.importing.mapping import Derived, matches
from services.importing.spellings import is_blank, read_date
from services.importing.vocabulary import word_key
from services.importing.workbook import Sheet, Workbook


def derived_dates(
    workbook: Workbook, rule: Derived, date_format: str | None = None
) -> dict[str, date]:
    """Key (as word_key makes it) -> date.

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
        if is_blank(key) or is_blank(day):
            continue
        try:
            read = read_date(day, date_format=date_format, epoch_1904=sheet.epoch_1904)
        except CellRefusal as bad:
            raise Refusal(bad.code, sheet=sheet.name, row=row.number, **bad.params) from bad
        yield word_key(str(key)), read
