"""The middleware around every request: identifier, access log, metrics, security headers, and the
time that its body has.

Outermost, so that what is refused before a handler is found is logged and guarded alike. Nothing
of the query string, of headers or of the caller is written to the log.
"""

import asyncio
import time
from collections.abc import Awaitable
from typing import Any

from litestar.enums import HttpMethod, ScopeType
from litestar.status_codes import (
    HTTP_408_REQUEST_TIMEOUT,
    HTTP_413_REQUEST_ENTITY_TOO_LARGE,
    HTTP_503_SERVICE_UNAVAILABLE,
)
from litestar.types import ASGIApp, HTTPReceiveMessage, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars, reset_contextvars
from uuid_utils import uuid7

from api.http.monitoring import Metrics
from api.requests import ArrivingBody, announces_body
from infra.bootstrap import RequestLog

HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)
"""What a response gets that does not say it itself."""

OVER_HTTPS = (*HEADERS, (b"strict-transport-security", b"max-age=31536000"))
TRY_AGAIN = (b"retry-after", b"5")
"""Seconds, of every 503: longer than a server needs that is started again."""
CLOSING = (b"connection", b"close")
"""Of every 408 and 413: what is left of the request is not read, so that none can follow it."""
MORE = {
    HTTP_408_REQUEST_TIMEOUT: CLOSING,
    HTTP_413_REQUEST_ENTITY_TOO_LARGE: CLOSING,
    HTTP_503_SERVICE_UNAVAILABLE: TRY_AGAIN,
}
NAMES = frozenset(name for name, _ in OVER_HTTPS)
METHODS = frozenset(known.value for known in HttpMethod)
UNKNOWN_ROUTE, UNKNOWN_METHOD = "(none)", "(other)"
"""What is counted and logged of what anybody may make up, in any number."""


class EdgeMiddleware:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics
        self._log = RequestLog()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        request_id, asked = str(uuid7()), scope["method"]
        arriving = ArrivingBody(receive) if announces_body(scope) else None
        answer = _GuardedAnswer(send, scope["scheme"], request_id)
        ends: tuple[Receive, Send] = (arriving.receive if arriving else receive, answer.send)
        if asked == HttpMethod.HEAD:
            scope["method"] = HttpMethod.GET
            head = _HeadAlone(answer.send)
            ends = head.receive, head.send
        bound = bind_contextvars(request_id=request_id)
        try:
            await self._app(scope, *ends)
        finally:
            if arriving:
                arriving.let_go()
            answer.let_go()
            self._record(scope, asked, answer.status, started, request_id)
            reset_contextvars(**bound)

    def _record(
        self, scope: Scope, asked: str, status: int, started: float, request_id: str
    ) -> None:
        route = _route(scope)
        method = asked if asked in METHODS else UNKNOWN_METHOD
        seconds = time.perf_counter() - started
        self._metrics.observe(route, method, status, seconds)
        self._log.write(
            request_id=request_id,
            method=method,
            route=route,
            status=status,
            ms=round(seconds * 1000, 1),
        )


class _GuardedAnswer:
    """Sends an answer with the headers that every one has.

    The server's end is let go of with the request, whoever still holds this (see ArrivingBody).
    """

    __slots__ = ("_request_id", "_scheme", "_send", "status")

    def __init__(self, send: Send, scheme: str, request_id: str) -> None:
        self._send, self._scheme, self._request_id = send, scheme, request_id
        self.status = 500

    def send(self, message: Message) -> Awaitable[None]:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            own = _own_headers(self.status, self._request_id)
            message["headers"] = _completed(message["headers"], self._scheme, own)
        return self._send(message)

    def let_go(self) -> None:
        self._send = _send_nothing


async def _send_nothing(_: Message) -> None:
    """Of a request that is over."""


class _HeadAlone:
    """The ends of a request for the head of what GET answers.

    Its sender counts as gone where a body would begin, which may be long or without end.
    """

    def __init__(self, send: Send) -> None:
        self._send, self._is_read, self._answered = send, False, asyncio.Event()

    async def receive(self) -> HTTPReceiveMessage:
        if self._is_read:
            await self._answered.wait()
            return {"type": "http.disconnect"}
        self._is_read = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(self, message: Message) -> None:
        if message["type"] != "http.response.body":
            await self._send(message)
        elif not self._answered.is_set():
            self._answered.set()
            await self._send({"type": "http.response.body", "body": b"", "more_body": False})


def _route(scope: Scope) -> str:
    """The route's pattern (`/files/{file_id}`), never the path that was asked for."""
    template: Any = scope.get("path_template")
    return template if isinstance(template, str) and template else UNKNOWN_ROUTE


def _own_headers(status: int, request_id: str) -> tuple[tuple[bytes, bytes], ...]:
    said = (MORE[status],) if status in MORE else ()
    return (*said, (b"x-request-id", request_id.encode()))


def _completed(
    headers: Any, scheme: str, own: tuple[tuple[bytes, bytes], ...]
) -> list[tuple[bytes, bytes]]:
    said = {name.lower() for name, _ in headers}
    wanted = OVER_HTTPS if scheme == "https" else HEADERS
    if not said.isdisjoint(NAMES):
        wanted = tuple(header for header in wanted if header[0] not in said)
    return [*headers, *wanted, *own]
