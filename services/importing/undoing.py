"""Taking an import back: what it recorded of each trainee is withdrawn, the last first."""

from collections.abc import Sequence
from typing import Annotated, Any, cast

import msgspec
from msgspec import Meta

from domain.kernel.aggregate import DomainEvent, Happening, is_change
from domain.kernel.bounds import Many
from domain.trainees.events import OrderCorrected
from domain.trainees.trainee import Trainee
from services.kernel import fields
from services.kernel.handler import handler
from services.kernel.work import Work
from services.trainees.selling import holder_of, others_who_had
from services.trainees.withdrawal import WithdrawFact, withdraw_fact

MOST_EVENTS = 1_000_000
"""Of one trainee: more than any import has rows."""


class UndoImport(msgspec.Struct, frozen=True):
    """Withdraws what one import recorded of one trainee."""

    trainee_id: fields.TraineeId
    versions: Annotated[
        list[fields.FactOfTrainee], Many(MOST_EVENTS), Meta(description="Its events by versions.")
    ]
    reason: fields.Reason


@handler
async def undo_import(work: Work, command: UndoImport) -> str:
    """Withdraws all of it or nothing; what was withdrawn since is passed over. Refuses what
    withdrawFact does: what rests on it stands in the way."""
    trainee = await work.load(Trainee, command.trainee_id)
    events = await work.ctx.log.load(work.ctx.principal.tenant, command.trainee_id)
    filled_in: dict[str, OrderCorrected] = {}
    for version in sorted(command.versions, reverse=True):
        event = cast(Happening, events[version - 1])
        if isinstance(event, OrderCorrected):
            if event.fact_id not in command.versions:
                filled_in[event.order_no] = event
        elif event.fact_id not in trainee.withdrawn:
            await withdraw_fact(work, WithdrawFact(version, command.reason, trainee.id))
    for event in filled_in.values():
        if event in trainee.known:
            await _correct_back(work, trainee, events, event, command.reason)
    return trainee.id


async def _correct_back(
    work: Work,
    trainee: Trainee,
    events: Sequence[DomainEvent],
    filled_in: OrderCorrected,
    reason: str,
) -> None:
    """Corrects an order to what was recorded before an import filled it in first. Of an order that
    had several sellers this is done once, of the one who has it now."""
    no = filled_in.order_no
    trainee.require_last(filled_in)
    before: Trainee | None = None
    for event in events[: filled_in.originator_version - 1]:
        before = event.mutate(before)
    was = cast(Trainee, before).selling.orders[no]
    said: dict[str, Any] = {name: getattr(was, name) for name in ("closed_on", "product", "amount")}
    holder = await holder_of(work, no)
    if is_change(holder.selling.orders[no], said):
        had = await others_who_had(work, no, holder)
        holder.correct_order(order_no=no, reason=reason, had=had, **said)
