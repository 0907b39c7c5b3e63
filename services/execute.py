"""How a command is carried out.

`execute` checks the fields, loads, decides, appends, and decides again when somebody else was
faster. All that a command decides is written in one transaction or not at all. The first decision
may be made without the newest, since the log checks what is written against what is; a refusal, or
a decision to write nothing, only ever stands when it was made on what was read afresh.
"""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Mapping, Set
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from functools import cache
from types import MappingProxyType
from typing import Any, Final
from uuid import UUID
from weakref import WeakValueDictionary

import msgspec

from domain.kernel.bounds import Text, check
from domain.kernel.errors import ConflictError, Refusal
from domain.kernel.values import seen
from services.kernel.context import Context
from services.kernel.ports import ClaimTakenError, Idempotency, Receipt
from services.kernel.work import Work
from services.people.giving import require_given
from services.registry import COMMANDS, CommandRow
from services.within import require_within

ATTEMPTS = 8
"""How often a decision is made anew when another command was faster."""

CONFLICT: Final = "conflict"
"""The code of what is refused since others were faster that often: asked again, it may be done."""

_TURNS: WeakValueDictionary[tuple[UUID, str], asyncio.Lock] = WeakValueDictionary()

KEY = Text(255)
"""The bounds of an idempotency key."""


class Done(msgspec.Struct, frozen=True, gc=False):
    """A command was carried out (or had been, with this key).

    position: the tenant's after it. stream_id: of the changed thing. events: how many were written.
    """

    position: int
    stream_id: str
    events: int
    repeated: bool = False
    answer: dict[str, Any] = {}


async def execute(
    ctx: Context,
    command: msgspec.Struct,
    *,
    whole: msgspec.Struct | None = None,
    besides: Mapping[str, Any] = MappingProxyType({}),
) -> Done:
    """Carries out one command.

    whole: another of the same type, of which this one is what is left; what was carried out of it
    with the context's key, it or any part, is its answer. besides: what the answer says too.

    Raises Refusal: what `check` refuses, what its handler refuses, what `require_seen` refuses, and
    `conflict` after ATTEMPTS defeats.
    """
    row = COMMANDS[type(command)]
    ctx.principal.require(row.permission)
    check(command)
    idempotency = _idempotency(ctx, whole or command)
    defeated_by = set[str]()
    for attempt in range(ATTEMPTS):
        try:
            async with _turns(ctx.principal.tenant, defeated_by) if defeated_by else nullcontext():
                work = Work(ctx, fresh=attempt > 0)
                if besides:
                    work.answer |= besides
                stream_id = await _decide(work, command, row)
                await work.require_seen()
                # A decision to write nothing is handed on too: the log checks the versions that it
                # was made on.
                return _done(await ctx.log.append(work.append(stream_id, idempotency)))
        except ConflictError as conflict:
            defeated_by.add(conflict.about)
        except Refusal as raised:
            error: Refusal | ConflictError = raised
            if isinstance(raised, ClaimTakenError):
                defeated_by.add(raised.claim.about)
                error = work.taken(raised)
            if isinstance(error, Refusal) and attempt > 0:
                if done := await repeated(ctx, whole or command):
                    return done
                raise error from None
    raise Refusal(CONFLICT)


async def _decide(work: Work, command: msgspec.Struct, row: CommandRow) -> str:
    """The id of the changed stream. Refuses what the handler refuses; before that, since it tells
    of what is there, what `require_within` refuses; at last what `require_given` refuses."""
    try:
        stream_id = await row.handler(work, command)
    except Refusal:
        await require_within(work, command, row.permission)
        raise
    await require_within(work, command, row.permission)
    await require_given(work, command.__struct_fields__)
    return stream_id


@asynccontextmanager
async def _turns(tenant_id: UUID, defeated_by: Set[str]) -> AsyncIterator[None]:
    """Of the commands that others were faster than about one stream or claim, this process decides
    one after the other anew, since only one of them would be written each time. Whoever needs
    several turns takes them in order, so that no two wait for each other."""
    async with AsyncExitStack() as held:
        for about in sorted(defeated_by):
            turn = _TURNS.setdefault((tenant_id, about), asyncio.Lock())
            await held.enter_async_context(turn)
        yield


async def repeated(ctx: Context, command: msgspec.Struct) -> Done | None:
    """The answer of this very command, where it was carried out with the context's key before.

    Refuses `idempotency_key_reused`.
    """
    idempotency = _idempotency(ctx, command)
    receipt = await ctx.log.recall(ctx.principal.tenant, idempotency) if idempotency else None
    return _done(receipt) if receipt else None


def checked_key(key: str | None) -> str | None:
    """A caller's key, checked. Refuses `idempotency_key_blank`, `text_too_long`, `text_invalid`."""
    if key is not None:
        if not seen(key):
            raise Refusal("idempotency_key_blank", field="idempotency_key")
        KEY.check(key, "idempotency_key")
    return key


def _done(receipt: Receipt) -> Done:
    return Done(position=receipt.position, repeated=receipt.repeated, **receipt.result)


def _idempotency(ctx: Context, command: msgspec.Struct) -> Idempotency | None:
    if ctx.idempotency_key is None:
        return None
    # With the caller's key, so that equal payloads of different requests do not look alike, and
    # with who sends it, so that nobody is answered about what they may not reach themselves.
    named = f"{ctx.idempotency_key}\0{ctx.principal.actor}\0{type(command).__name__}\0".encode()
    digest = hashlib.blake2b(named + msgspec.json.encode(_said(command)), digest_size=16)
    return Idempotency(key=ctx.idempotency_key, fingerprint=digest.digest())


def _said(value: Any) -> Any:
    """What is stated beside the defaults: a field that a later version adds leaves what was asked
    before as it was asked."""
    if isinstance(value, msgspec.Struct):
        return {
            name: _said(it)
            for name, default in _defaults(type(value)).items()
            if (it := getattr(value, name)) != default
        }
    if isinstance(value, list | tuple):
        return [_said(one) for one in value]
    return value


@cache
def _defaults(kind: type[msgspec.Struct]) -> dict[str, Any]:
    """The default of each field; a factory's is made once."""
    return {
        one.name: one.default if one.default_factory is msgspec.NODEFAULT else one.default_factory()
        for one in msgspec.structs.fields(kind)
    }
