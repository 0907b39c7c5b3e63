"""The short way for a door that is asked often and cheaply: bytes in, bytes out.

litestar's way to a handler is made for any arguments and any answer, which costs as much as a cheap
query does (decision 0025). A plain application keeps its router, its middleware and its refusals.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from litestar import Request, WebSocket, asgi
from litestar.enums import ScopeType
from litestar.exceptions import MethodNotAllowedException
from litestar.handlers import ASGIRouteHandler
from litestar.response.base import ASGIResponse
from litestar.types import ASGIApp, Receive, Scope, Send

from api.requests import ClientGoneError
from domain.kernel.errors import Refusal

PlainRequest = Request[Any, Any, Any]
Answering = Callable[[PlainRequest], Awaitable[ASGIApp]]
"""Answers a request by an application that sends the answer."""


def plain_door(
    path: str,
    converse: Callable[[WebSocket[Any, Any, Any]], Awaitable[None]],
    **handlers: Answering,
) -> ASGIRouteHandler:
    """Everything that is asked at an address: WebSockets, and requests by the names of their
    methods."""
    allowed = ASGIResponse(
        status_code=204, headers={"allow": ", ".join(sorted([*handlers, "OPTIONS"]))}
    )

    async def options(_: PlainRequest) -> ASGIApp:
        return allowed

    answering = {"OPTIONS": options, **handlers}

    @asgi(path, copy_scope=False)
    async def door(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.WEBSOCKET:
            await converse(WebSocket(scope, receive, send))
            return
        request: PlainRequest = Request(scope, receive, send)
        handler = answering.get(request.method)
        if handler is None:
            raise MethodNotAllowedException
        answer = await handler(request)
        await answer(scope, receive, send)

    return door


async def read_body(request: PlainRequest, most: int) -> bytearray:
    """The body of a request. Refuses `request_too_large` above so many bytes; raises
    ClientGoneError.

    It is whole when it is as long as was announced: to be told so by the server takes another turn
    of the event loop.
    """
    announced = request.content_length
    if announced is not None and announced > most:
        raise Refusal("request_too_large")
    body = bytearray()
    while True:
        message = await request.receive()
        if message["type"] != "http.request":
            raise ClientGoneError
        body += message.get("body", b"")
        if len(body) > most:
            raise Refusal("request_too_large")
        if len(body) == announced or not message.get("more_body"):
            return body


def personal(body: bytes, media_type: str, status: int = 200) -> ASGIApp:
    """An answer for whoever asked, and for no cache."""
    headers = [
        (b"cache-control", b"no-store"),
        (b"vary", b"Accept-Language, Cookie, Authorization"),
        (b"content-type", media_type.encode()),
        (b"content-length", str(len(body)).encode()),
    ]

    async def answer(_scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body, "more_body": False})

    return answer
