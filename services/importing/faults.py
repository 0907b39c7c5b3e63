"""What is wrong with a cell or a row, and where."""

from typing import Any

import msgspec

from domain.kernel.errors import Refusal


class CellRefusal(Refusal):
    """A cell cannot be read as what its column holds. Params: `value`, and what helps."""


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
