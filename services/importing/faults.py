"""Faults of a cell or a row of a sheet, with their places."""

from typing import Any

import msgspec

from domain.kernel.errors import Refusal


class CellRefusal(Refusal):
    """A cell cannot be read as a value of its column. Params: `value`, and others by code."""


class Place(msgspec.Struct, frozen=True):
    """Where in a file: `row` is 1-based, None for the sheet as a whole.

    `heading` is the column's heading as written, `column` its letter; both None for the whole row.
    """

    file: str
    sheet: str
    row: int | None = None
    heading: str | None = None
    column: str | None = None


class Fault(msgspec.Struct, frozen=True):
    """One reason why a row is refused or skipped: a code with params, and its place."""

    place: Place
    code: str
    params: dict[str, Any] = {}
