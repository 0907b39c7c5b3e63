"""What a row states, typed; None is a blank cell and says nothing."""

from datetime import date
from decimal import Decimal

import msgspec

from domain.trainees.trainee import SALES
from services.importing.faults import Fault, Place
from services.importing.workbook import Column


class Score(msgspec.Struct, frozen=True):
    """An exam's outcome; a word gives no score."""

    passed: bool
    score: Decimal | None = None


class RosterFacts(msgspec.Struct, frozen=True):
    """One row of a roster (花名册)."""

    employee_no: str
    name: str
    cohort: str
    entered_on: date
    post: str = SALES
    phone: str | None = None
    mail: str | None = None
    manager: str | None = None
    trial_verdict: bool | None = None
    trial_feedback: str | None = None
    written_exam: Score | None = None
    drill: Score | None = None
    live_on: date | None = None
    left_on: date | None = None
    leave_reason: str | None = None


class OrderFacts(msgspec.Struct, frozen=True):
    """One row of an order sheet (出单明细). `status`: False is void.

    `status_word` is the cell's own word: the reason of a void order that gives no other.
    """

    order_no: str
    employee_no: str
    closed_on: date
    name: str | None = None
    product: str | None = None
    amount: Decimal | None = None
    status: bool | None = None
    status_word: str | None = None
    voided_on: date | None = None
    void_reason: str | None = None


class Entry(msgspec.Struct, frozen=True):
    """One row: its facts, a struct of its kind of sheet, or its faults.

    `skip_unknown`: an order of a stranger is no fault.
    """

    place: Place
    columns: dict[str, Column]
    facts: msgspec.Struct | None
    faults: list[Fault]
    skip_unknown: bool = False

    def place_of(self, field: str | None) -> Place:
        """The cell of a field; the row as a whole where the field has no column."""
        return cell_place(self.place, self.columns.get(field) if field else None)


def cell_place(row: Place, column: Column | None) -> Place:
    """The place of one cell of a row."""
    if column is None:
        return row
    return msgspec.structs.replace(row, heading=column.heading, column=column.letter)
