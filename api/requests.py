"""What the doors read of a request: how much at most and how long, and of a form nothing that
outlives it."""

import asyncio
from collections.abc import AsyncGenerator
from random import uniform
from typing import Any, Final
from urllib.parse import parse_qsl

from litestar import Request
from litestar.datastructures import FormMultiDict
from litestar.enums import RequestEncodingType
from litestar.exceptions import InternalServerException
from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send

from domain.kernel.errors import Refusal

LARGEST_BODY = 1 << 20
"""Bytes of a request, several times the longest text that a form takes; a door that takes files
says its own."""

LARGEST_UPLOAD = 64 << 20
"""Bytes of a request that brings files, which have limits of their own below it."""

BODY_SECONDS, SLOWEST_BODY = 30.0, 16 << 10
"""For which a body is waited for at most, and the bytes that bring it a second more. What the
server does in between is not counted."""

ANNOUNCING = (b"content-length", b"transfer-encoding")
"""The headers of a request that has a body."""

LONGEST_PARAMETER = 4_000
"""Characters of a parameter of an address: more than anything that is asked for there has."""

TAKES_ADDRESS: Final = "takes_address"
"""A handler's option: a parameter of its address is another address, whatever that holds."""

MOST_INPUTS = 5_000
"""Of a form: more than the largest scheme needs that is not refused."""


class ClientGoneError(Refusal):
    """Who asked left before all of the request had come, or before what takes long was answered: no
    fault of ours, and nobody to answer."""

    def __init__(self) -> None:
        super().__init__("client_gone")


class BoundedAddress:
    """ASGI middleware: refuses `parameter_too_long` in an address."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        query = scope["query_string"]
        if len(query) > LONGEST_PARAMETER and not scope["route_handler"].opt.get(TAKES_ADDRESS):
            for name, value in parse_qsl(query.decode("latin-1"), keep_blank_values=True):
                if max(len(name), len(value)) > LONGEST_PARAMETER:
                    raise Refusal("parameter_too_long", name=name[:50], most=LONGEST_PARAMETER)
        await self._app(scope, receive, send)


class ArrivingBody:
    """What a server receives of a request that announces a body, in time.

    A connection on which half a body came stays open as long as anything holds the server's end of
    it, such as a timer that was set in the request's context: it is let go of with the request.
    """

    __slots__ = ("_is_whole", "_left", "_receive")

    def __init__(self, receive: Receive) -> None:
        self._receive: Receive | None = receive
        # Those that began together, and do not go on, are not refused together.
        self._left = BODY_SECONDS * uniform(0.5, 1.0)  # noqa: S311 - nobody's secret
        self._is_whole = False

    async def receive(self) -> Any:
        """The next message. Refuses `request_too_slow` where a body is read that does not come."""
        if self._receive is None:
            return {"type": "http.disconnect"}
        if self._is_whole:  # Then it is waited for the client to leave.
            return await self._receive()
        clock = asyncio.get_running_loop().time
        begun = clock()
        try:
            async with asyncio.timeout_at(begun + self._left):
                message: Any = await self._receive()
        except TimeoutError:
            raise Refusal("request_too_slow") from None
        self._left += len(message.get("body", b"")) / SLOWEST_BODY - (clock() - begun)
        self._is_whole = not message.get("more_body")
        return message

    def let_go(self) -> None:
        self._receive = None


def announces_body(scope: HTTPScope) -> bool:
    return any(name in ANNOUNCING for name, _ in scope["headers"])


class FormRequest(Request[Any, Any, Any]):
    """A request whose form is forgotten with it.

    litestar itself remembers the last 1,024 bodies that came URL-encoded, with the names and
    passwords in them.
    """

    _sent: FormMultiDict | None = None

    async def stream(self) -> AsyncGenerator[bytes, None]:
        """The body as it comes. Raises ClientGoneError."""
        try:
            async for chunk in super().stream():
                yield chunk
        except InternalServerException as error:
            if not self.is_connected:  # All of it was read before.
                raise
            raise ClientGoneError from error

    async def form(self) -> FormMultiDict:
        """The form that was sent; empty where none was. Refuses `request_too_large`, and
        `text_invalid` for what is no UTF-8."""
        kind, _ = self.content_type
        if kind != RequestEncodingType.URL_ENCODED:
            try:
                return await super().form()
            except UnicodeError as error:
                raise Refusal("text_invalid") from error
        if self._sent is None:
            self._sent = _read_form(await self.body())
        return self._sent


def _read_form(body: bytes) -> FormMultiDict:
    if len(body) > LARGEST_BODY:  # At a door that takes files.
        raise Refusal("request_too_large")
    try:
        pairs = parse_qsl(
            body.decode(), keep_blank_values=True, errors="strict", max_num_fields=MOST_INPUTS
        )
    except UnicodeError as error:
        raise Refusal("text_invalid") from error
    except ValueError as error:
        raise Refusal("request_too_large") from error
    return FormMultiDict(pairs)
