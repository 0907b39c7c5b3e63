"""Requests in the turns of their partners, at every door, as long as somebody waits for them."""

import asyncio
from collections.abc import Awaitable
from typing import Any

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from api.requests import ClientGoneError
from infra.bootstrap import Turns
from services.kernel.asker import FOLLOWING
from services.kernel.context import Principal


class InTurn:
    """ASGI middleware behind the credentials: a request is handled when it is its partner's turn.

    The turn is over when the answer begins: how long it is sent, or a stream is open, is up to who
    asked. What comes without a partner's credential, and on a WebSocket, is in nobody's turn.
    Raises ClientGoneError for what ended with who asked.
    """

    def __init__(self, app: ASGIApp, turns: Turns) -> None:
        self._app, self._turns = app, turns

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        principal: Principal | None = scope.get("user")
        tenant_id = principal.tenant_id if principal else None
        if tenant_id is None or scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        async with self._turns.turn(tenant_id) as turn:
            client = _Client(receive)
            followed = FOLLOWING.set(client.follow)

            def sending(message: Message) -> Awaitable[None]:
                if message["type"] == "http.response.start":
                    turn.end()
                return send(message)

            try:
                await self._app(scope, receive, sending)
            except asyncio.CancelledError:
                if client.has_left:
                    raise ClientGoneError from None
                raise
            finally:
                client.leave_alone()
                FOLLOWING.reset(followed)


class _Client:
    """Who sent a request. What the server tells of them after the request is read only once
    something takes long: a message more is another turn of the event loop."""

    __slots__ = ("_looking", "_receive", "_tasks", "has_left")

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._tasks: set[asyncio.Task[Any] | None] = {asyncio.current_task()}
        self._looking: asyncio.Task[None] | None = None
        self.has_left = False

    def follow(self) -> None:
        self._tasks.add(asyncio.current_task())
        if self._looking is None:
            self._looking = asyncio.create_task(self._look())

    def leave_alone(self) -> None:
        if self._looking is not None:
            self._looking.cancel()

    async def _look(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self.has_left = True
        for task in self._tasks:
            if task is not None:
                task.cancel()
