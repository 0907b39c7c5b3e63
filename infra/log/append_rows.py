"""The rows that an append writes, table by table: built once for both ways of appending.

What only the database knows is left out: the tenant's head, from which positions are counted, and
the instant.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
from msgspec.structs import astuple
from uuid_utils.compat import uuid7

from domain.kernel.aggregate import DomainEvent, sealed_fields
from domain.kernel.whose import person_of
from infra.log.mapper import EventMapper
from infra.log.sealing import KeyRing, PersonSeal
from services.kernel.ports import Append, Claim, Effect, Envelope

Row = tuple[Any, ...]

SealOf = Callable[[str], PersonSeal | None]
"""The seal of a person, by the person's id."""


class SealUnknownError(Exception):
    """A person may have a key already, which must be looked up before the fields can be sealed."""


class AppendRows(msgspec.Struct, frozen=True, gc=False):
    """Column values without tenant, position and instant.

    events: stream, version, topic, class version, payload, actor, source, correlation, causation
    (the empty text for none), and whether it is the append's last one.
    expected: stream, version. claims, handed_over, released: kind, key, owner. commands: key,
    fingerprint, result. people: person, wrapped key, id of the secret key. effects: id, kind,
    payload. seals: of the new people.

    What is empty is `()`, which is no object of its own: of all that wait at once, Python's search
    for cycles goes over every list.
    """

    events: Sequence[Row]
    expected: Sequence[Row]
    claims: Sequence[Row]
    handed_over: Sequence[Row]
    released: Sequence[Row]
    commands: Sequence[Row]
    people: Sequence[Row]
    effects: Sequence[Row]
    seals: Mapping[str, PersonSeal]


class RowBuilder:
    """Maps, seals and encodes appends. keys: with which people's keys are wrapped."""

    def __init__(self, mapper: EventMapper, keys: KeyRing) -> None:
        self._mapper, self._keys = mapper, keys

    def build(self, append: Append, seal_of: SealOf, *, knows_all: bool) -> AppendRows:
        """The rows of an append.

        seal_of: of the people who have keys. knows_all: whether it knows all of them; else raises
        SealUnknownError where it may lack one. Raises Refusal `text_invalid` for text that cannot
        be stored.
        """
        asked = append.idempotency
        after = _after(append.envelope) if append.events else ()
        people: list[Row] = []
        fresh: dict[str, PersonSeal] = {}
        events: list[Row] = []
        for event in append.events:
            seal = None
            if says_sealed(event):
                person = person_of(event.originator_id)
                seal = fresh.get(person) or seal_of(person)
                if seal is None:
                    # Of a stream that begins, the person does too; else the database refuses it.
                    if event.originator_version > 1 and not knows_all:
                        raise SealUnknownError
                    key = self._keys.new_key()
                    people.append((person, *self._keys.wrap(key, append.tenant_id, person)))
                    seal = fresh[person] = PersonSeal(key, person)
            is_last = len(events) + 1 == len(append.events)
            events.append((*astuple(self._mapper.to_stored(event, seal)), *after, is_last))
        return AppendRows(
            events=events,
            expected=tuple(append.expected.items()) if append.expected else (),
            claims=_rows(append.claims),
            handed_over=_rows(append.handed_over),
            released=_rows(append.released),
            commands=((asked.key, asked.fingerprint, _json(append.result)),) if asked else (),
            people=people or (),
            effects=tuple(map(_effect, append.effects)) if append.effects else (),
            seals=fresh,
        )


def says_sealed(event: DomainEvent) -> bool:
    """Whether an event says anything that is sealed with a person's key."""
    names = sealed_fields(type(event))
    return bool(names) and any(getattr(event, name) is not None for name in names)


def _after(envelope: Envelope) -> Row:
    """What stands after each event: the envelope."""
    ids = (_text(envelope.correlation_id), _text(envelope.causation_id))
    return (envelope.actor, _json(envelope.source), *ids)


def _rows(claims: Sequence[Claim]) -> Sequence[Row]:
    # Most appends have one list of claims, and no other.
    return tuple(map(astuple, claims)) if claims else ()


def _effect(effect: Effect) -> Row:
    return (uuid7(), effect.kind, _json(effect.payload))


def _text(identifier: UUID | None) -> str:
    return "" if identifier is None else f"{identifier.int:032x}"


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
