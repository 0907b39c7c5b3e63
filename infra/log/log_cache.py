"""One process's cache of the log: streams, aggregates, claims and seals read or written lately.

It may lack what another process wrote since. That is safe for what is then appended, because the
append checks every version that it was decided on.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from uuid import UUID

import msgspec
from lru import LRU

from domain.kernel.aggregate import Aggregate, DomainEvent
from infra.log.sealing import PersonSeal
from services.kernel.ports import Append

StreamKey = tuple[UUID, str]
ClaimKey = tuple[UUID, str, str]

_Stream = tuple[int, str]
_Person = tuple[int, str]
_Claim = tuple[int, str, str]
"""The same with the tenant as a number: a UUID takes its time to be looked up by."""

STREAMS = 20_000
"""Two of every trainee: the stay, and who has it."""

SEALS = 10_000
CLAIMS = 100_000


class _Kept(msgspec.Struct, eq=False):
    """What is kept of a stream: its events in order, and its aggregate while nobody has it."""

    events: list[DomainEvent]
    aggregate: Aggregate | None = None


class LogCache:
    """Bounded; the least recently used goes first."""

    def __init__(self) -> None:
        self._streams: LRU[_Stream, _Kept] = LRU(STREAMS)
        self._seals: LRU[_Person, PersonSeal] = LRU(SEALS)
        self._owners: LRU[_Claim, str] = LRU(CLAIMS)

    def stream(self, key: StreamKey) -> list[DomainEvent] | None:
        """The events in order; to be read, not changed."""
        kept: _Kept | None = self._streams.get((key[0].int, key[1]))
        return None if kept is None else kept.events

    def seal(self, tenant_id: UUID, person_id: str) -> PersonSeal | None:
        """The person's seal. Of a person who was erased meanwhile it seals what nobody opens."""
        seal: PersonSeal | None = self._seals.get((tenant_id.int, person_id))
        return seal

    def owner(self, key: ClaimKey) -> str | None:
        """The stream that owns the claim."""
        found: str | None = self._owners.get((key[0].int, key[1], key[2]))
        return found

    def put_streams(self, streams: Mapping[StreamKey, list[DomainEvent] | None]) -> None:
        """Streams as they were just read; None: there is none."""
        for key, events in streams.items():
            if events is not None:
                self._streams[key[0].int, key[1]] = _Kept(events)

    def put_seals(self, tenant_id: UUID, seals: Mapping[str, PersonSeal]) -> None:
        """Seals of people by their ids, whose keys are committed."""
        for person_id, seal in seals.items():
            self._seals[tenant_id.int, person_id] = seal

    def put_owners(self, owners: Mapping[ClaimKey, str | None]) -> None:
        """Claims as they were just read; None: nobody's, or nobody's any more."""
        for (tenant, kind, name), owner in owners.items():
            key = (tenant.int, kind, name)
            if owner is None:
                self._owners.pop(key, None)
            else:
                self._owners[key] = owner

    def take_aggregate(self, key: StreamKey) -> Aggregate | None:
        """The aggregate, which is the taker's from now on."""
        kept: _Kept | None = self._streams.get((key[0].int, key[1]))
        if kept is None:
            return None
        aggregate, kept.aggregate = kept.aggregate, None
        return aggregate

    def put_append(self, append: Append) -> None:
        """Keeps a committed append; a kept stream with a gap before it is forgotten.

        Its aggregates stand as they were appended, and nobody else holds them any more; of two of
        one stream, the one that has seen more is kept.
        """
        tenant = append.tenant_id.int
        for stream_id, events in _by_stream(append.events):
            key = (tenant, stream_id)
            kept: _Kept | None = self._streams.get(key)
            if kept is not None and len(kept.events) + 1 == events[0].originator_version:
                kept.events = [*kept.events, *events]
            elif events[0].originator_version == 1:
                self._streams[key] = _Kept([*events])
            else:
                self._streams.pop(key, None)
        for claim in (*append.claims, *append.handed_over):
            self._owners[tenant, claim.kind, claim.key] = claim.owner
        for claim in append.released:
            self._owners.pop((tenant, claim.kind, claim.key), None)
        for aggregate in append.aggregates:
            aggregate.collect_events()
            kept = self._streams.get((tenant, aggregate.id))
            if kept is not None and (
                kept.aggregate is None or kept.aggregate.version < aggregate.version
            ):
                kept.aggregate = aggregate


def _by_stream(events: Sequence[DomainEvent]) -> Iterable[tuple[str, Sequence[DomainEvent]]]:
    if len(events) == 1:  # As of most appends.
        return ((events[0].originator_id, events),)
    by_id = groupby(events, attrgetter("originator_id"))
    return ((stream_id, [*its]) for stream_id, its in by_id)
