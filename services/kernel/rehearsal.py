"""A log over the log that keeps what is appended in memory: what would happen, without doing it.

An import's dry run gives its commands to this one, so that later rows see what earlier ones would
have done, by the same code that does it.
"""

from collections.abc import Collection, Sequence
from uuid import UUID

import msgspec

from domain.kernel.aggregate import Aggregate, DomainEvent, Happening, Recorded, Withdrawal
from domain.kernel.errors import ConflictError
from services.kernel.context import Context
from services.kernel.ports import Append, ClaimTakenError, Idempotency, Log, Receipt


def rehearsing(ctx: Context) -> Context:
    """A context in which commands are decided as in this one, and nothing is written."""
    return msgspec.structs.replace(ctx, log=Rehearsal(ctx.log), idempotency_key=None)


class Rehearsal:
    """Implements Log for one tenant at a time. Nothing is ever written through it.

    Everything is read afresh: no append finds out here that a decision was made on what another
    process has changed since.
    """

    def __init__(self, log: Log) -> None:
        self._log = log
        self._streams: dict[str, list[Recorded]] = {}
        self._owners: dict[tuple[str, str], str | None] = {}
        self._events = 0

    async def load(
        self, tenant_id: UUID, stream_id: str, *, fresh: bool = True
    ) -> Sequence[DomainEvent]:
        recorded = await self._log.load(tenant_id, stream_id)
        return [*recorded, *(one.event for one in self._streams.get(stream_id, ()))]

    async def aggregate(
        self, tenant_id: UUID, stream_id: str, *, fresh: bool = True
    ) -> Aggregate | None:
        aggregate = await self._log.aggregate(tenant_id, stream_id)
        for one in self._streams.get(stream_id, ()):
            aggregate = one.event.mutate(aggregate)
        return aggregate

    async def since(self, tenant_id: UUID, stream_id: str, position: int) -> Sequence[Recorded]:
        recorded = await self._log.since(tenant_id, stream_id, position)
        rehearsed = self._streams.get(stream_id, ())
        return [*recorded, *(one for one in rehearsed if one.position > position)]

    async def owner(
        self, tenant_id: UUID, kind: str, key: str, *, fresh: bool = True
    ) -> str | None:
        if (kind, key) in self._owners:
            return self._owners[kind, key]
        return await self._log.owner(tenant_id, kind, key)

    async def naming(
        self, tenant_id: UUID, field: str, stream_id: str
    ) -> tuple[int, Sequence[str]]:
        position, recorded = await self._log.naming(tenant_id, field, stream_id)
        rehearsed = (
            name for name, known in self._streams.items() if stream_id in _said(known, field)
        )
        return position + self._events, list(dict.fromkeys((*recorded, *rehearsed)))

    async def claimed(self, tenant_id: UUID, kind: str) -> tuple[int, Sequence[str]]:
        position, recorded = await self._log.claimed(tenant_id, kind)
        owners = dict.fromkeys(recorded, "") | {
            key: owner for (of, key), owner in self._owners.items() if of == kind
        }
        held = sorted(key for key, owner in owners.items() if owner is not None)
        return position + self._events, held

    async def recall(self, tenant_id: UUID, idempotency: Idempotency) -> Receipt | None:
        return await self._log.recall(tenant_id, idempotency)

    async def position(self, tenant_id: UUID) -> int:
        return await self._log.position(tenant_id) + self._events

    async def append(self, append: Append) -> Receipt:
        if append.at not in (None, await self.position(append.tenant_id)):
            raise ConflictError
        recorded = {
            (claim.kind, claim.key): await self.owner(append.tenant_id, claim.kind, claim.key)
            for claim in (*append.claims, *append.handed_over, *append.released)
        }
        position = await self._log.position(append.tenant_id)
        # From here to the end nothing waits, so that no other append comes in between.
        owners = {key: self._owners.get(key, owner) for key, owner in recorded.items()}
        for claim in append.claims:
            owner = owners[claim.kind, claim.key]
            if owner not in (None, claim.owner):
                raise ClaimTakenError(claim, owner)
            owners[claim.kind, claim.key] = claim.owner
        for claim in append.handed_over:
            if owners[claim.kind, claim.key] is None:
                raise ConflictError(claim.about)
        owners |= {(claim.kind, claim.key): claim.owner for claim in append.handed_over}
        for claim in append.released:
            if owners[claim.kind, claim.key] != claim.owner:
                raise ConflictError(claim.about)
        versions: dict[str, int] = {}
        for event in append.events:
            stream = self._streams.get(event.originator_id)
            last = stream[-1].event.originator_version if stream else event.originator_version - 1
            before = versions.get(event.originator_id, last)
            if event.originator_version != before + 1:
                raise ConflictError(event.originator_id)
            versions[event.originator_id] = event.originator_version
        position += self._events
        its = msgspec.structs.asdict(append.envelope)
        for at, event in enumerate(append.events, start=position + 1):
            one = Recorded(event, append.tenant_id, at, event.timestamp, **its)
            self._streams.setdefault(event.originator_id, []).append(one)
        for claim in (*append.claims, *append.handed_over):
            self._owners[claim.kind, claim.key] = claim.owner
        self._owners |= {(claim.kind, claim.key): None for claim in append.released}
        self._events += len(append.events)
        return Receipt(position + len(append.events), append.result)


def _said(recorded: Sequence[Recorded], field: str) -> Collection[str | None]:
    """What the facts of a stream say in a field, each as it was said last."""
    said = dict[int, str | None]()
    for event in (one.event for one in recorded):
        fact = event.fact_id if isinstance(event, Happening) else event.originator_version
        if isinstance(event, Withdrawal):
            said.pop(fact, None)
        elif hasattr(event, field):
            said[fact] = getattr(event, field)
    return said.values()
