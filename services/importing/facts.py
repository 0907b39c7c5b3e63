"""What a row states, typed; None is a blank cell and says nothing."""

import msgspec

from domain.trainees.trainee import SALES
from services.importing.faults import Fault, Place
from services.importing.workbook import Column
from services.kernel import fields
from services.kernel.fields import (
    Amount,
    CohortCode,
    Day,
    EmployeeNo,
    Feedback,
    Mail,
    Manager,
    OrderNo,
    Passed,
    PersonName,
    Phone,
    Post,
    Product,
    Reason,
)


class Score(msgspec.Struct, frozen=True):
    """An exam's outcome; a word gives no score."""

    passed: Passed
    score: fields.Score | None = None


class RosterFacts(msgspec.Struct, frozen=True):
    """One row of a roster (花名册)."""

    employee_no: EmployeeNo
    name: PersonName
    cohort: CohortCode
    entered_on: Day
    post: Post = SALES
    phone: Phone | None = None
    mail: Mail | None = None
    manager: Manager | None = None
    trial_verdict: bool | None = None
    trial_feedback: Feedback | None = None
    written_exam: Score | None = None
    drill: Score | None = None
    live_on: Day | None = None
    left_on: Day | None = None
    leave_reason: Reason | None = None


class OrderFacts(msgspec.Struct, frozen=True):
    """One row of an order sheet (出单明细). `status`: False is void.

    `status_word` is the cell's own word: the reason of a void order that gives no other.
    """

    order_no: OrderNo
    employee_no: EmployeeNo
    closed_on: Day
    name: PersonName | None = None
    product: Product | None = None
    amount: Amount | None = None
    status: bool | None = None
    status_word: Reason | None = None
    voided_on: Day | None = None
    void_reason: Reason | None = None


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
        """The cell of a field (`row.name`); the row as a whole where the field has no column."""
        parts = field.split(".") if field else []
        columns = (self.columns[part] for part in parts if part in self.columns)
        return cell_place(self.place, next(columns, None))


def cell_place(row: Place, column: Column | None) -> Place:
    """The place of one cell of a row."""
    if column is None:
        return row
    return msgspec.structs.replace(row, heading=column.heading, column=column.letter)
