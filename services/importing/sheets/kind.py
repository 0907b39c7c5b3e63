"""The declaration of a kind of sheet: the command of a row, and the words over its columns.

How cells are read, which fields a mapping may name, what a row waits for: all of it follows.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Annotated, Any

import msgspec

from domain.kernel.bounds import unwrapped
from domain.kernel.values import heading_key, tidy
from domain.people.person import Person
from domain.trainees.trainee import Trainee
from services.importing.facts import RowFact, fact_of
from services.importing.identity import Identity
from services.importing.report import CellRefusal
from services.importing.spellings import (
    NOTHING,
    WORDS,
    is_day_zero,
    read_amount,
    read_date,
    read_prose,
    read_text,
    read_verdict,
)
from services.importing.workbook import Cell, SheetColumn
from services.trainees.whose import name_on
from services.words.texts import FIRST_LANGUAGE, Texts

_TEN_THOUSANDS = re.compile(r"[(\[].*万")


class Reading(msgspec.Struct, frozen=True):
    """How the cells of one column are to be read. posts: by the partner's own words for them.
    column: None where a mapping gives the value."""

    date_format: str | None
    epoch_1904: bool
    pass_mark: int
    posts: dict[str, str]
    column: SheetColumn | None


CellReader = Callable[[Cell, Reading], Any]
"""Reads a cell that is not blank; raises CellRefusal."""

CellWriter = Callable[[Any, Texts], Any]
"""Writes a value as a cell of our own sheets, which reads as that value in every language."""


def as_it_is(value: Any, _: Texts) -> Any:
    """A text, number or day in its cell."""
    return value


def plain(read: Callable[[Cell], Any]) -> CellReader:
    """A reader that needs to know nothing of its column."""
    return lambda cell, _: read(cell)


class ReadBy(msgspec.Struct, frozen=True):
    """Marks a field of a row's command whose cells are not read as text, or not written as what
    they are."""

    read: CellReader
    write: CellWriter = as_it_is


class SeveralLines(msgspec.Struct, frozen=True):
    """How several lines of a sheet are one thing. key: of a row's values, the thing and which part
    of it the line is; None where nobody knows the thing. join: the row that all lines say
    together; refuses what they do not agree on. joined: the code of the note on the first line.
    refused: that for the other lines of one that is refused."""

    key: Callable[[Mapping[str, Any]], tuple[Any, Any] | None]
    join: Callable[[Sequence[Any]], Any]
    joined: str
    refused: str


class LetIn(msgspec.Struct, frozen=True):
    """What rows of a later kind of sheet may let in after all. by: that kind's slug. codes: those
    for which it is refused before."""

    by: str
    codes: tuple[str, ...]


class StayRecord(msgspec.Struct, frozen=True):
    """All that is recorded of a stay. person: who has it. names: of whom it names, by their ids."""

    stay: Trainee
    person: Person
    names: Mapping[str, str]

    @property
    def until(self) -> date:
        """The day as of which the person is described: the last one of the stay, or ever."""
        return self.stay.employment.left_on or date.max

    @property
    def name(self) -> str:
        return name_on(self.person, self.until)


class SheetKind(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of sheet.

    slug: stored, in mapping files, and in words.toml. command: what a row becomes; its fields that
    have headings there are the sheet's. settings: its fields that a mapping sets for a whole sheet,
    of the same name there. rows: of a stay, what such a sheet says of all that is recorded; None
    where another kind says it. telling: the fields without the heading of any of which a sheet is
    not of this kind, unless it has all others that every row states. keys: whose rows must be
    carried out one after another. opens: of which a row is carried out before all others, since it
    may make what they name: the first by the day `opened_on` that is not refused. since: of a row,
    the facts that hold from a day on that it gives, each with that day: by these the rows of one
    such day follow each other. either: the fields of which a sheet may have two columns: the better
    known heading is read. foreign: fields of other kinds, the heading of any of which a sheet of
    this kind has not. of_one_row: the fields whose value cannot hold for several rows at once.
    facts: what a row states beside what it is about; its command is a StatedRow then. topics: of
    the events that what it is about becomes, each with those of its fields that it says. undivided:
    of a row, and the fields whose cells cannot be read, whether it is refused with any of its
    facts. noted: of a row, the code of what is said of all rows that have this value in this field.
    identity: of a row, who it is about, where its number may be a second one of theirs. lines: how
    several rows are one thing, where they can be. unmet: of a row, a field of a fact that another
    rests on, and the sheet's pass mark, what is said at that cell where the other is refused for
    lack of it. let_in: what is decided again after the rows of a later kind of sheet.
    """

    slug: str
    command: type[msgspec.Struct]
    telling: tuple[str, ...]
    keys: Callable[[Any], list[tuple[str, str]]]
    opens: Callable[[Any], list[tuple[str, str]]] = lambda _: []
    opened_on: Callable[[Any], date] = lambda _: date.min
    since: Callable[[Any], dict[str, date]] = lambda _: {}
    rows: Callable[[StayRecord], Iterable[msgspec.Struct]] | None = None
    settings: tuple[str, ...] = ()
    either: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()
    of_one_row: tuple[str, ...] = ()
    facts: Sequence[RowFact] = ()
    topics: tuple[tuple[str, tuple[str, ...]], ...] = ()
    undivided: Callable[[Any, Collection[str]], bool] = lambda *_: False
    noted: Callable[[Any], tuple[str, str, str] | None] = lambda _: None
    identity: Callable[[Any], Identity | None] = lambda _: None
    lines: SeveralLines | None = None
    unmet: Callable[[Any, str, int], tuple[str, dict[str, Any]] | None] = lambda *_: None
    let_in: LetIn | None = None

    @property
    def headings(self) -> dict[str, list[str]]:
        """Field -> the headings of its column."""
        return WORDS.headings[self.slug]

    def heading(self, field: str, language: str, taken: Collection[str] = ()) -> str:
        """The heading of a field's column as one of our own sheets has it. taken: the keys of those
        that mean something else to the partner."""
        known = self.headings[field]
        spoken = [one for one in known if one.isascii() is (language != FIRST_LANGUAGE)]
        free = (one for one in (*spoken, *known) if heading_key(one) not in taken)
        return next(free, spoken[0]).capitalize()

    def read_into(self, command: Any, field: str) -> list[str]:
        """The topics of the events that a cell of a row is read into."""
        fact = fact_of(self.facts, field)
        its = fact.topics if fact else [one for one, said in self.topics if field in said]
        dated = (one for one in self.facts if one.dated_by and one.dating(command) == field)
        return [*dict.fromkeys((*its, *(topic for one in dated for topic in one.topics)))]

    @property
    def columns(self) -> dict[str, ReadBy]:
        """Field -> how its cells are read and written, in the order of the command."""
        known = self.headings
        return {field: read for field, read in _cells_of(self.command).items() if field in known}

    @property
    def required(self) -> Sequence[str]:
        """The fields that every row states."""
        return _required_of(self.command)


