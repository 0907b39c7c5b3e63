"""Orders, which may come from others and go to others, and complaints (T18, S44)."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final, Self

from msgspec import Struct
from msgspec.structs import replace

from domain.kernel.errors import NotFoundError, Refusal, TakenError
from domain.trainees.employment import Employment
from domain.trainees.events import (
    ComplaintEvent,
    ComplaintFiled,
    ComplaintWithdrawn,
    OrderClosed,
    OrderCorrected,
    OrderEvent,
    OrderTakenOver,
    OrderVoided,
)

SellingEvent = OrderEvent | ComplaintEvent

BETWEEN_PRODUCTS: Final = "、"
"""Between the products of one order, which are one text."""


class Order(Struct, frozen=True, kw_only=True, gc=False):
    """An order in the state in which this seller has, or last had, it.

    fact_id: of its closing, or of the last taking over. credited_on: the day of taking it over.
    had_since: the day of taking it over first; None where this seller closed it. reassigned_to: the
    trainee who has it instead. taken_from: all who ever gave it to this seller.
    """

    no: str
    fact_id: int
    closed_on: date
    product: str | None = None
    amount: Decimal | None = None
    voided_on: date | None = None
    credited_on: date | None = None
    had_since: date | None = None
    reassigned_to: str | None = None
    taken_from: tuple[str, ...] = ()

    def refuse(self, code: str, field: str = "order_no", **params: object) -> Refusal:
        return Refusal(code, field=field, order_no=self.no, **params)

    def require_valid(self) -> None:
        if self.voided_on is not None:
            raise self.refuse("order_already_voided", on=self.voided_on)

    def require_had(self, on: date, code: str) -> None:
        """Requires that the order was closed by a day, else refuses the code, and taken over."""
        if on < self.closed_on:
            raise self.refuse(code, "on", closed_on=self.closed_on, on=on)
        if self.credited_on is not None and on < self.credited_on:
            raise self.refuse("before_take_over", "on", credited_on=self.credited_on, on=on)

    def require_closing(self, who: Employment, closed_on: date) -> None:
        """Requires that this seller, or the one before, may have closed the order on a day."""
        on = self.had_since
        if on is None:
            who.require_employed(closed_on, "closed_on")
        elif closed_on > on:
            raise self.refuse("reassigned_before_order", "closed_on", closed_on=closed_on, on=on)


class Complaint(Struct, frozen=True):
    """A complaint, perhaps withdrawn later."""

    no: str
    on: date
    withdrawn_on: date | None = None

    def require_withdrawal(self, on: date) -> None:
        if (withdrawn_on := self.withdrawn_on) is not None:
            raise self._refuse("complaint_already_withdrawn", "complaint_no", on=withdrawn_on)
        if on < self.on:
            raise self._refuse("withdrawn_before_complaint", "on", filed_on=self.on, on=on)

    def _refuse(self, code: str, field: str, **params: object) -> Refusal:
        return Refusal(code, field=field, complaint_no=self.no, **params)


class Selling(Struct, frozen=True, gc=False):
    """The orders and complaints of a trainee, by their numbers."""

    orders: Mapping[str, Order] = {}
    complaints: Mapping[str, Complaint] = {}

    def days(self) -> Iterator[date]:
        """The days from which orders are this seller's, and those of complaints."""
        yield from (order.credited_on or order.closed_on for order in self.orders.values())
        yield from (complaint.on for complaint in self.complaints.values())

    def own_days(self) -> Iterator[date]:
        """The days that say of which stay the orders and complaints are."""
        yield from (order.closed_on for order in self.orders.values())
        yield from (complaint.on for complaint in self.complaints.values())

    # decides

    def require_new(self, order_no: str, amount: Decimal | None) -> None:
        if order_no in self.orders:
            raise TakenError("order_no_taken", field="order_no", order_no=order_no)
        require_amount(order_no, amount)

    def holds(self, order_no: str) -> bool:
        """Whether the order is this seller's now."""
        order = self.orders.get(order_no)
        return order is not None and order.reassigned_to is None

    def require_held(self, order_no: str) -> Order:
        """The order, if it is this seller's now. Raises NotFoundError `order_unknown`."""
        if not self.holds(order_no):
            raise NotFoundError("order_unknown", field="order_no", order_no=order_no)
        return self.orders[order_no]

    def require_new_complaint(self, complaint_no: str) -> None:
        if complaint_no in self.complaints:
            raise TakenError("complaint_no_taken", field="complaint_no", complaint_no=complaint_no)

    def require_complaint(self, complaint_no: str) -> Complaint:
        if complaint_no not in self.complaints:
            raise NotFoundError(
                "complaint_unknown", field="complaint_no", complaint_no=complaint_no
            )
        return self.complaints[complaint_no]

    # evolves

    def evolve(self, event: SellingEvent) -> Self:
        match event:
            case ComplaintFiled(complaint_no=no, on=on):
                return replace(self, complaints={**self.complaints, no: Complaint(no, on)})
            case ComplaintWithdrawn(complaint_no=no, on=on):
                complaint = replace(self.complaints[no], withdrawn_on=on)
                return replace(self, complaints={**self.complaints, no: complaint})
        was = self.orders.get(event.order_no)
        if was is None and isinstance(event, OrderCorrected):
            return self  # What it corrects was withdrawn.
        orders = {**self.orders, event.order_no: _order(was, event)}
        return type(self)(orders, self.complaints)


def _order(was: Order | None, event: OrderEvent) -> Order:
    """An order after an event; the first one closes it or takes it over."""
    match event:
        case OrderTakenOver():
            givers = was.taken_from if was else ()
            since = was.had_since if was else event.on
            return Order(
                no=event.order_no,
                fact_id=event.fact_id,
                closed_on=event.closed_on,
                product=event.product,
                amount=event.amount,
                credited_on=event.on,
                had_since=since,
                taken_from=(*givers, event.from_trainee_id),
            )
        case OrderClosed(closed_on=closed_on, product=product, amount=amount):
            said: dict[str, Any] = {"closed_on": closed_on, "product": product, "amount": amount}
            if was is None:
                return Order(no=event.order_no, fact_id=event.fact_id, **said)
            return replace(was, **said)
    if was is None:
        raise LookupError(f"the order of {event.TOPIC} was never closed")
    if isinstance(event, OrderVoided):
        return replace(was, voided_on=event.on)
    return replace(was, reassigned_to=event.to_trainee_id)


def require_amount(order_no: str, amount: Decimal | None) -> None:
    if amount is not None and amount < 0:
        raise Refusal("amount_negative", field="amount", order_no=order_no, amount=str(amount))
