"""The report of an import: every row with its outcome, and the faults of cells and rows."""

from collections import Counter
from datetime import date
from enum import StrEnum
from typing import Any

import msgspec

from domain.kernel.errors import Refusal
from services.words.params import read, types_of

CELL_MENDED = "cell_mended"
"""The code of what is said of a cell that was mended."""
BLANK = "blank_cell"
"""The word for what stands in a cell that is blank."""

ALREADY_RECORDED = "already_recorded"
"""Why a row is skipped that says nothing new."""
LINE_OF_ANOTHER = "line_of_another"
"""What is said of a further line of what the first one says as a whole."""


class CellRefusal(Refusal):
    """A cell cannot be read as a value of its column. Params: `value`, and others by code."""


class Place(msgspec.Struct, frozen=True, gc=False):
    """Where in a file: `row` is 1-based, None for the sheet as a whole.

    `heading` is the column's heading as written, `column` its letter; both None for the whole row.
    `under`: of a column that the sheet lacks, the row in which its heading would stand.
    """

    file: str
    sheet: str
    row: int | None = None
    heading: str | None = None
    column: str | None = None
    under: int | None = None


class Fault(msgspec.Struct, frozen=True, gc=False):
    """What is said of a place: why a row is refused or skipped, or how a sheet is read otherwise
    than it looks. A code with params. also: where it can be mended as well. types: of the params
    (services/words/params.py)."""

    place: Place
    code: str
    params: dict[str, Any] = {}
    also: list[Place] = []
    types: dict[str, Any] = {}

    def __post_init__(self) -> None:
        if self.types:
            msgspec.structs.force_setattr(self, "params", read(self.params, self.types))
        elif types := types_of(self.params):
            msgspec.structs.force_setattr(self, "types", types)


class Outcome(StrEnum):
    """The outcome of a row. PART: something of it is recorded, and something refused. MERGE: it is
    a further line of what is recorded with its first one."""

    CREATE = "create"
    CHANGE = "change"
    PART = "part"
    SKIP = "skip"
    MERGE = "merge"
    REFUSE = "refuse"


class Fate(StrEnum):
    """What became of one fact of a row. KNOWN: it was recorded before. LEFT: what it rests on was
    refused."""

    RECORDED = "recorded"
    KNOWN = "known"
    LEFT = "left"


class FactName(msgspec.Struct, frozen=True, gc=False):
    """What a fact of a row is called: by a field, or by the kind of sheet where it is what the row
    is about. heading: over its cell, as written there."""

    name: str
    heading: str | None = None


class FactReport(msgspec.Struct, frozen=True, gc=False):
    """A fact of a row that was not refused itself. rests_on: the refused one for which it is
    left."""

    fact: FactName
    fate: Fate
    rests_on: FactName | None = None


class RowReport(msgspec.Struct, frozen=True, gc=False):
    """One row. `reasons`: why it was refused, or some of its facts, or skipped, or with which row
    it was merged; empty for what was written. `notes`: what came of it besides. `facts`: where
    something is refused, what became of the row's others. `new`: the facts that were not recorded
    before, beside what the row is about. `unknown`: the fields that name somebody whom nobody knew
    when the run began. `about`: the number of the order, else of the employee; empty where the row
    has none that can be read."""

    place: Place
    kind: str
    outcome: Outcome
    reasons: list[Fault] = []
    notes: list[Fault] = []
    events: int = 0
    facts: list[FactReport] = []
    new: list[str] = []
    unknown: list[str] = []
    about: str = ""

    @property
    def is_refused(self) -> bool:
        """Whether anything of it is refused."""
        return self.outcome in (Outcome.PART, Outcome.REFUSE)

    @property
    def stands(self) -> bool:
        """Whether what it is about is recorded, by it or before."""
        is_left = not self.facts or self.facts[0].fate is Fate.LEFT
        return self.outcome is not Outcome.REFUSE or not is_left

    @property
    def is_recorded(self) -> bool:
        """The same, but of a row that is skipped for what is not there."""
        is_known = any(one.code == ALREADY_RECORDED for one in self.reasons)
        return self.stands and (self.outcome is not Outcome.SKIP or is_known)

    @property
    def is_recorded_else(self) -> bool:
        """Whether it is refused for nothing but what is refused of it: all else was recorded
        before."""
        return self.outcome is Outcome.REFUSE and self.stands

    @property
    def is_mended(self) -> bool:
        """Whether a cell of it says something else than in the file."""
        return any(note.code == CELL_MENDED for note in self.notes)

    @property
    def mended(self) -> list[Fault]:
        """What is said of its cells that were mended and are taken as they are now."""
        at = {(fault.place.row, fault.place.column) for fault in self.reasons if self.is_refused}
        said = (note for note in self.notes if note.code == CELL_MENDED)
        return [note for note in said if (note.place.row, note.place.column) not in at]


class SheetReport(msgspec.Struct, frozen=True):
    """One sheet. `kind` is None for a sheet of no known kind, which was left alone.

    `heading_row` is 1-based. `columns`: the heading of each field that is read. `rows` counts table
    rows; `filtered` those that a mapping's filter left out. `notes`: all that holds something and
    is not read, or not as it looks. `changed_on`: the day of its changes, as it was given.
    """

    file: str
    name: str
    kind: str | None = None
    heading_row: int | None = None
    columns: dict[str, str] = {}
    rows: int = 0
    filtered: int = 0
    notes: list[Fault] = []
    changed_on: date | None = None

    @property
    def heading_place(self) -> Place:
        """The row of its headings."""
        return Place(self.file, self.name, self.heading_row)


class ImportReport(msgspec.Struct, frozen=True):
    """The whole import. `position`: the tenant's position after it; `known`: the one before it,
    None where an earlier version noted none.

    `stopped`: the caller asked to stop, and the rows that are not listed were not begun, or not
    carried out to their end.
    """

    files: list[str]
    dry_run: bool
    sheets: list[SheetReport]
    rows: list[RowReport]
    position: int
    stopped: bool = False
    known: int | None = None

    @property
    def counts(self) -> dict[str, int]:
        """Outcome -> rows, every outcome present."""
        counted = Counter(row.outcome for row in self.rows)
        return {str(outcome): counted[outcome] for outcome in Outcome}

    @property
    def events(self) -> int:
        """Events written (or, in a dry run, that would be)."""
        return sum(row.events for row in self.rows)

    @property
    def notes(self) -> list[Fault]:
        """All that is said beside what became of the rows."""
        of_sheets = [note for sheet in self.sheets for note in sheet.notes]
        return of_sheets + [note for row in self.rows for note in row.notes]

    @property
    def is_empty(self) -> bool:
        """Whether its sheets have headings and nothing below them."""
        return not any(sheet.rows or sheet.filtered for sheet in self.sheets)

    @property
    def is_mended(self) -> bool:
        """Whether a cell of any row was mended."""
        return any(row.is_mended for row in self.rows)

    @property
    def refused_again(self) -> int:
        """Rows that are refused only for what was refused of them: all else was recorded before."""
        return sum(row.is_recorded_else for row in self.rows)

    @property
    def refused(self) -> list[RowReport]:
        """The rows of which anything is refused."""
        return [row for row in self.rows if row.is_refused]
