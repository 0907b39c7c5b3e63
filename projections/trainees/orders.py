"""What was sold, by whom, and whose is it now?"""

from datetime import date

from msgspec.structs import replace

from domain.kernel.values import typed_key
from domain.kpi.subjects.as_of import newcomer_as_of
from domain.trainees.selling import BETWEEN_PRODUCTS
from projections.figures.held_orders import HELD_ORDERS, HeldOrder, OrderStatus
from projections.figures.newcomers import NEWCOMERS, NewcomerRow
from projections.kernel.filters import (
    OF_COHORT,
    OF_TRAINEE,
    AmongTexts,
    Equals,
    InMonth,
    Searched,
)
from projections.kernel.listing import Listing
from projections.kernel.names import PeopleNames
from projections.kernel.totals import Totals
from projections.kernel.whose import Whose
from projections.people.named import NamedPerson
from projections.people.people import PERSON_LIST
from projections.trainees.cohort_members import MEMBERS
from projections.trainees.cohort_roster import TRAINEE_LIST


class OrderRow(HeldOrder, frozen=True):
    """The same with the names of the seller and the manager, and of the one from whom it was taken
    over."""

    name: str | None = None
    manager: str | None = None
    taken_from_name: str | None = None


def as_of(row: NewcomerRow, day: date) -> NewcomerRow | None:
    """A newcomer's row as of the evening of a day; None before the person entered."""
    facts = newcomer_as_of(row.facts, day)
    if facts is row.facts:
        return row
    return None if facts is None else replace(row, facts=facts)


ORDER_LIST = Listing[HeldOrder](
    name="orders",
    kind="Order",
    projection=NEWCOMERS,
    parts=HELD_ORDERS,
    permission="read_orders",
    filters={
        "trainee": OF_TRAINEE,
        "cohort": OF_COHORT,
        "manager": NamedPerson(
            column="manager_id",
            said_in="manager",
            description="The seller's manager: a number, a name that is one person's, or a key.",
        ),
        "month": InMonth(column="closed_on", description="In which it was closed, YYYY-MM."),
        "product": AmongTexts(
            column="product",
            between=BETWEEN_PRODUCTS,
            description="A product that was sold, perhaps among others.",
        ),
        "status": Equals(column="status", kind=OrderStatus, description="Whether it is void."),
        "search": Searched(description="Part of the order number or the employee number."),
    },
    unique={
        "order_no": Equals(
            column="order_no",
            description="The order number, however it is spelt.",
            folded=typed_key,
        )
    },
    order=("closed_on", "order_no", "trainee_id"),
    descending=True,
    as_of=as_of,
    narrowed={"trainee": None, "cohort": MEMBERS},
    names=(
        PeopleNames(
            of=TRAINEE_LIST,
            row=OrderRow,
            ids={"name": "trainee_id", "taken_from_name": "taken_from"},
            others=("taken_from_name",),
        ),
        PeopleNames(of=PERSON_LIST, row=OrderRow, ids={"manager": "manager_id"}),
    ),
    totals=Totals(by="status", of="amount"),
    columns=(
        "order_no",
        "closed_on",
        "product",
        "amount",
        "employee_no",
        "name",
        "cohort_code",
        "manager",
        "status",
        "voided_on",
        "credited_on",
        "taken_from_name",
    ),
    whose=Whose(owners={"managers": "manager_id", "cohorts": "cohort_id"}, about="trainee_id"),
)
"""The latest closed first."""
