"""Taking an import back: what it recorded of people is withdrawn, the last first."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Any, cast

import msgspec
from msgspec import Meta

from domain.kernel.aggregate import NOTHING_TO_CORRECT, DomainEvent, Happening
from domain.kernel.bounds import Many
from domain.kernel.errors import Refusal
from domain.trainees.events import EnrolmentCorrected, InheritanceCorrected, OrderCorrected
from domain.trainees.trainee import Trainee
from services.importing.sheets.roster import OF_ENROLMENT
from services.kernel import fields
from services.kernel.handler import handler
from services.kernel.work import Work
from services.trainees.selling import holder_of, others_who_had
from services.trainees.trainee import pass_on
from services.trainees.withdrawal import WithdrawFact, withdraw_fact

MOST_EVENTS = 1_000_000
"""Of one person: more than any import has rows."""


class ImportedEvent(msgspec.Struct, frozen=True):
    """An event of a trainee that an import recorded."""

    trainee_id: fields.TraineeId
    version: fields.FactOfTrainee


class UndoImport(msgspec.Struct, frozen=True):
    """Withdraws what one import recorded of one trainee, or of several who share facts, as the
    stays of one person do."""

    events: Annotated[
        list[ImportedEvent], Many(MOST_EVENTS), Meta(description="In the order of their records.")
    ]
    reason: fields.Reason


@handler
async def undo_import(work: Work, command: UndoImport) -> str:
    """Withdraws all of it or nothing; what was withdrawn since is passed over. Refuses what
    withdrawFact does: what rests on it stands in the way."""
    imported = {*command.events}
    ids = {one.trainee_id for one in imported}
    people = {one: await work.load(Trainee, one) for one in ids}
    streams = {one: await work.ctx.log.load(work.ctx.principal.tenant, one) for one in ids}
    filled_in: dict[tuple[str, int], OrderCorrected | EnrolmentCorrected] = {}
    for one in reversed(command.events):
        trainee, event = people[one.trainee_id], streams[one.trainee_id][one.version - 1]
        if isinstance(event, InheritanceCorrected):
            continue  # It follows what is taken back of the stay before.
        if isinstance(event, OrderCorrected | EnrolmentCorrected):
            if ImportedEvent(trainee.id, event.fact_id) not in imported:
                filled_in[trainee.id, event.fact_id] = event
        elif cast(Happening, event).fact_id not in trainee.withdrawn:
            await withdraw_fact(work, WithdrawFact(one.version, command.reason, trainee.id))
    for (its, _), event in filled_in.items():
        trainee = people[its]
        if event not in trainee.known:
            continue
        was = _before(event, streams[its])
        with _passing_over_what_says_so():
            if isinstance(event, OrderCorrected):
                await _correct_order_back(work, trainee, was, event, command.reason)
            else:
                await _correct_enrolment_back(work, trainee, was, command.reason)
    return command.events[-1].trainee_id


def _before(filled_in: Happening, events: Sequence[DomainEvent]) -> Trainee:
    """The trainee as recorded before an import filled something in first."""
    before: Trainee | None = None
    for event in events[: filled_in.originator_version - 1]:
        before = event.mutate(before)
    return cast(Trainee, before)


@contextmanager
def _passing_over_what_says_so() -> Iterator[None]:
    """Passes over a correction to what is recorded by now."""
    try:
        yield
    except Refusal as refused:
        if refused.code != NOTHING_TO_CORRECT:
            raise


async def _correct_enrolment_back(
    work: Work, trainee: Trainee, before: Trainee, reason: str
) -> None:
    """Corrects an enrolment to what was recorded before of what sheets fill in; what was inherited
    then is as in the stay before again."""
    now, was = trainee.employment.enrolled, before.employment.enrolled
    filled = [name for name in OF_ENROLMENT if name not in trainee.employment.inherited]
    said: dict[str, Any] = {name: getattr(now, name) for name in ("entered_on", "manager", "post")}
    said |= {name: getattr(was, name) or "" for name in filled}
    again = [name for name in filled if name in before.employment.inherited]
    if was.rejoins and again:
        handed = (await work.load(Trainee, was.rejoins)).employment.handed_on
        said |= {name: handed[name] or "" for name in again}
    trainee.correct_enrolment(**said, reason=reason, inherited=again)
    await pass_on(work, trainee, reason)


async def _correct_order_back(
    work: Work, trainee: Trainee, before: Trainee, filled_in: OrderCorrected, reason: str
) -> None:
    """Corrects an order to what was recorded before an import filled it in first. Of an order that
    had several sellers this is done once, of the one who has it now."""
    no = filled_in.order_no
    trainee.require_last(filled_in)
    was = before.selling.orders[no]
    said: dict[str, Any] = {name: getattr(was, name) for name in ("closed_on", "product", "amount")}
    holder = await holder_of(work, no)
    had = await others_who_had(work, no, holder)
    holder.correct_order(order_no=no, reason=reason, had=had, **said)
