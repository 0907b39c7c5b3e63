"""Orders, which may come from others and go to others, and complaints (T18, S44)."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Self

from msgspec import Struct
from msgspec.structs import replace

from domain.kernel.errors import NotFoundError, Refusal, TakenError
from domain.trainees.employment import Employment
from domain.trainees.events import (
    ComplaintFiled,
    ComplaintWithdrawn,
    OrderClosed,
    OrderReassigned,
    OrderTakenOver,
    OrderVoided,
)

OrderEvent = OrderClosed | OrderTakenOver | OrderReassigned | OrderVoided
SellingEvent = OrderEvent | ComplaintFiled | ComplaintWithdrawn


class Order(Struct, frozen=True, kw_only=True):
    """An order as this seller had it last.

    fact_id: of its closing, or of the last taking over. credited_on: the day of taking it over.
    reassigned_to: the trainee who has it instead. taken_from: all who ever gave it to this seller.
    """

    fact_id: int
    closed_on: date
    product: str | None = None
    amount: Decimal | None = None
    voided_on: date | None = None
    credited_on: date | None = None
    reassigned_to: str | None = None
    taken_from: tuple[str, ...] = ()


class Complaint(Struct, frozen=True):
    """A complaint, perhaps withdrawn later."""

    on: date
    withdrawn_on: date | None = None


class Selling(Struct, frozen=True):
    """Orders and complaints by their numbers."""

    orders: Mapping[str, Order] = {}
    complaints: Mapping[str, Complaint] = {}

    def days(self) -> Iterator[date]:
        """The days from which orders are this seller's, and those of complaints."""
        yield from (order.credited_on or order.closed_on for order in self.orders.values())
        yield from (complaint.on for complaint in self.complaints.values())

    # decides

    def require_new(self, order_no: str, amount: Decimal | None) -> None:
        """Refuses `order_no_taken`, `amount_negative`."""
        if order_no in self.orders:
            raise TakenError("order_no_taken", field="order_no", order_no=order_no)
        require_amount(order_no, amount)

    def holds(self, order_no: str) -> bool:
        """Whether the order is this seller's now."""
        order = self.orders.get(order_no)
        return order is not None and order.reassigned_to is None

    def require_held(self, order_no: str) -> Order:
        """The order, which is this seller's now. Refuses `order_unknown`."""
        order = self.orders.get(order_no)
        if order is None or order.reassigned_to is not None:
            raise NotFoundError("order_unknown", field="order_no", order_no=order_no)
        return order

    def require_reassignment(
        self, who: Employment, to: Employment, order_no: str, on: date
    ) -> Order:
        """The order, which may be the other's from a day on.

        Refuses `order_unknown`, `order_already_voided`, `reassigned_to_holder`,
        `reassigned_before_order`, `before_take_over`.
        """
        order = self._valid(order_no)
        if to.enrolled.employee_no == who.enrolled.employee_no:
            raise who.refuse("reassigned_to_holder", "employee_no", order_no=order_no)
        _require_held_by(order_no, order, on, "reassigned_before_order")
        return order

    def require_voiding(self, order_no: str, on: date) -> None:
        """Refuses `order_unknown`, `order_already_voided`, `void_before_order`,
        `before_take_over`.
        """
        _require_held_by(order_no, self._valid(order_no), on, "void_before_order")

    def require_credited(self, who: Employment, order_no: str, closed_on: date) -> None:
        """An order that is, or was, this seller's may have been closed on that day.

        Refuses `before_enrolment`, `after_leaving`, `reassigned_before_order`.
        """
        credited_on = self.orders[order_no].credited_on
        if credited_on is None:
            who.require_employed(closed_on, "closed_on")
        elif closed_on > credited_on:
            raise Refusal(
                "reassigned_before_order",
                field="closed_on",
                order_no=order_no,
                closed_on=closed_on,
                on=credited_on,
            )

    def require_new_complaint(self, complaint_no: str) -> None:
        """Refuses `complaint_no_taken`."""
        if complaint_no in self.complaints:
            raise TakenError("complaint_no_taken", field="complaint_no", complaint_no=complaint_no)

    def require_complaint(self, complaint_no: str, on: date) -> None:
        """One that may be withdrawn on a day.

        Refuses `complaint_unknown`, `complaint_already_withdrawn`, `withdrawn_before_complaint`.
        """
        complaint = self.complaints.get(complaint_no)
        if complaint is None:
            raise NotFoundError(
                "complaint_unknown", field="complaint_no", complaint_no=complaint_no
            )
        if complaint.withdrawn_on is not None:
            raise Refusal(
                "complaint_already_withdrawn",
                field="complaint_no",
                complaint_no=complaint_no,
                on=complaint.withdrawn_on,
            )
        if on < complaint.on:
            raise Refusal(
                "withdrawn_before_complaint",
                field="on",
                complaint_no=complaint_no,
                filed_on=complaint.on,
                on=on,
            )

    def _valid(self, order_no: str) -> Order:
        order = self.require_held(order_no)
        if order.voided_on is not None:
            raise Refusal(
                "order_already_voided", field="order_no", order_no=order_no, on=order.voided_on
            )
        return order

    # evolves

    def evolve(self, event: SellingEvent) -> Self:
        """The orders and complaints after an event."""
        match event:
            case ComplaintFiled(complaint_no=no, on=on):
                return replace(self, complaints={**self.complaints, no: Complaint(on)})
            case ComplaintWithdrawn(complaint_no=no, on=on):
                complaint = Complaint(self.complaints[no].on, withdrawn_on=on)
                return replace(self, complaints={**self.complaints, no: complaint})
        order = _order(self.orders.get(event.order_no), event)
        return replace(self, orders={**self.orders, event.order_no: order})


def _order(was: Order | None, event: OrderEvent) -> Order:
    """An order after an event; the first one closes it or takes it over."""
    match event:
        case OrderTakenOver():
            givers = was.taken_from if was else ()
            return Order(
                fact_id=event.fact_id,
                closed_on=event.closed_on,
                product=event.product,
                amount=event.amount,
                credited_on=event.on,
                taken_from=(*givers, event.from_trainee_id),
            )
        case OrderClosed(closed_on=closed_on, product=product, amount=amount):
            if was is None:
                was = Order(fact_id=event.fact_id, closed_on=closed_on)
            return replace(was, closed_on=closed_on, product=product, amount=amount)
    if was is None:
        raise LookupError(f"the order of {event.TOPIC} was never closed")
    if isinstance(event, OrderVoided):
        return replace(was, voided_on=event.on)
    return replace(was, reassigned_to=event.to_trainee_id)


def _require_held_by(order_no: str, order: Order, on: date, code: str) -> None:
    """Closed by a day, else the code; and taken over by it, else `before_take_over`."""
    if on < order.closed_on:
        raise Refusal(code, field="on", order_no=order_no, closed_on=order.closed_on, on=on)
    if order.credited_on is not None and on < order.credited_on:
        raise Refusal(
            "before_take_over", field="on", order_no=order_no, credited_on=order.credited_on, on=on
        )


def require_amount(order_no: str, amount: Decimal | None) -> None:
    """Refuses `amount_negative`."""
    if amount is not None and amount < 0:
        raise Refusal("amount_negative", field="amount", order_no=order_no, amount=str(amount))
