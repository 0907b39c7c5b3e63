"""Orders: closed, handed from one seller to another, voided."""

from datetime import date
from decimal import Decimal

import msgspec

from domain.kernel.errors import ConflictError, NotFoundError, Refusal, TakenError
from domain.kernel.values import number_key, tidy
from domain.trainees.trainee import Trainee
from services.kernel.work import Work
from services.trainees.trainee import require_past, trainee_by_number

ORDER_NO = "order_no"


class RecordOrder(msgspec.Struct, frozen=True):
    employee_no: str
    order_no: str
    closed_on: date
    product: str | None = None
    amount: Decimal | None = None


class ReassignOrder(msgspec.Struct, frozen=True):
    """`employee_no`: whose it is from `on`."""

    order_no: str
    employee_no: str
    on: date
    reason: str


class VoidOrder(msgspec.Struct, frozen=True):
    order_no: str
    on: date
    reason: str


async def record_order(work: Work, command: RecordOrder) -> str:
    """Refuses `order_no_missing` and, tenant-wide, `order_no_taken`."""
    order_no = tidy(command.order_no)
    if not order_no:
        raise Refusal("order_no_missing")
    require_past(work, command.closed_on)

    def taken() -> Refusal:
        return TakenError("order_no_taken", order_no=order_no)

    trainee = await trainee_by_number(work, command.employee_no)
    key = number_key(order_no)
    trainee.close_order(
        order_no=key, closed_on=command.closed_on, product=command.product, amount=command.amount
    )
    work.claim(ORDER_NO, key, trainee.id, taken)
    return trainee.id


async def reassign_order(work: Work, command: ReassignOrder) -> str:
    """Answers the stream id of whoever has the order now.

    Refuses `order_unknown`, `trainee_unknown`, and what the two sellers do.
    """
    require_past(work, command.on)
    holder = await holder_of(work, command.order_no)
    receiver = await trainee_by_number(work, command.employee_no)
    holder.reassign_order(
        order_no=number_key(command.order_no),
        to=receiver,
        on=command.on,
        reason=command.reason.strip(),
    )
    return receiver.id


async def void_order(work: Work, command: VoidOrder) -> str:
    require_past(work, command.on)
    holder = await holder_of(work, command.order_no)
    holder.void_order(
        order_no=number_key(command.order_no), on=command.on, reason=command.reason.strip()
    )
    return holder.id


async def find_holder(work: Work, order_no: str) -> Trainee | None:
    """Whose order it is now: its number stays with the first seller, who says whom it went to.

    Raises ConflictError where what the log remembers of two sellers does not go together.
    """
    key = number_key(order_no)
    holder = await work.find(Trainee, ORDER_NO, key)
    passed: set[str] = set()
    while holder is not None:
        order = holder.orders.get(key)
        if order is None or order.reassigned_to is None:
            return holder
        if holder.id in passed:
            raise ConflictError
        passed.add(holder.id)
        holder = await work.load(Trainee, order.reassigned_to)
    return None


async def holder_of(work: Work, order_no: str) -> Trainee:
    """As find_holder. Raises NotFoundError `order_unknown`."""
    holder = await find_holder(work, order_no)
    if holder is None:
        raise NotFoundError("order_unknown", order_no=tidy(order_no))
    return holder


async def others_who_had(work: Work, order_no: str, holder: Trainee) -> list[Trainee]:
    """All others who ever had the holder's order, the first seller first."""
    key = number_key(order_no)
    first = await work.find(Trainee, ORDER_NO, key)
    waiting, sellers = [first] if first else [], dict[str, Trainee]()
    for seller in waiting:
        order = seller.orders.get(key)
        if order is not None and seller.id not in sellers:
            sellers[seller.id] = seller
            waiting += [await work.load(Trainee, to) for to in order.given_to]
    return [seller for seller in sellers.values() if seller is not holder]
