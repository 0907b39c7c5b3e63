"""Requests in the turns of their partners, at every door."""

from collections.abc import Awaitable

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from infra.bootstrap import Turns
from services.kernel.context import Principal


class InTurn:
    """ASGI middleware behind the credentials: a request is handled when it is its partner's turn.

    The turn is over when the answer begins: how long it is sent, or a stream is open, is up to who
    asked. What comes without a partner's credential, and on a WebSocket, is in nobody's turn.
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

            def sending(message: Message) -> Awaitable[None]:
                if message["type"] == "http.response.start":
                    turn.end()
                return send(message)

            await self._app(scope, receive, sending)
