"""Taking an import back: what it recorded of people is withdrawn, the last first."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import Annotated, Any, cast

import msgspec
from msgspec import Meta

from domain.kernel.aggregate import NOTHING_TO_CORRECT, DomainEvent, Happening
from domain.kernel.bounds import Many
from domain.kernel.errors import Refusal
from domain.trainees.employment import Employment
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
    for its in chain.from_iterable(streams.values()):
        if isinstance(its, InheritanceCorrected):
            work.see(its)  # Nobody said it of this stay.
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
    for (of, _), event in filled_in.items():
        trainee, events = people[of], streams[of]
        if event not in trainee.known:
            continue
        with _passing_over_what_says_so():
            if isinstance(event, OrderCorrected):
                await _correct_order_back(work, trainee, events, event, command.reason)
            else:
                await _correct_enrolment_back(work, trainee, events, imported, command.reason)
    return command.events[-1].trainee_id


@contextmanager
def _passing_over_what_says_so() -> Iterator[None]:
    """Passes over a correction to what is recorded by now."""
    try:
        yield
    except Refusal as refused:
        if refused.code != NOTHING_TO_CORRECT:
            raise


class _FilledIn(msgspec.Struct):
    """A field of an enrolment that an import filled in: the stay `before`, and who said it
    otherwise `since`."""

    before: Employment
    since: list[DomainEvent] = []


def _says(stay: Employment) -> dict[str, tuple[str, bool]]:
    """What an enrolment says of what sheets fill in, and whether as the stay before does."""
    said = {name: getattr(stay.enrolled, name) or "" for name in OF_ENROLMENT}
    return {name: (value, name in stay.inherited) for name, value in said.items()}


def _filled_in(
    corrections: Iterable[tuple[Employment, EnrolmentCorrected, Employment]],
    imported: Collection[ImportedEvent],
) -> dict[str, _FilledIn]:
    """The fields that an import filled in, but those that were corrected back since."""
    filled: dict[str, _FilledIn] = {}
    for before, event, after in corrections:
        its = ImportedEvent(event.originator_id, event.originator_version)
        was, says = _says(before), _says(after)
        for name, (value, is_inherited) in says.items():
            if says[name] == was[name]:
                continue
            if its in imported:
                filled.setdefault(name, _FilledIn(before))
            elif name in filled:
                filled[name].since.append(event)
                if is_inherited or value == _says(filled[name].before)[name][0]:
                    del filled[name]
    return filled


def _corrections(
    events: Sequence[DomainEvent],
) -> Iterator[tuple[Employment, EnrolmentCorrected, Employment]]:
    """What was corrected of an enrolment, each with the stay before and after it."""
    stay: Trainee | None = None
    for event in events:
        before = stay and stay.employment
        stay = cast(Trainee, event.mutate(stay))
        if before and isinstance(event, EnrolmentCorrected):
            yield before, event, stay.employment


async def _correct_enrolment_back(
    work: Work,
    trainee: Trainee,
    events: Sequence[DomainEvent],
    imported: Collection[ImportedEvent],
    reason: str,
) -> None:
    """Corrects what an import filled in of an enrolment to what was recorded before; what was
    inherited then is as in the stay before again. Only who said that otherwise since stands in the
    way."""
    stay, corrections = trainee.employment, [*_corrections(events)]
    filled = _filled_in(corrections, imported)
    in_the_way = [event for one in filled.values() for event in one.since]
    for event in (trainee.enrolled, *(event for _, event, _ in corrections)):
        if event not in in_the_way:
            work.see(event)
    back = {name: _says(one.before)[name][0] for name, one in filled.items()}
    again = [name for name, one in filled.items() if name in one.before.inherited]
    if stay.enrolled.rejoins and again:
        handed = (await work.load(Trainee, stay.enrolled.rejoins)).employment.handed_on
        back |= {name: handed[name] or "" for name in again}
    kept = {name: getattr(stay.enrolled, name) for name in ("entered_on", "manager", "post")}
    trainee.correct_enrolment(**kept | back, reason=reason, inherited=again)
    await pass_on(work, trainee, reason)


async def _correct_order_back(
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
    before = cast(Trainee | None, None)
    for event in events[: filled_in.originator_version - 1]:
        before = cast(Trainee, event.mutate(before))
    was = cast(Trainee, before).selling.orders[no]
    said: dict[str, Any] = {name: getattr(was, name) for name in ("closed_on", "product", "amount")}
    holder = await holder_of(work, no)
    had = await others_who_had(work, no, holder)
    holder.correct_order(order_no=no, reason=reason, had=had, **said)
