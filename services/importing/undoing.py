"""Taking an import back: what it recorded of people is withdrawn, the last first."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, pairwise
from typing import Annotated, Any, cast

import msgspec
from msgspec import Meta

from domain.kernel.aggregate import DomainEvent, Happening
from domain.kernel.bounds import Many, Text
from domain.kernel.errors import Refusal
from domain.people.person import Person
from domain.people.person_events import ContactsChanged, Registration
from domain.trainees.employment import CORRECTED
from domain.trainees.events import (
    Enrolled,
    EnrolmentCorrected,
    OrderClosed,
    OrderCorrected,
    OrderTakenOver,
)
from domain.trainees.known import learn, unlearned
from domain.trainees.trainee import Trainee
from domain.trainees.withdrawal import number_of
from services.importing.sheets.filling import OF_PERSON
from services.importing.sheets.orders import OF_ORDER
from services.kernel import fields
from services.kernel.handler import handler
from services.kernel.work import Work
from services.people.meant import person_of_id
from services.people.person import WithdrawPersonFact, withdraw_person_fact
from services.trainees.selling import holder_of, others_who_had
from services.trainees.withdrawal import WithdrawFact, withdraw_fact

MOST_EVENTS = 1_000_000
"""Of one person: more than any import has rows."""


StreamOfPerson = Annotated[str, Text(64), Meta(description="A trainee, or a person.")]


class ImportedEvent(msgspec.Struct, frozen=True):
    """An event of a trainee, or of the person who that is, that an import recorded."""

    stream_id: StreamOfPerson
    version: fields.KnownFact


class UndoImport(msgspec.Struct, frozen=True):
    """Withdraws what one import recorded of one person, or of several who share facts."""

    events: Annotated[
        list[ImportedEvent], Many(MOST_EVENTS), Meta(description="In the order of their records.")
    ]
    reason: fields.Reason


class UndoNaming(msgspec.Struct, frozen=True):
    """Withdraws the registration of somebody who was named first by an import that is undone."""

    person_id: fields.PersonId
    reason: fields.Reason


class _FilledIn(msgspec.Struct):
    """A field that an import filled in: `by` which event, what it said `before`, and who said it
    otherwise `since`."""

    by: Happening
    before: Any
    since: list[DomainEvent] = []


_Fields = dict[str, _FilledIn]
_Streams = dict[str, Sequence[DomainEvent]]


@handler
async def undo_import(work: Work, command: UndoImport) -> str:
    """Withdraws all of it or nothing; what was withdrawn since is passed over. Refuses what
    withdrawFact does: what rests on it stands in the way."""
    imported = dict.fromkeys(command.events)
    ids = dict.fromkeys(one.stream_id for one in imported)
    streams = {its: await _stream(work, its) for its in ids}
    trainees = {its: await work.load(Trainee, its) for its in ids if its.startswith(Trainee.TOPIC)}
    for one in reversed(imported):
        event = streams[one.stream_id][one.version - 1]
        # What was filled in is corrected back; what is said of a person goes with the enrolment.
        if isinstance(event, EnrolmentCorrected | OrderCorrected) or one.stream_id not in trainees:
            continue
        trainee = trainees[one.stream_id]
        if cast(Happening, event).fact_id not in trainee.withdrawn:
            await withdraw_fact(work, WithdrawFact(one.version, command.reason, trainee.id))
    for trainee in trainees.values():
        for no, filled in _filled_in(trainee, imported).items():
            if no is None:
                _correct_enrolment_back(work, trainee, filled, streams, command.reason)
            else:
                await _correct_order_back(work, trainee, no, filled, streams, command.reason)
    for its in (one for one in ids if one not in trainees):
        person = await work.load(Person, its)
        _correct_person_back(work, person, streams[its], imported, command.reason)
    return command.events[-1].stream_id


@handler
async def undo_naming(work: Work, command: UndoNaming) -> str:
    """Withdraws the registration unless somebody else knows of the person. Refuses
    `person_confirmed_already`, and what withdrawPersonFact does: above all `person_named`."""
    person = await person_of_id(work, command.person_id)
    if person.is_confirmed:
        raise Refusal("person_confirmed_already", field="person_id")
    fact = person.registered.fact_id
    return await withdraw_person_fact(work, WithdrawPersonFact(person.id, fact, command.reason))


async def _stream(work: Work, stream_id: str) -> Sequence[DomainEvent]:
    return await work.ctx.log.load(work.ctx.principal.tenant, stream_id)


def _says(known: Mapping[str, Any], event: Happening) -> dict[str, Any]:
    """What the fields say that sheets fill in of what a correction is about; of no correction
    none. known: of the trainee, see VALUES."""
    match event:
        case OrderCorrected():
            order = known["selling"].orders[event.order_no]
            return {name: getattr(order, name) for name in OF_ORDER}
        case EnrolmentCorrected():
            return {"post": known["employment"].enrolled.post}
    return {}


def _filled_in(
    trainee: Trainee, imported: Collection[ImportedEvent]
) -> Mapping[str | None, _Fields]:
    """The fields that an import filled in, but those that were corrected back since: by the number
    of the order, those of the enrolment by None."""
    found = defaultdict[str | None, _Fields](dict)
    known = unlearned(trainee.enrolled)
    for event in trainee.known:
        was = _says(known, event)
        learn(known, [event])
        _note(found[number_of(event)], event, was, _says(known, event), imported)
    return {no: filled for no, filled in found.items() if filled}


def _note(
    filled: _Fields,
    event: Happening,
    was: Mapping[str, Any],
    says: Mapping[str, Any],
    imported: Collection[ImportedEvent],
) -> None:
    """Notes what an event filled in, or said otherwise since. was: what the fields said before."""
    its = ImportedEvent(event.originator_id, event.originator_version)
    for name, said in says.items():
        if said == was[name]:
            continue
        if its in imported:
            filled.setdefault(name, _FilledIn(event, was[name]))
        elif name in filled:
            filled[name].since.append(event)
            if said == filled[name].before:
                del filled[name]


def _see(work: Work, filled: _Fields, said: Iterable[DomainEvent]) -> None:
    """Takes for seen what a stream says of what was filled in: only who said otherwise since then
    stands in the way."""
    in_the_way = [*chain.from_iterable(one.since for one in filled.values())]
    for event in said:
        if event not in in_the_way:
            work.see(event)


def _of_order(no: str, stream: Iterable[DomainEvent]) -> Iterator[DomainEvent]:
    """What a stream says of an order."""
    closed = (one for one in stream if isinstance(one, OrderClosed | OrderTakenOver))
    return (one for one in closed if one.order_no == no)


def _correct_enrolment_back(
    work: Work, trainee: Trainee, filled: _Fields, streams: _Streams, reason: str
) -> None:
    """Corrects what was filled in of an enrolment to what was recorded before."""
    stream = streams[trainee.id]
    _see(work, filled, (one for one in stream if isinstance(one, Enrolled | EnrolmentCorrected)))
    kept = {name: getattr(trainee.employment.enrolled, name) for name in CORRECTED}
    back = {name: one.before for name, one in filled.items()}
    trainee.correct_enrolment(**kept | back, reason=reason)


def _correct_person_back(
    work: Work,
    person: Person,
    stream: Iterable[DomainEvent],
    imported: Collection[ImportedEvent],
    reason: str,
) -> None:
    """Corrects what was filled in of the contacts likewise."""
    standing = {one.fact_id for one in person.facts}
    said = defaultdict[int, list[Registration | ContactsChanged]](list)
    for event in stream:
        if isinstance(event, Registration | ContactsChanged) and event.fact_id in standing:
            said[event.fact_id].append(event)
    for fact, its in said.items():
        filled = _Fields()
        for was, event in pairwise(its):
            _note(filled, event, _contacts(was), _contacts(event), imported)
        if filled:
            _see(work, filled, its)
            back = {name: one.before for name, one in filled.items()}
            person.correct_said(fact=fact, reason=reason, **back)


def _contacts(event: Registration | ContactsChanged) -> dict[str, Any]:
    return {name: getattr(event, name) for name in OF_PERSON}


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
        _see(work, filled, _of_order(no, streams[seller.id]))
    order = holder.selling.orders[no]
    said: dict[str, Any] = {name: getattr(order, name) for name in ("closed_on", *OF_ORDER)}
    back = {name: one.before for name, one in filled.items()}
    holder.correct_order(order_no=no, reason=reason, had=had, **said | back)
