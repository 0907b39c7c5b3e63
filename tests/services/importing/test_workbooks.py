"""Workbooks by chance: of what they mean nothing is lost, added or changed without a word.

More of them, with the numbers of those that are read wrong:
`.venv/bin/python -m tests.services.importing.test_workbooks 20000`.
"""

import io
import sys
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.sheets.sheet_reader import read_content
from infra.sheets.sheet_wire import SheetAnswer, SheetLimits, decode
from infra.sheets.sheets import workbook_of
from services.importing.entries import read_sheets
from services.importing.read_sheet import Entry, ReadSheet
from services.importing.sheets.evidence import Score
from services.importing.workbook import Workbook
from tests.examples import examples
from tests.services.importing.workbooks import OPTIONAL, REFUSED, ZERO, Meant, workbook


@settings(max_examples=examples(2_000), deadline=None)
@given(st.integers(min_value=0, max_value=2**40))
def test_what_a_workbook_means_is_read_or_refused_and_never_otherwise(seed: int) -> None:
    require_read_as_meant(seed)


def require_read_as_meant(seed: int) -> None:
    """Requires that the workbook of a seed is read as it was meant, and all else is said of it."""
    meant = workbook(seed)
    read = read_sheets(as_workbook(meant.content))
    [roster] = [sheet for sheet in read if sheet.name == "花名册"]
    left = [sheet for sheet in read if sheet.kind is None]
    assert {sheet.name for sheet in left if sheet.notes} == meant.other_sheets
    assert {entry.place.row: _said(entry) for entry in roster.entries} == _expected(meant)
    assert _counted(roster) == {code: sorted(counts) for code, counts in meant.notes.items()}


def as_workbook(content: bytes) -> Workbook:
    answer = SheetAnswer(sheets=read_content(io.BytesIO(content), SheetLimits()))
    return workbook_of("a.xlsx", decode(msgspec.msgpack.encode(answer)))


def _said(entry: Entry) -> dict[str, Any]:
    """What a row states by its fields, or that a cell is refused; of a row of which nothing can be
    recorded only that."""
    fields = {column.letter: field for field, column in entry.columns.items()}
    refused = {fields[fault.place.column or ""]: REFUSED for fault in entry.faults}
    if entry.command is None:
        return refused
    said = {name: getattr(entry.command, name) for name in entry.columns} | refused
    exam = said.get("written_exam")
    return said | ({"written_exam": exam.score} if isinstance(exam, Score) else {})


def _expected(meant: Meant) -> dict[int, dict[str, Any]]:
    expected: dict[int, dict[str, Any]] = {}
    for row, fields in meant.rows.items():
        refused = {field for field, value in fields.items() if value is REFUSED}
        said = {field: None if value is ZERO else value for field, value in fields.items()}
        is_of_one = refused.issubset(OPTIONAL)
        expected[row] = said if is_of_one else dict.fromkeys(refused, REFUSED)
    return expected


def _counted(sheet: ReadSheet) -> dict[str, list[int]]:
    counts: dict[str, list[int]] = {}
    for note in sheet.notes:
        counts.setdefault(note.code, []).append(note.params["count"])
    return {code: sorted(its) for code, its in counts.items()}


if __name__ == "__main__":
    for number in range(int(sys.argv[1])):
        try:
            require_read_as_meant(number)
        except AssertionError as wrong:
            sys.stdout.write(f"{number} {wrong}\n")
