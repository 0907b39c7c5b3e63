"""Which orders has a seller? Each a row, with what it needs to be found by."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

import msgspec

from domain.kernel.bounds import Money
from domain.kernel.values import search_key
from domain.kpi.subjects.facts import OrderFact
from domain.kpi.subjects.newcomer import Newcomer
from projections.kernel.projection import Key, Parts

OrderStatus = Literal["valid", "voided"]


class HeldOrder(msgspec.Struct, frozen=True, gc=False):
    """An order of who has it, closed or taken over. credited_on: the day of taking it over.

    cohort_id, cohort_code, manager_id: the seller's. taken_from: the id of the seller before.
    search: all that finds it. position: of the closing or taking over.
    """

    order_no: str
    trainee_id: str
    closed_on: date
    product: str | None
    amount: Money | None
    employee_no: str
    cohort_id: str
    cohort_code: str
    manager_id: str | None
    status: OrderStatus
    voided_on: date | None
    credited_on: date | None
    taken_from: str | None
    search: str
    position: int


class _Seller(msgspec.Struct, frozen=True, gc=False):
    """Who has an order, as of the last batch and manager that are known. search: finds the seller.

    Made once for all orders of a seller.
    """

    trainee_id: str
    employee_no: str
    cohort_id: str
    cohort_code: str
    manager_id: str | None
    search: str


def held_orders(row: Any) -> Mapping[Key, tuple[OrderFact, _Seller]]:
    """The orders of a newcomer's row, without those that were given to others."""
    facts: Newcomer = row.facts
    if not facts.orders:
        return {}
    who, number = facts.trainee_id, facts.employee_no
    batch, manager_id = facts.batch_on(date.max), facts.manager_on(date.max)
    seller = _Seller(who, number, *batch, manager_id, search_key(number))
    return {
        (order.no, who): (order, seller) for order in facts.orders if order.reassigned_on is None
    }


def held_order(made_of: tuple[OrderFact, _Seller]) -> HeldOrder:
    """An order, with its seller."""
    order, seller = made_of
    return HeldOrder(
        order_no=order.no,
        trainee_id=seller.trainee_id,
        closed_on=order.closed_on,
        product=order.product,
        amount=order.amount,
        employee_no=seller.employee_no,
        cohort_id=seller.cohort_id,
        cohort_code=seller.cohort_code,
        manager_id=seller.manager_id,
        status="valid" if order.voided_on is None else "voided",
        voided_on=order.voided_on,
        credited_on=order.credited_on,
        taken_from=order.taken_from,
        search=f"{search_key(order.no)} {seller.search}",
        position=order.position,
    )


NEWCOMERS_VERSION = 7
"""Of NEWCOMERS and of what follows from its rows: one rises with the other."""

HELD_ORDERS = Parts(
    name="orders",
    version=NEWCOMERS_VERSION,
    row=HeldOrder,
    primary_key=("order_no", "trainee_id"),
    of=held_orders,
    make=held_order,
    indexes=(("closed_on",), ("trainee_id",)),
)
"""Of NEWCOMERS; nothing else is folded for the list of orders."""
