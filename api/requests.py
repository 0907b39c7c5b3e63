"""What the doors read of a request: how much at most, and of a form nothing that outlives it."""

from typing import Any
from urllib.parse import parse_qsl

from litestar import Request
from litestar.datastructures import FormMultiDict
from litestar.enums import RequestEncodingType
from litestar.exceptions import InternalServerException

from domain.kernel.errors import Refusal

LARGEST_BODY = 1 << 20
"""Bytes of a request, several times the longest text that a form takes; a door that takes files
says its own."""

LARGEST_UPLOAD = 64 << 20
"""Bytes of a request that brings files, which have limits of their own below it."""

MOST_INPUTS = 5_000
"""Of a form: more than the largest scheme needs that is not refused."""


async def read_body(request: Request[Any, Any, Any], most: int) -> bytearray:
    """The body of a request at a plain application. Refuses `request_too_large` above so many
    bytes.

    It is whole when it is as long as was announced: to be told so by a server takes another turn
    of the event loop, which is dear beside a cheap answer.
    """
    announced = request.content_length
    if announced is not None and announced > most:
        raise Refusal("request_too_large")
    body = bytearray()
    while True:
        message = await request.receive()
        if message["type"] != "http.request":
            raise InternalServerException("client disconnected prematurely")
        body += message.get("body", b"")
        if len(body) > most:
            raise Refusal("request_too_large")
        if len(body) == announced or not message.get("more_body"):
            return body


class FormRequest(Request[Any, Any, Any]):
    """A request whose form is forgotten with it.

    litestar itself remembers the last 1,024 bodies that came URL-encoded, with the names and
    passwords in them.
    """

    _sent: FormMultiDict | None = None

    async def form(self) -> FormMultiDict:
        """The form that was sent; empty where none was. Refuses `request_too_large`, and
        `text_invalid` for what is no UTF-8."""
        kind, _ = self.content_type
        if kind != RequestEncodingType.URL_ENCODED:
            return await super().form()
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
