"""The unit of work of one command: what it read, what it decided, what it claims."""

from collections.abc import Callable, Collection, Sequence
from datetime import date, timedelta
from secrets import token_hex
from typing import Any, Final, TypeVar
from uuid import UUID

from uuid_utils.compat import uuid7

from domain.kernel.aggregate import Aggregate, DomainEvent, Happening, Recorded, open_fields
from domain.kernel.errors import ConflictError, NotFoundError, Refusal
from domain.kernel.whose import person_of
from services.kernel.context import Context
from services.kernel.permissions import Permission
from services.kernel.ports import Append, Claim, ClaimTakenError, Effect, Envelope, Idempotency

A = TypeVar("A", bound=Aggregate)

PLANNED_AHEAD: Final = timedelta(days=10 * 366)
"""How far ahead anybody plans: farther off it was mistyped."""

Taken = Callable[[str], Refusal | ConflictError]
"""Makes what is raised where a claim is another's, whose id it is given; after a ConflictError it
is decided anew."""


RESTATED_SINCE: Final = "restated_since"
"""The code of what is refused because somebody else was faster to amend the same."""


def require_planned(day: date, today: date, field: str) -> None:
    """Refuses `date_too_far_ahead`."""
    if day > (latest := today + PLANNED_AHEAD):
        raise Refusal("date_too_far_ahead", field=field, on=day, latest=latest)


