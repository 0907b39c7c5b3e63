"""Requests in the turns of their partners, at every door, as long as somebody waits for them; and
what is asked on a socket, each by itself."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import asynccontextmanager, contextmanager

from litestar import Litestar
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import status_of
from api.requests import ClientGoneError
from infra.bootstrap import Turns, out_of_turn
from services.kernel.asker import waiting_by
from services.kernel.context import Principal

TURNS = "turns"
"""Where the application's state keeps its Turns."""


class InTurn:
    """ASGI middleware behind the credentials: a request is handled when it is the turn of its
    organisation.

    The turn is over when the answer begins: how long it is sent, or a stream is open, is up to who
    asked. What comes without a credential is in nobody's turn, and neither is a
    WebSocket, on which `turn_of` is for each operation. An answer to somebody who has gone has
    their status, for the log and the metrics.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        principal: Principal | None = scope.get("user")
        if principal is None or scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        turns: Turns = Litestar.from_scope(scope).state[TURNS]
        async with turns.turn(principal.tenant) as turn:
            client = _Client(receive)

            def sending(message: Message) -> Awaitable[None]:
                if message["type"] == "http.response.start":
                    turn.end()
                    if client.has_left:
                        message["status"] = status_of(ClientGoneError())
                return send(message)

            with waiting_by(client.long_wait):
                await self._app(scope, receive, sending)


@asynccontextmanager
async def turn_of(app: Litestar, principal: Principal | None) -> AsyncIterator[None]:
    """While one operation on a socket has a turn of its principal's partner. A wait for what takes
    long is cancelled with the socket, so that nobody looks whether the client is still there."""
    if principal is None:
        yield
        return
    turns: Turns = app.state[TURNS]
    async with turns.turn(principal.tenant):
        with waiting_by(out_of_turn):
            yield


class _Client:
    """Who sent a request. What the server tells of them after the request is read only while
    something takes long: a message more is another turn of the event loop."""

    __slots__ = ("_looking", "_receive", "_waits", "has_left")

    def __init__(self, receive: Receive) -> None:
        self._receive, self.has_left = receive, False
        self._waits: list[asyncio.Timeout] = []
        self._looking: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def long_wait(self) -> AsyncIterator[None]:
        """As services/kernel/asker.py says. Only the wait is ended, and nothing else of a request
        that goes on without it, such as the commands after a question in a batch."""
        if self.has_left:
            raise ClientGoneError
        async with out_of_turn():
            try:
                async with asyncio.timeout(None) as wait:
                    with self._followed(wait):
                        yield
            except TimeoutError:
                if wait.expired():
                    raise ClientGoneError from None
                raise

    @contextmanager
    def _followed(self, wait: asyncio.Timeout) -> Iterator[None]:
        """Has the wait end when the client leaves."""
        self._waits.append(wait)
        if self._looking is None:
            self._looking = asyncio.create_task(self._look())
        try:
            yield
        finally:
            self._waits.remove(wait)
            if not self._waits:
                self._looking.cancel()
                self._looking = None

    async def _look(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.has_left = True
        for wait in self._waits:
            wait.reschedule(asyncio.get_running_loop().time())
