"""What one process remembers of the log: streams and claims that it read or wrote lately.

It may lack what another process wrote since. That is safe for what is then appended, because the
append checks every version it was decided on; services/commands.py reads afresh for the rest.
"""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Generic, TypeVar
from uuid import UUID

from domain.kernel.aggregate import Aggregate, DomainEvent
from services.kernel.ports import Append

StreamKey = tuple[UUID, str]
ClaimKey = tuple[UUID, str, str]

_Stream = tuple[int, str]
_Claim = tuple[int, str, str]
"""The same with the tenant as a number: a UUID takes its time to be looked up by."""

STREAMS = 10_000
CLAIMS = 100_000

K = TypeVar("K")
V = TypeVar("V")


class LogMemory:
    """Bounded; the least recently used goes first."""

    def __init__(self) -> None:
        self._streams = _Recent[_Stream, list[DomainEvent]](STREAMS)
        self._aggregates = _Recent[_Stream, Aggregate](STREAMS)
        self._owners = _Recent[_Claim, str](CLAIMS)

    def stream(self, key: StreamKey) -> list[DomainEvent] | None:
        return self._streams.get((key[0].int, key[1]))

    def owner(self, key: ClaimKey) -> str | None:
        return self._owners.get((key[0].int, key[1], key[2]))

    def read(self, key: StreamKey, events: list[DomainEvent]) -> None:
        """A stream as it was just read; a stream that is not there is not remembered."""
        if events:
            self._streams.put((key[0].int, key[1]), events)

    def take(self, key: StreamKey) -> Aggregate | None:
        """The aggregate, which is the taker's from now on."""
        return self._aggregates.pop((key[0].int, key[1]))

    def give_back(self, key: StreamKey, aggregate: Aggregate) -> None:
        """Of two, the one that has seen more is kept."""
        place = (key[0].int, key[1])
        known = self._aggregates.get(place)
        if known is None or known.version < aggregate.version:
            self._aggregates.put(place, aggregate)

    def owned(self, owners: Mapping[ClaimKey, str]) -> None:
        for key, owner in owners.items():
            self._owners.put((key[0].int, key[1], key[2]), owner)

    def appended(self, append: Append) -> None:
        """What was committed; a remembered stream with a gap before it is forgotten."""
        tenant = append.tenant_id.int
        for event in append.events:
            key = (tenant, event.originator_id)
            known = self._streams.get(key) or []
            if len(known) + 1 == event.originator_version:
                self._streams.put(key, [*known, event])
            else:
                self._streams.pop(key)
        for claim in (*append.claims, *append.handed_over):
            self._owners.put((tenant, claim.kind, claim.key), claim.owner)


class _Recent(Generic[K, V]):
    def __init__(self, limit: int) -> None:
        self._items: OrderedDict[K, V] = OrderedDict()
        self._limit = limit

    def get(self, key: K) -> V | None:
        value = self._items.get(key)
        if value is not None:
            self._items.move_to_end(key)
        return value

    def put(self, key: K, value: V) -> None:
        self._items[key] = value
        self._items.move_to_end(key)
        if len(self._items) > self._limit:
            self._items.popitem(last=False)

    def pop(self, key: K) -> V | None:
        return self._items.pop(key, None)
