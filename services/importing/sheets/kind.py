"""What a kind of sheet says of itself: its columns, what a row states, and the command it becomes.

How cells are read, which headings are known, which fields a mapping may name, what a row waits for:
all of it follows from the declaration.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from services.importing.facts import Entry, Score
from services.importing.faults import CellRefusal
from services.importing.spellings import read_amount, read_date, read_score, read_text
from services.importing.workbook import Cell, Column

EMPLOYEE_NO = (
    *("工号", "员工号", "员工编号", "员工工号"),
    *("employee no", "employee number", "employee id", "staff no"),
)
"""How an employee number is headed in every kind of sheet."""

_TEN_THOUSANDS = re.compile(r"[(\[].*万")


class Reading(msgspec.Struct, frozen=True):
    """How the cells of one column are to be read. column: None where a mapping gives the value."""

    date_format: str | None
    epoch_1904: bool
    pass_mark: int
    column: Column | None


Read = Callable[[Cell, Reading], Any]
"""Reads a cell that is not blank; raises CellRefusal."""


class Field(msgspec.Struct, frozen=True):
    """One thing that a row may state.

    headings: as people write them, the Chinese ones first. of: the field in whose column it stands,
    for one that has none of its own.
    """

    name: str
    read: Read
    headings: tuple[str, ...] = ()
    of: str | None = None

    def reader(self, how: Reading) -> Callable[[Cell], Any]:
        """Of the cells of one column."""
        return lambda cell: self.read(cell, how)


def _nothing(_: Sequence[Entry]) -> None:
    return None


class SheetKind(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of sheet.

    slug: stored and in mapping files. required: the fields that every row states. telling: the
    field without whose heading a sheet is not of this kind at all. facts: the struct of what a row
    states, made of the fields. prepare: what the rows of an import say together, handed to
    `command` with each. keys: whose rows must be carried out in their order.
    """

    slug: str
    fields: tuple[Field, ...]
    required: tuple[str, ...]
    telling: str
    facts: type[msgspec.Struct]
    command: Callable[[Entry, Any], msgspec.Struct]
    keys: Callable[[Any], list[tuple[str, str]]]
    prepare: Callable[[Sequence[Entry]], Any] = _nothing

    @property
    def columns(self) -> dict[str, tuple[str, ...]]:
        """The fields that have a column, and their headings."""
        return {field.name: field.headings for field in self.fields if field.of is None}


def plain(read: Callable[[Cell], Any]) -> Read:
    """A reader that needs to know nothing of its column."""
    return lambda cell, _: read(cell)


def day(cell: Cell, how: Reading) -> Any:
    return read_date(cell, date_format=how.date_format, epoch_1904=how.epoch_1904)


def score(cell: Cell, how: Reading) -> Score:
    return Score(*read_score(cell, pass_mark=how.pass_mark))


def amount(cell: Cell, how: Reading) -> Any:
    """Refuses `amount_unit_unclear` where the heading gives the unit 万."""
    heading = how.column.heading if how.column else ""
    if _TEN_THOUSANDS.search(unicodedata.normalize("NFKC", heading)):
        raise CellRefusal("amount_unit_unclear", value=read_text(cell))
    return read_amount(cell)
