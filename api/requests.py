"""What the doors read of a request: how much at most, and of a form nothing that outlives it."""

from collections.abc import AsyncGenerator
from typing import Any, Final
from urllib.parse import parse_qsl

from litestar import Request
from litestar.datastructures import FormMultiDict
from litestar.enums import RequestEncodingType
from litestar.exceptions import InternalServerException
from litestar.types import ASGIApp, Receive, Scope, Send

from domain.kernel.errors import Refusal

LARGEST_BODY = 1 << 20
"""Bytes of a request, several times the longest text that a form takes; a door that takes files
says its own."""

LARGEST_UPLOAD = 64 << 20
"""Bytes of a request that brings files, which have limits of their own below it."""

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