class Work:
    """What a command has read and decided; nothing is written before all of it is decided.

    answer: what the command's result says besides the stream, JSON-like. fresh: as the log's port
    says. Aggregates come from the log once and are the same object afterwards. named: what things
    would be refused with that were found by a name, if they were not there. asked: permissions that
    are asked for besides the command's.
    """

    def __init__(self, ctx: Context, *, fresh: bool = True) -> None:
        self.ctx = ctx
        self._fresh = fresh
        self.answer: dict[str, Any] = {}
        self._tenant: UUID = ctx.principal.tenant
        self.named: dict[str, Callable[[], NotFoundError]] = {}
        self.asked: set[Permission] = set()
        self._aggregates: dict[str, Aggregate] = {}
        self._claims: dict[Claim, Taken] = {}
        self._handed_over: dict[tuple[str, str], Claim] = {}
        self._released: tuple[Claim, ...] = ()
        self._owners: dict[tuple[str, str], str] = {}
        self._effects: tuple[Effect, ...] = ()
        self._seen = set[tuple[str, int]]()
        self._at: int | None = None

    def require_past(self, day: date, field: str = "on", notice: timedelta = timedelta(0)) -> None:
        """Refuses `date_in_future` for a day that is more than `notice` ahead."""
        if day > self.ctx.today + notice:
            raise Refusal("date_in_future", field=field, on=day, today=self.ctx.today)

    @staticmethod
    def new_id(category: type[Aggregate], about: str | None = None) -> str:
        """A stream id: `<category>-<uuid7>`. about: another stream of the person whose it is, of
        whom there may be several of the category: `<category>-<person>.<8 hex>`."""
        if about is None:
            return f"{category.TOPIC}-{uuid7()}"
        return f"{category.TOPIC}-{person_of(about)}.{token_hex(4)}"

    async def later_id(self, earlier_id: str) -> str:
        """The id of the stream that follows earlier ones of the same person and category:
        `<category>-<person>.2` and so on; a number is not given again where all of its stream was
        withdrawn."""
        first, number = f"{earlier_id.partition('-')[0]}-{person_of(earlier_id)}", 2
        while await self.ctx.log.aggregate(self._tenant, later := f"{first}.{number}") is not None:
            number += 1
        return later

    async def load(self, kind: type[A], stream_id: str, field: str | None = None) -> A:
        """The aggregate of a stream. field: of the command, that names it. Raises NotFoundError
        `<category>_unknown`."""
        known = self._aggregates.get(stream_id)
        if known is None:
            known = await self.ctx.log.aggregate(self._tenant, stream_id, fresh=self._fresh)
            if known is not None:
                self._aggregates[stream_id] = known
        if not isinstance(known, kind):
            raise NotFoundError(f"{kind.TOPIC}_unknown", field=field or f"{kind.TOPIC}_id")
        return known

    def require(self, permission: Permission) -> None:
        """Requires a permission besides the command's. Refuses `permission_refused`."""
        self.ctx.principal.require(permission)
        self.asked.add(permission)

    @property
    def aggregates(self) -> Collection[Aggregate]:
        """What was read, and what is new."""
        return self._aggregates.values()

    def new(self, stream_id: str) -> Aggregate | None:
        """What is new of this stream, if it was not there."""
        return self._aggregates.get(stream_id)

    def see(self, event: DomainEvent) -> None:
        """Takes an event for seen: what is decided says nothing anew of what that says."""
        self._seen.add((event.originator_id, event.originator_version))

    async def require_seen(self) -> None:
        """Requires that what was decided amends nothing but what `as_seen` says was seen, or
        `seen_causes`, or `see` took for seen. Refuses `restated_since`, and `position_invalid` or
        `position_ahead` where nothing can have been seen there."""
        seen = self.ctx.as_seen
        if seen is None:
            return
        if seen < 0:
            raise Refusal("position_invalid", field="as_seen", position=seen)
        newest = await self.ctx.log.position(self._tenant)
        if seen > newest:
            raise Refusal("position_ahead", field="as_seen", position=seen, newest=newest)
        for stream_id, aggregate in self._aggregates.items():
            decided = [one for one in aggregate.pending_events if isinstance(one, DomainEvent)]
            if not decided:
                continue
            # Read after it was decided: what comes later still, the append finds to be a conflict.
            since = await self.ctx.log.since(self._tenant, stream_id, seen)
            for recorded in reversed(since):
                event = recorded.event
                is_seen = (stream_id, event.originator_version) in self._seen
                is_seen = is_seen or recorded.causation_id in self.ctx.seen_causes
                if not is_seen and any(one.amends(event) for one in decided):
                    raise _restated(recorded, seen)

    async def find(self, kind: type[A], claim_kind: str, key: str) -> A | None:
        """The aggregate that owns the claim, or None; what this work claims counts too."""
        owner = await self.owner(claim_kind, key)
        return None if owner is None else await self.load(kind, owner)

    async def owner(self, claim_kind: str, key: str) -> str | None:
        """Who owns the claim, or None; what this work claims counts too."""
        owner = self._owners.get((claim_kind, key))
        if owner is None:
            owner = await self.ctx.log.owner(self._tenant, claim_kind, key, fresh=self._fresh)
        return owner

    async def naming(self, field: str, stream_id: str) -> Sequence[str]:
        """The other streams with a fact that names a stream in a field. What is decided holds
        while nothing else is recorded: the append finds that to be a conflict."""
        return self._as_of(*await self.ctx.log.naming(self._tenant, field, stream_id))

    async def claimed(self, kind: str) -> Sequence[str]:
        """The keys of all claims of a kind, in order; what is decided holds as with `naming`."""
        return self._as_of(*await self.ctx.log.claimed(self._tenant, kind))

    def _as_of(self, position: int, found: Sequence[str]) -> Sequence[str]:
        """Notes up to where the log was looked at; of several looks the first one's holds."""
        self._at = position if self._at is None else min(self._at, position)
        return found

    def add(self, aggregate: Aggregate, *, ahead: bool = False) -> str:
        """Takes in a new aggregate, whose stream must not exist yet; answers its id. ahead: it is
        recorded before what was decided of others, who name it."""
        if ahead:
            self._aggregates = {aggregate.id: aggregate, **self._aggregates}
        self._aggregates[aggregate.id] = aggregate
        return aggregate.id

    def claim(self, kind: str, key: str, owner: str, taken: Taken) -> None:
        """Makes a number or code the owner's alone in the tenant."""
        self._claims[Claim(kind, key, owner)] = taken
        self._owners[kind, key] = owner

    def hand_over(self, kind: str, key: str, owner: str) -> None:
        """Makes the claim of another the owner's; the append raises ConflictError if it is free."""
        self._handed_over[kind, key] = Claim(kind, key, owner)
        self._owners[kind, key] = owner

    def release(self, kind: str, key: str, owner: str) -> None:
        """Makes the owner's claim free, also one that it was just handed; the append raises
        ConflictError if it is another's."""
        self._released += (Claim(kind, key, owner),)

    def effect(self, kind: str, **payload: Any) -> None:
        """Adds an effect, handed on by the outbox after the commit."""
        self._effects += (Effect(kind=kind, payload=payload),)

    def taken(self, found: ClaimTakenError) -> Refusal | ConflictError:
        """The error that was named for the case that a claim is another's."""
        return self._claims[found.claim](found.owner)

    def pending(self) -> int:
        return sum(len(aggregate.pending_events) for aggregate in self._aggregates.values())

    def append(self, stream_id: str, idempotency: Idempotency | None) -> Append:
        """Everything decided, as one append. stream_id: of the changed thing."""
        events: list[Any] = []
        expected = {}
        for read_id, aggregate in self._aggregates.items():
            if pending := aggregate.pending_events:
                events += pending
            else:
                expected[read_id] = aggregate.version
        return Append(
            tenant_id=self._tenant,
            envelope=Envelope(
                actor=self.ctx.principal.actor,
                source=self.ctx.source,
                correlation_id=self.ctx.correlation_id or (uuid7() if events else None),
                causation_id=self.ctx.causation_id,
            ),
            events=events,
            result={"stream_id": stream_id, "events": len(events), "answer": self.answer},
            claims=tuple(self._claims),
            handed_over=tuple(self._handed_over.values()),
            released=self._released,
            effects=self._effects,
            expected=expected,
            aggregates=tuple(self._aggregates.values()),
            idempotency=idempotency,
            at=self._at,
        )


def _restated(by: Recorded, as_seen: int) -> Refusal:
    """What is refused because an event was recorded since. says: what a fact says now."""
    kind, says = type(by.event), dict[str, Any]()
    if isinstance(by.event, Happening):
        says = {name: getattr(by.event, name) for name in open_fields(kind)}
    recorded = {"position": by.position, "at": by.recorded_at, "topic": kind.TOPIC, "says": says}
    return Refusal(RESTATED_SINCE, field="as_seen", as_seen=as_seen, **recorded)
