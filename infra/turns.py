"""Turns of partners: of one so much is under way at once, so that its flood keeps no other waiting.

An event loop goes on with whatever is ready in the order in which it became so: whoever has 400
requests under way makes each step of everybody else wait for 400 of theirs. What is beyond AT_ONCE
waits without a step, and costs the others nothing.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Self
from uuid import UUID
from weakref import WeakValueDictionary

AT_ONCE = 32
"""Requests of one partner in one process: by so many, commands are written as fast as by more."""


_TURN: ContextVar["RequestTurn | None"] = ContextVar("turn", default=None)


class RequestTurn:
    """One request's place, which it may give back on the way and take again.

    Used as `async with`: waits until there is one, and lasts until it is ended or left.
    """

    __slots__ = ("_is_held", "_is_over", "_is_taking", "_places", "_token")

    def __init__(self, places: asyncio.Semaphore) -> None:
        self._places = places
        self._is_held = self._is_taking = self._is_over = False

    async def __aenter__(self) -> Self:
        await self._places.acquire()
        self._is_held = True
        self._token = _TURN.set(self)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.end()
        _TURN.reset(self._token)

    async def take(self) -> None:
        if self._is_held or self._is_taking or self._is_over:
            return
        self._is_taking = True
        try:
            await self._places.acquire()
        finally:
            self._is_taking = False
        self._is_held = True
        if self._is_over:
            self.give_back()

    def give_back(self) -> None:
        if self._is_held:
            self._is_held = False
            self._places.release()

    def end(self) -> None:
        self._is_over = True
        self.give_back()


class Turns:
    """The turns of one process.

    The places of a partner stay, of which there are few and which are small: made anew for each
    request that is alone, they would be most of what a turn costs.
    """

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._places = defaultdict[UUID, asyncio.Semaphore](lambda: asyncio.Semaphore(at_once))

    def turn(self, tenant_id: UUID) -> RequestTurn:
        """A turn of one partner."""
        return RequestTurn(self._places[tenant_id])


class Places:
    """Of each partner so many, each held to the end: beside a request's turn, which stays what
    `out_of_turn` gives back. Kept while something of the partner is under way."""

    def __init__(self, at_once: int) -> None:
        self.by_tenant = WeakValueDictionary[UUID, asyncio.Semaphore]()
        self._at_once = at_once

    def of(self, tenant_id: UUID) -> asyncio.Semaphore:
        """Those of one partner, one of which is held by `async with`."""
        return self.by_tenant.setdefault(tenant_id, asyncio.Semaphore(self._at_once))


@asynccontextmanager
async def out_of_turn() -> AsyncIterator[None]:
    """Gives the place to another of the partner's requests, where there is one, and takes it again
    afterwards, also where the wait failed, but for one that was cancelled: for what waits for
    somebody else, and does nothing meanwhile."""
    turn = _TURN.get()
    if turn is not None:
        turn.give_back()
    try:
        yield
    except Exception:
        if turn is not None:
            await turn.take()
        raise
    if turn is not None:
        await turn.take()
