"""Orders and complaints: what a trainee does at the customer's.

A part of the trainee (domain/trainees/trainee.py), whose events these are.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

import msgspec
from eventsourcing.domain import event
from msgspec.structs import replace

from domain.kernel.aggregate import Aggregate, Personal
from domain.kernel.errors import NotFoundError, Refusal, TakenError
from domain.trainees.employment import require_news, require_reason
from domain.trainees.evidence import Candidate


class Seller(Candidate):
    """Holds orders, which may come from others and go to others, and answers for complaints."""

    class OrderClosed(Aggregate.Event):
        """Closed an order (出单)."""

        TOPIC = "trainee.order_closed"
        order_no: str
        closed_on: date
        product: str | None = None
        amount: Decimal | None = None

    class OrderReassigned(Aggregate.Event):
        """Gave the order to another seller, whose it is from `on` (T18)."""

        TOPIC = "trainee.order_reassigned"
        order_no: str
        to_trainee_id: str
        on: date
        reason: str

    class OrderTakenOver(Aggregate.Event):
        """Was given another seller's order, closed on `closed_on`; credited here from `on`."""

        TOPIC = "trainee.order_taken_over"
        order_no: str
        from_trainee_id: str
        on: date
        closed_on: date
        product: str | None = None
        amount: Decimal | None = None

    class OrderVoided(Aggregate.Event):
        """An order turned out void: cancelled or refunded (作废)."""

        TOPIC = "trainee.order_voided"
        order_no: str
        on: date
        reason: str

    class OrderCorrected(Aggregate.Event):
        """The order had been typed wrong: this is how it was. Told to all who ever had it."""

        TOPIC = "trainee.order_corrected"
        order_no: str
        closed_on: date
        reason: str
        product: str | None = None
        amount: Decimal | None = None

    class ComplaintFiled(Aggregate.Event):
        """Somebody complained, or rules were violated (投诉违规, S44)."""

        TOPIC = "trainee.complaint_filed"
        complaint_no: str
        on: date
        about: Personal | None = None

    class ComplaintWithdrawn(Aggregate.Event):
        """The complaint was taken back or turned out unfounded."""

        TOPIC = "trainee.complaint_withdrawn"
        complaint_no: str
        on: date
        reason: str

    # decides

    def close_order(
        self, *, order_no: str, closed_on: date, product: str | None, amount: Decimal | None
    ) -> None:
        """Refuses `order_no_taken`, `before_enrolment`, `after_leaving`, `amount_negative`."""
        if order_no in self.orders:
            raise TakenError("order_no_taken", field="order_no", order_no=order_no)
        _require_amount(order_no, amount)
        self._require_employed(closed_on, "closed_on")
        self.trigger_event(
            self.OrderClosed, order_no=order_no, closed_on=closed_on, product=product, amount=amount
        )

    def reassign_order(self, *, order_no: str, to: "Seller", on: date, reason: str) -> None:
        """The order is the other's from `on`; both learn it.

        Refuses `order_unknown`, `order_already_voided`, `reassigned_to_holder`,
        `reassigned_before_order`, `before_take_over`, `reason_missing`, and what the receiver does:
        `before_enrolment`, `after_leaving`.
        """
        order = self._held(order_no)
        if order.voided_on is not None:
            raise Refusal(
                "order_already_voided", field="order_no", order_no=order_no, on=order.voided_on
            )
        if to.employee_no == self.employee_no:
            raise Refusal(
                "reassigned_to_holder",
                field="employee_no",
                order_no=order_no,
                employee_no=to.employee_no,
            )
        if on < order.closed_on:
            raise Refusal(
                "reassigned_before_order",
                field="on",
                order_no=order_no,
                closed_on=order.closed_on,
                on=on,
            )
        _require_taken_over(order_no, order, on)
        require_reason(reason)
        to._require_employed(on)
        self.trigger_event(
            self.OrderReassigned, order_no=order_no, to_trainee_id=to.id, on=on, reason=reason
        )
        to.trigger_event(
            to.OrderTakenOver,
            order_no=order_no,
            from_trainee_id=self.id,
            on=on,
            closed_on=order.closed_on,
            product=order.product,
            amount=order.amount,
        )

    def void_order(self, *, order_no: str, on: date, reason: str) -> None:
        """Refuses `order_unknown`, `order_already_voided`, `void_before_order`,
        `before_take_over`, `reason_missing`.
        """
        order = self._held(order_no)
        if order.voided_on is not None:
            raise Refusal(
                "order_already_voided", field="order_no", order_no=order_no, on=order.voided_on
            )
        if on < order.closed_on:
            raise Refusal(
                "void_before_order", field="on", order_no=order_no, closed_on=order.closed_on, on=on
            )
        _require_taken_over(order_no, order, on)
        require_reason(reason)
        self.trigger_event(self.OrderVoided, order_no=order_no, on=on, reason=reason)

    def correct_order(
        self,
        *,
        order_no: str,
        closed_on: date,
        product: str | None,
        amount: Decimal | None,
        reason: str,
        had: Iterable["Seller"] = (),
    ) -> None:
        """What had been typed wrong of an order that is held now; says all of it again.

        had: all others who ever had it; they learn it too, since it was closed but once. Refuses
        `order_unknown`, `amount_negative`, `before_enrolment`, `after_leaving`,
        `void_before_order`, `reassigned_before_order`, `reason_missing`, `nothing_to_correct`.
        """
        order, sellers = self._held(order_no), (self, *had)
        _require_amount(order_no, amount)
        for seller in sellers:
            seller._require_credited(order_no, closed_on)
        if order.voided_on is not None and closed_on > order.voided_on:
            raise Refusal(
                "void_before_order",
                field="closed_on",
                order_no=order_no,
                closed_on=closed_on,
                on=order.voided_on,
            )
        require_reason(reason)
        require_news((order.closed_on, order.product, order.amount), (closed_on, product, amount))
        for seller in sellers:
            seller.trigger_event(
                seller.OrderCorrected,
                order_no=order_no,
                closed_on=closed_on,
                product=product,
                amount=amount,
                reason=reason,
            )

    def file_complaint(self, *, complaint_no: str, on: date, about: str | None) -> None:
        """Also of somebody who has left meanwhile.

        Refuses `complaint_no_taken`, `before_enrolment`.
        """
        if complaint_no in self.complaints:
            raise TakenError("complaint_no_taken", field="complaint_no", complaint_no=complaint_no)
        self._require_enrolled(on)
        self.trigger_event(self.ComplaintFiled, complaint_no=complaint_no, on=on, about=about)

    def withdraw_complaint(self, *, complaint_no: str, on: date, reason: str) -> None:
        """Refuses `complaint_unknown`, `complaint_already_withdrawn`,
        `withdrawn_before_complaint`, `reason_missing`.
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
        require_reason(reason)
        self.trigger_event(self.ComplaintWithdrawn, complaint_no=complaint_no, on=on, reason=reason)

    def _held(self, order_no: str) -> "Order":
        order = self.orders.get(order_no)
        if order is None or order.reassigned_to is not None:
            raise NotFoundError("order_unknown", field="order_no", order_no=order_no)
        return order

    def _require_credited(self, order_no: str, closed_on: date) -> None:
        credited_on = self.orders[order_no].credited_on
        if credited_on is None:
            self._require_employed(closed_on, "closed_on")
        elif closed_on > credited_on:
            raise Refusal(
                "reassigned_before_order",
                field="closed_on",
                order_no=order_no,
                closed_on=closed_on,
                on=credited_on,
            )

    # evolves

    def __init__(self, employee_no: str, entered_on: date, manager: str | None) -> None:
        super().__init__(employee_no, entered_on, manager)
        self.orders: dict[str, Order] = {}
        self.complaints: dict[str, Complaint] = {}

    @event(OrderClosed)
    def _order_closed(
        self, order_no: str, closed_on: date, product: str | None, amount: Decimal | None
    ) -> None:
        self.orders[order_no] = Order(closed_on=closed_on, product=product, amount=amount)

    @event(OrderReassigned)
    def _order_reassigned(self, order_no: str, to_trainee_id: str) -> None:
        order = self.orders[order_no]
        given_to = (*order.given_to, to_trainee_id)
        self.orders[order_no] = replace(order, reassigned_to=to_trainee_id, given_to=given_to)

    @event(OrderTakenOver)
    def _order_taken_over(
        self,
        order_no: str,
        on: date,
        closed_on: date,
        product: str | None,
        amount: Decimal | None,
    ) -> None:
        before = self.orders.get(order_no)
        self.orders[order_no] = Order(
            closed_on=closed_on,
            product=product,
            amount=amount,
            credited_on=on,
            given_to=before.given_to if before else (),
        )

    @event(OrderVoided)
    def _order_voided(self, order_no: str, on: date) -> None:
        self.orders[order_no] = replace(self.orders[order_no], voided_on=on)

    @event(OrderCorrected)
    def _order_corrected(
        self, order_no: str, closed_on: date, product: str | None, amount: Decimal | None
    ) -> None:
        self.orders[order_no] = replace(
            self.orders[order_no], closed_on=closed_on, product=product, amount=amount
        )

    @event(ComplaintFiled)
    def _complaint_filed(self, complaint_no: str, on: date) -> None:
        self.complaints[complaint_no] = Complaint(on)

    @event(ComplaintWithdrawn)
    def _complaint_withdrawn(self, complaint_no: str, on: date) -> None:
        self.complaints[complaint_no] = replace(self.complaints[complaint_no], withdrawn_on=on)


class Order(msgspec.Struct, frozen=True):
    """An order as later decisions need it, as this seller had it last.

    credited_on: the day of taking it over from another. reassigned_to: whom it went to and is with
    now. given_to: all whom it ever went to from here.
    """

    closed_on: date
    voided_on: date | None = None
    product: str | None = None
    amount: Decimal | None = None
    credited_on: date | None = None
    reassigned_to: str | None = None
    given_to: tuple[str, ...] = ()


class Complaint(msgspec.Struct, frozen=True):
    """A complaint as later decisions need it."""

    on: date
    withdrawn_on: date | None = None


def _require_amount(order_no: str, amount: Decimal | None) -> None:
    if amount is not None and amount < 0:
        raise Refusal("amount_negative", field="amount", order_no=order_no, amount=str(amount))


def _require_taken_over(order_no: str, order: Order, on: date) -> None:
    if order.credited_on is not None and on < order.credited_on:
        raise Refusal(
            "before_take_over", field="on", order_no=order_no, credited_on=order.credited_on, on=on
        )
