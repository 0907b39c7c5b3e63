"""Taking an import back: what it recorded of each trainee is withdrawn, the last first."""

from collections.abc import Sequence
from typing import Annotated, cast

import msgspec
from msgspec import Meta

from domain.kernel.aggregate import DomainEvent, Happening
from domain.kernel.bounds import Many
from domain.trainees.events import OrderCorrected
from domain.trainees.trainee import Trainee
from services.kernel import fields
from services.kernel.handler import handler
from services.kernel.work import Work
from services.trainees.selling import others_who_had
from services.trainees.withdrawal import WithdrawFact, withdraw_fact


class UndoImport(msgspec.Struct, frozen=True):
    """Withdraws what one import recorded of one trainee."""

    trainee_id: fields.TraineeId
    versions: Annotated[
        list[fields.FactOfTrainee],
        Many(most=1_000_000),
        Meta(description="Its events, by their versions."),
    ]
    reason: fields.Reason


@handler
async def undo_import(work: Work, command: UndoImport) -> str:
    """Withdraws all of it or nothing; what was withdrawn since is passed over. Refuses what
    withdrawFact does: what rests on it stands in the way."""
    trainee = await work.load(Trainee, command.trainee_id)
    events = await work.ctx.log.load(work.ctx.principal.tenant, command.trainee_id)
    for version in sorted(command.versions, reverse=True):
        event = cast(Happening, events[version - 1])
        if event.fact_id in trainee.withdrawn:
            continue
        if isinstance(event, OrderCorrected):
            if event.fact_id not in command.versions:
                await _correct_back(work, trainee, events[: version - 1], event, command.reason)
        else:
            await withdraw_fact(work, WithdrawFact(version, command.reason, trainee.id))
    return trainee.id


async def _correct_back(
    work: Work,
    trainee: Trainee,
    before: Sequence[DomainEvent],
    filled_in: OrderCorrected,
    reason: str,
) -> None:
    """Corrects an order to what was recorded before an import filled it in. Of an order that had
    several sellers this is done once, of the one who has it."""
    no = filled_in.order_no
    if not trainee.selling.holds(no):
        return
    was: Trainee | None = None
    for event in before:
        was = event.mutate(was)
    order = cast(Trainee, was).selling.orders[no]
    trainee.correct_order(
        order_no=no,
        closed_on=order.closed_on,
        product=order.product,
        amount=order.amount,
        reason=reason,
        had=await others_who_had(work, no, trainee),
    )
