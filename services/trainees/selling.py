"""Orders (closed, handed from one seller to another, voided), and complaints about a seller."""

from collections.abc import Callable
from typing import Annotated

import msgspec
from msgspec import Meta
from msgspec.structs import asdict

from domain.kernel.errors import ConflictError
from domain.kernel.values import number_key
from domain.trainees.trainee import Trainee
from services.kernel import fields
from services.kernel.handler import handler
from services.kernel.naming import Naming
from services.kernel.work import Work
from services.trainees.trainee import TRAINEES, enrolment_on


class RecordOrder(msgspec.Struct, frozen=True):
    """Records an order (出单) that a trainee closed."""

    employee_no: fields.EmployeeNo
    order_no: fields.OrderNo
    closed_on: Annotated[fields.Day, Meta(description="The day on which the order was closed.")]
    product: fields.Product | None = None
    amount: fields.Amount | None = None


class ReassignOrder(msgspec.Struct, frozen=True):
    """Gives an order to another seller (T18)."""

    order_no: fields.OrderNo
    employee_no: Annotated[
        fields.EmployeeNo, Meta(description="The employee number of whose it is from `on`.")
    ]
    on: Annotated[fields.Day, Meta(description="The first day on which it is the other's.")]
    reason: fields.Reason


class VoidOrder(msgspec.Struct, frozen=True):
    """Declares an order void (作废): cancelled or refunded."""

    order_no: fields.OrderNo
    on: fields.Day
    reason: fields.Reason


class FileComplaint(msgspec.Struct, frozen=True):
    """Files a complaint or a violation of the rules (投诉违规, S44)."""

    employee_no: fields.EmployeeNo
    complaint_no: fields.ComplaintNo
    on: fields.Day
    about: Annotated[
        fields.Prose | None,
        Meta(description="What it says; sealed with the person's own key."),
    ] = None


class WithdrawComplaint(msgspec.Struct, frozen=True):
    """Withdraws a complaint that was taken back or turned out unfounded."""

    complaint_no: fields.ComplaintNo
    on: fields.Day
    reason: fields.Reason


ORDERS = Naming(Trainee, "order", "order_no")
COMPLAINTS = Naming(Trainee, "complaint", "complaint_no")


@handler
async def record_order(work: Work, command: RecordOrder) -> str:
    return await _numbered(work, command, ORDERS, Trainee.close_order)


@handler
async def reassign_order(work: Work, command: ReassignOrder) -> str:
    """Gives the order to the other seller, whose stream id it answers: of the stay in which the
    closing day lies."""
    order_no = number_key(command.order_no)
    holder = await holder_of(work, command.order_no)
    last = await TRAINEES.get(work, command.employee_no)
    receiver = await enrolment_on(work, last, holder.selling.require_held(order_no).closed_on)
    holder.reassign_order(
        order_no=order_no,
        to=receiver,
        on=command.on,
        reason=command.reason,
        employment=(await enrolment_on(work, last, command.on)).employment,
    )
    ORDERS.hand_over(work, command.order_no, receiver.id)
    return receiver.id


@handler
async def void_order(work: Work, command: VoidOrder) -> str:
    holder = await holder_of(work, command.order_no)
    had = await others_who_had(work, command.order_no, holder)
    said = asdict(command) | {"order_no": number_key(command.order_no)}
    holder.void_order(**said, had=had)
    return holder.id


@handler
async def file_complaint(work: Work, command: FileComplaint) -> str:
    return await _numbered(work, command, COMPLAINTS, Trainee.file_complaint)


@handler
async def withdraw_complaint(work: Work, command: WithdrawComplaint) -> str:
    trainee = await COMPLAINTS.get(work, command.complaint_no)
    said = asdict(command) | {"complaint_no": number_key(command.complaint_no)}
    trainee.withdraw_complaint(**said)
    return trainee.id


async def _numbered(
    work: Work, command: msgspec.Struct, naming: Naming[Trainee], decide: Callable[..., None]
) -> str:
    """Decides something of a trainee that has a number of its own, and claims the number."""
    said = asdict(command)
    number = said[naming.stated_in]
    last = await TRAINEES.get(work, said.pop("employee_no"))
    trainee = await enrolment_on(work, last, said.get("closed_on") or said["on"])
    decide(trainee, **said | {naming.stated_in: number_key(number)})
    naming.claim(work, number, trainee.id)
    return trainee.id


async def find_holder(work: Work, order_no: str) -> Trainee | None:
    """The seller who has an order now, if any. Raises ConflictError where it was just handed on."""
    holder = await ORDERS.find(work, order_no)
    if holder is not None and not holder.selling.holds(number_key(order_no)):
        raise ConflictError(holder.id)
    return holder


async def holder_of(work: Work, order_no: str) -> Trainee:
    """The seller who has an order now. Raises NotFoundError `order_unknown`."""
    holder = await find_holder(work, order_no)
    if holder is None:
        raise await ORDERS.missing(work, order_no)
    return holder


async def others_who_had(work: Work, order_no: str, holder: Trainee) -> list[Trainee]:
    """The other sellers who ever had the holder's order, the last giver first."""
    key = number_key(order_no)
    sellers = {holder.id: holder}
    waiting = [holder]
    for seller in waiting:
        if key not in seller.selling.orders:
            raise ConflictError(seller.id)  # A process remembers what another has withdrawn.
        for giver in seller.selling.orders[key].taken_from:
            if giver not in sellers:
                sellers[giver] = await work.load(Trainee, giver)
                waiting.append(sellers[giver])
    return waiting[1:]