_TEXT = ReadBy(plain(read_text))


@cache
def _cells_of(command: type[msgspec.Struct]) -> Mapping[str, ReadBy]:
    """Field -> how its cells are read and written."""
    marks = {field.name: unwrapped(field.type)[1] for field in msgspec.structs.fields(command)}
    return {
        field: next((mark for mark in its if isinstance(mark, ReadBy)), _TEXT)
        for field, its in marks.items()
    }


@cache
def _required_of(command: type[msgspec.Struct]) -> Sequence[str]:
    return tuple(field.name for field in msgspec.structs.fields(command) if field.required)


def as_prose(cell: Cell, _: Reading) -> str:
    """A text as it was written."""
    return read_prose(cell)


def as_day(cell: Cell, how: Reading) -> Any:
    """A day, or NOTHING for the day 0 that a look-up makes of a blank cell."""
    if is_day_zero(cell):
        return NOTHING
    return read_date(cell, date_format=how.date_format, epoch_1904=how.epoch_1904)


def yes_no_cell(value: bool, texts: Texts) -> str:
    return texts(f"word.{'yes' if value else 'no'}")


YesNo = Annotated[bool | None, ReadBy(plain(read_verdict), yes_no_cell)]


def as_amount(cell: Cell, how: Reading) -> Any:
    """An amount in yuan. Refuses `amount_unit_unclear` where the heading gives the unit 万 and the
    cell none of its own."""
    heading = how.column.heading if how.column else ""
    has_unit = isinstance(cell, str) and tidy(cell).endswith("元")
    if not has_unit and _TEN_THOUSANDS.search(unicodedata.normalize("NFKC", heading)):
        raise CellRefusal("amount_unit_unclear", value=read_text(cell))
    return read_amount(cell)
