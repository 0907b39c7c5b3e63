"""Taking an import back: what it recorded of people is withdrawn, the last first."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain
from typing import Annotated, Any, cast

import msgspec
from msgspec import Meta

from domain.kernel.aggregate import DomainEvent, Happening
from domain.kernel.bounds import Many
from domain.kernel.errors import Refusal
from domain.trainees.events import (
    Enrolled,
    EnrolmentCorrected,
    InheritanceCorrected,
    OrderClosed,
    OrderCorrected,
    OrderTakenOver,
)
from domain.trainees.known import learn, unlearned
from domain.trainees.trainee import Trainee
from domain.trainees.withdrawal import number_of
from services.importing.sheets.orders import OF_ORDER
from services.importing.sheets.roster import OF_ENROLMENT
from services.kernel import fields
from services.kernel.handler import handler
from services.kernel.work import Work
from services.people.meant import person_of_id
from services.people.person import WithdrawPersonFact, withdraw_person_fact
from services.trainees.selling import holder_of, others_who_had
from services.trainees.trainee import pass_on
from services.trainees.withdrawal import WithdrawFact, withdraw_fact

MOST_EVENTS = 1_000_000
"""Of one person: more than any import has rows."""


class ImportedEvent(msgspec.Struct, frozen=True):
    """An event of a trainee that an import recorded."""

    trainee_id: fields.TraineeId
    version: fields.KnownFact


class UndoImport(msgspec.Struct, frozen=True):
    """Withdraws what one import recorded of one trainee, or of several who share facts, as the
    stays of one person do."""

    events: Annotated[
        list[ImportedEvent], Many(MOST_EVENTS), Meta(description="In the order of their records.")
    ]
    reason: fields.Reason


class UndoNaming(msgspec.Struct, frozen=True):
    """Withdraws the registration of somebody who was named first by an import that is undone."""

    person_id: fields.PersonId
    reason: fields.Reason


class _FilledIn(msgspec.Struct):
    """A field that an import filled in: `by` which event, what it said `before`, whether as the
    stay before did, and who said it otherwise `since`."""

    by: Happening
    before: Any
    was_inherited: bool
    since: list[DomainEvent] = []


_Fields = Mapping[str, _FilledIn]
_Streams = dict[str, Sequence[DomainEvent]]


@handler
async def undo_import(work: Work, command: UndoImport) -> str:
    """Withdraws all of it or nothing; what was withdrawn since is passed over. Refuses what
    withdrawFact does: what rests on it stands in the way."""
    imported = dict.fromkeys(command.events)
    people, streams = dict[str, Trainee](), _Streams()
    for one in imported:
        if one.trainee_id not in people:
            people[one.trainee_id] = await work.load(Trainee, one.trainee_id)
            streams[one.trainee_id] = await _stream(work, one.trainee_id)
    for its in chain.from_iterable(streams.values()):
        if isinstance(its, InheritanceCorrected):
            work.see(its)  # Nobody said it of this stay.
    for one in reversed(imported):
        trainee, event = people[one.trainee_id], streams[one.trainee_id][one.version - 1]
        # What was filled in is corrected back; what follows of the stay before follows it again.
        if isinstance(event, EnrolmentCorrected | OrderCorrected):
            continue
        if cast(Happening, event).fact_id not in trainee.withdrawn:
            await withdraw_fact(work, WithdrawFact(one.version, command.reason, trainee.id))
    for trainee in people.values():
        for no, filled in _filled_in(trainee, imported).items():
            if no is None:
                await _correct_enrolment_back(work, trainee, filled, streams, command.reason)
            else:
                await _correct_order_back(work, trainee, no, filled, streams, command.reason)
    return command.events[-1].trainee_id


@handler
async def undo_naming(work: Work, command: UndoNaming) -> str:
    """Withdraws the registration unless somebody else knows of the person. Refuses
    `person_confirmed_already`, and what withdrawPersonFact does: above all `person_named`."""
    person = await person_of_id(work, command.person_id)
    if person.is_confirmed:
        raise Refusal("person_confirmed_already", field="person_id")
    fact = person.registered.fact_id
    return await withdraw_person_fact(work, WithdrawPersonFact(person.id, fact, command.reason))


async def _stream(work: Work, trainee_id: str) -> Sequence[DomainEvent]:
    return await work.ctx.log.load(work.ctx.principal.tenant, trainee_id)


def _says(known: Mapping[str, Any], event: Happening) -> dict[str, tuple[Any, bool]]:
    """What the fields say that sheets fill in of what a correction is about, and whether as the
    stay before does; of what follows from that stay, and of no correction, none. known: of the
    trainee, see VALUES."""
    match event:
        case OrderCorrected():
            order = known["selling"].orders[event.order_no]
            return {name: (getattr(order, name), False) for name in OF_ORDER}
        case EnrolmentCorrected() if not isinstance(event, InheritanceCorrected):
            stay = known["employment"]
            said = {name: getattr(stay.enrolled, name) or "" for name in OF_ENROLMENT}
            return {name: (value, name in stay.inherited) for name, value in said.items()}
    return {}


def _filled_in(
    trainee: Trainee, imported: Collection[ImportedEvent]
) -> Mapping[str | None, _Fields]:
    """The fields that an import filled in, but those that were corrected back since: by the number
    of the order, those of the enrolment by None."""
    found = defaultdict[str | None, dict[str, _FilledIn]](dict)
    known = unlearned(trainee.enrolled)
    for event in trainee.known:
        was = _says(known, event)
        learn(known, [event])
        its = ImportedEvent(event.originator_id, event.originator_version)
        filled = found[number_of(event)]
        for name, said in _says(known, event).items():
            if said == was[name]:
                continue
            if its in imported:
                filled.setdefault(name, _FilledIn(event, *was[name]))
            elif name in filled:
                filled[name].since.append(event)
                value, is_inherited = said
                if is_inherited or value == filled[name].before:
                    del filled[name]
    return {no: filled for no, filled in found.items() if filled}


def _see(work: Work, no: str | None, filled: _Fields, stream: Iterable[DomainEvent]) -> None:
    """Takes for seen what a stream says of an order, by None of the enrolment: only who said
    otherwise since what was filled in stands in the way."""
    in_the_way = [*chain.from_iterable(one.since for one in filled.values())]
    for event in stream:
        says = isinstance(event, Enrolled | EnrolmentCorrected | OrderClosed | OrderTakenOver)
        if says and number_of(cast(Happening, event)) == no and event not in in_the_way:
            work.see(event)


async def _correct_enrolment_back(
    work: Work, trainee: Trainee, filled: _Fields, streams: _Streams, reason: str
) -> None:
    """Corrects what was filled in of an enrolment to what was recorded before; what was inherited
    then is as in the stay before again."""
    _see(work, None, filled, streams[trainee.id])
    stay = trainee.employment
    back = {name: one.before for name, one in filled.items()}
    again = [name for name, one in filled.items() if one.was_inherited]
    if stay.enrolled.rejoins and again:
        handed = (await work.load(Trainee, stay.enrolled.rejoins)).employment.handed_on
        back |= {name: handed[name] or "" for name in again}
    kept = {name: getattr(stay.enrolled, name) for name in ("entered_on", "manager_id", "post")}
    trainee.correct_enrolment(**kept | back, reason=reason, inherited=again)
    await pass_on(work, trainee, reason)


async def _correct_order_back(
    work: Work, trainee: Trainee, no: str, filled: _Fields, streams: _Streams, reason: str
) -> None:
    """Corrects what was filled in of an order likewise, of all its sellers: once, as it stands in
    the stream of who closed it, which says all that was ever corrected of it."""
    trainee.require_last(next(iter(filled.values())).by)
    if trainee.selling.orders[no].had_since is not None:
        return
    holder = await holder_of(work, no)
    had = await others_who_had(work, no, holder)
    for seller in (holder, *had):
        if seller.id not in streams:
            streams[seller.id] = await _stream(work, seller.id)
        _see(work, no, filled, streams[seller.id])
    order = holder.selling.orders[no]
    said: dict[str, Any] = {name: getattr(order, name) for name in ("closed_on", *OF_ORDER)}
    back = {name: one.before for name, one in filled.items()}
    holder.correct_order(order_no=no, reason=reason, had=had, **said | back)
