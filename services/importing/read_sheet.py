"""A sheet with its rows as they were read: each row's command, or the faults of its cells."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from string import digits
from typing import Any

import msgspec

from services.importing.facts import RowFact, fact_of
from services.importing.report import Fault, Place, SheetReport
from services.importing.sheets.kind import SheetKind
from services.importing.spellings import PASS_MARK
from services.importing.workbook import SheetColumn

RowPlace = tuple[int, int | None]
"""A row by its sheet's place in the workbook and its number there: the same to whoever takes the
run up again, whatever else a reader of another version finds."""

NUMBERS = ("order_no", "employee_no")
"""The fields that say of whom and of what a row is."""


class Entry(msgspec.Struct, frozen=True, gc=False):
    """One row of a sheet. command: without the cells that cannot be read; None where nothing of it
    can be carried out. faults: of its cells; unread: their fields; filled: the fields of all its
    cells that hold something. part: of a thing that has several lines, the thing and which part of
    it the row is. part_of: the first of these lines, whose command says all of them. lines: that
    one has them all. notes: what is said of the row besides. addable: by field, a column that the
    sheet lacks, as a place without a row. pass_mark: the sheet's. about: see RowReport."""

    kind: SheetKind
    place: Place
    columns: dict[str, SheetColumn]
    command: msgspec.Struct | None
    faults: list[Fault]
    unread: frozenset[str] = frozenset()
    filled: frozenset[str] = frozenset()
    part: tuple[Any, Any] | None = None
    part_of: Place | None = None
    lines: Sequence[Place] = ()
    notes: list[Fault] = []
    addable: Mapping[str, Place] = {}
    pass_mark: int = PASS_MARK
    about: str = ""

    def read_into(self, cells: Collection[str]) -> dict[str, list[str]]:
        """Of these cells (`D`, `D3`) those that are read into some events alone, with their topics:
        those that say of whom a row is are of all, and so is each that its kind names no events
        of. One of a column that is not read is of none."""
        if self.command is None or not self.kind.topics:
            return {}
        fields = {column.letter: field for field, column in self.columns.items()}
        of = {cell: fields.get(cell.rstrip(digits)) for cell in cells}
        into = {
            cell: self.kind.read_into(self.command, field) if field else []
            for cell, field in of.items()
            if field not in NUMBERS
        }
        return {cell: topics for cell, topics in into.items() if topics or of[cell] is None}

    def place_of(self, field: str | None) -> Place:
        """The cell of a field (`drill.score`: of its first part); without a column the row."""
        column = self.columns.get(field.partition(".")[0]) if field else None
        return cell_place(self.place, column)

    def mendable(self, field: str | None, also: Sequence[str]) -> list[Place]:
        """Where else a fault of a field can be mended. also: in which other fields."""
        places = [self.place_of(one) for one in also]
        if field and (added := self.addable.get(field.partition(".")[0])):
            places.append(msgspec.structs.replace(added, row=self.place.row))
        return places

    def unmet(self, field: str | None, code: str, missing: Sequence[str]) -> Iterator[Fault]:
        """What is said at the cells for lack of which a fact of this field was refused. missing:
        what it lacks."""
        fact = fact_of(self.kind.facts, field or "")
        for name in fact.lacked(code, missing) if fact else ():
            if said := self.kind.unmet(self.command, name, self.pass_mark):
                yield Fault(self.place_of(name), *said)

    def states(self, fact: RowFact) -> bool:
        """Whether a cell that states a fact holds something."""
        return fact.is_stated(self.filled)

    def assumed(self) -> list[str]:
        """The facts that the row states without their days."""
        command = self.command
        its = (fact for fact in self.kind.facts if fact.dated_by and self.states(fact))
        return [fact.name for fact in its if command and fact.is_assumed(command)]


class ReadSheet(SheetReport, frozen=True):
    """A sheet with its rows as read. number: its place in the workbook, where two files may bear
    one name. partners: what its mapping's filters ask of the partner, and whether any row has it.
    """

    number: int = 0
    entries: list[Entry] = msgspec.field(default_factory=list)
    partners: dict[str, bool] = msgspec.field(default_factory=dict)


def about_in(values: Mapping[str, Any]) -> str:
    """What a row is about, by what could be read of its cells; see RowReport."""
    return next(filter(None, map(values.get, NUMBERS)), "")


def cell_place(row: Place, column: SheetColumn | None) -> Place:
    """A row's cell in a column; without one the row."""
    if column is None:
        return row
    return msgspec.structs.replace(row, heading=column.heading, column=column.letter)
