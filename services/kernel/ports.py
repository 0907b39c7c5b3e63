"""The ports of the use cases, as protocols; the adapters are in infra/."""

from collections.abc import Awaitable, Iterable, Sequence
from typing import Any, Protocol
from uuid import UUID

import msgspec

from domain.kernel.aggregate import Aggregate, DomainEvent, Recorded
from domain.kernel.errors import TakenError
from domain.kpi.subjects.newcomer import Newcomer


class Claim(msgspec.Struct, frozen=True, gc=False):
    """Something that must be unique in the tenant, and the stream that owns it."""

    kind: str
    key: str
    owner: str

    @property
    def about(self) -> str:
        """What a ConflictError says that it is about."""
        return f"{self.kind} {self.key}"


ClaimPlace = tuple[str, str]
"""A claim's kind and key."""


class Effect(msgspec.Struct, frozen=True, gc=False):
    """Something to happen outside, after the commit: handed on by the outbox.

    kind: a job name (`report.render`). payload: ids only, never personal data.
    """

    kind: str
    payload: dict[str, Any]


class Envelope(msgspec.Struct, frozen=True, gc=False):
    """The actor, source, correlation and causation of all the events of one append."""

    actor: str
    source: dict[str, Any]
    correlation_id: UUID | None = None
    causation_id: UUID | None = None


class Idempotency(msgspec.Struct, frozen=True, gc=False):
    """A key chosen by the caller, and the fingerprint of the command sent with it."""

    key: str
    fingerprint: bytes


class Receipt(msgspec.Struct, frozen=True, gc=False):
    """The result of an append: the tenant's position after it, and the command's result."""

    position: int
    result: dict[str, Any]
    repeated: bool = False


class Append(msgspec.Struct, frozen=True, gc=False):
    """Everything that one command writes, in one transaction.

    events: per stream in order; the first one's version says what is expected.
    claims: new ones. handed_over: claims that are there already, each with its new owner. released:
    claims that are free from now on, each with the owner that had it, or was just handed it.
    expected: versions of streams that were read for the decision and not written. aggregates: those
    that it was decided on, which are the log's once it is written. at: the tenant's position where
    it was decided on all that is recorded; None: on those streams alone.
    """

    tenant_id: UUID
    envelope: Envelope
    events: Sequence[DomainEvent]
    result: dict[str, Any]
    claims: Sequence[Claim] = ()
    handed_over: Sequence[Claim] = ()
    released: Sequence[Claim] = ()
    effects: Sequence[Effect] = ()
    expected: dict[str, int] = {}
    aggregates: Sequence[Aggregate] = ()
    idempotency: Idempotency | None = None
    at: int | None = None


class ClaimTakenError(TakenError):
    """A claim of the append is another stream's; raised by the log, named by the handler."""

    def __init__(self, claim: Claim, owner: str) -> None:
        super().__init__("claim_taken", kind=claim.kind)
        self.claim, self.owner = claim, owner


class Log(Protocol):
    """The tenant log. Implemented by infra/log/tenant_log.py and services/kernel/rehearsal.py.

    fresh=False: the answer may lack the newest. What is decided on it is safe to append, since the
    append checks the versions; a refusal, or a decision to write nothing, is not safe to believe.
    """

    async def load(
        self, tenant_id: UUID, stream_id: str, *, fresh: bool = True
    ) -> Sequence[DomainEvent]:
        """The events of a stream in order; empty if there is none.

        fresh=False: those that this program wrote itself are UNRECORDED.
        """

    async def aggregate(
        self, tenant_id: UUID, stream_id: str, *, fresh: bool = True
    ) -> Aggregate | None:
        """The aggregate that a stream's events make, the caller's own; None if there is none."""

    async def since(self, tenant_id: UUID, stream_id: str, position: int) -> Sequence[Recorded]:
        """The events of a stream after a position of the log, in order, as they are recorded now;
        their personal fields are empty."""

    async def owner(
        self, tenant_id: UUID, kind: str, key: str, *, fresh: bool = True
    ) -> str | None: ...

    async def naming(
        self, tenant_id: UUID, field: str, stream_id: str
    ) -> tuple[int, Sequence[str]]:
        """The tenant's position, and the streams with a fact that names a stream in a field, as it
        was said last, in the order in which they first did."""

    async def claimed(self, tenant_id: UUID, kind: str) -> tuple[int, Sequence[str]]:
        """The tenant's position, and the keys of all claims of a kind, in order."""

    async def recall(self, tenant_id: UUID, idempotency: Idempotency) -> Receipt | None:
        """The receipt of an earlier append with this key. Refuses `idempotency_key_reused`."""

    async def position(self, tenant_id: UUID) -> int: ...

    def append(self, append: Append) -> Awaitable[Receipt]:
        """Writes it all or nothing.

        Raises ConflictError when a version or the position `at` moved, a claim to be handed over is
        nobody's or one to be released another's; ClaimTakenError; and Refusal
        `idempotency_key_reused`.
        """


class History(Protocol):
    """A tenant's past, read from its log. Implemented by infra/readside/reactors.py.

    Each way raises what an event raises that cannot be read or digested.
    """

    async def newcomers(self, tenant_id: UUID, position: int) -> list[Newcomer]:
        """The facts of everybody as they were known at the position, in the order of their ids."""

    async def events(
        self, tenant_id: UUID, after: int, until: int, topics: Iterable[str]
    ) -> list[Recorded]:
        """The events of these topics after a position and up to another, in order; their personal
        fields are empty."""
