"""Rows as csv text that spreadsheet programs open as it is meant."""

import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Any

from domain.kernel.values import FORMULA_STARTS

BOM = "\ufeff"
"""Spreadsheet programs read csv as UTF-8 where it begins so."""


def csv_lines(rows: Iterable[Sequence[Any]]) -> str:
    """The lines of rows."""
    written = StringIO()
    csv.writer(written).writerows([csv_cell(value) for value in row] for row in rows)
    return written.getvalue()


def csv_cell(value: Any) -> Any:
    """The value as a spreadsheet program takes it for text, number or date, never for a formula."""
    if isinstance(value, str) and value.startswith(FORMULA_STARTS):
        return f"'{value}"
    return value
