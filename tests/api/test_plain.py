"""A door that takes its requests as they come: methods, and bodies up to their limit."""

import asyncio
import gc
import weakref
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from litestar import Litestar
from litestar.types import Message

from api import requests
from api.http.graphql import LARGEST_REQUEST
from api.plain import PlainRequest, read_body
from domain.kernel.errors import Refusal
from tests.api.door import Door

ME = b'{"query": "{ me { role } }"}'


async def test_a_door_says_which_methods_it_knows_and_refuses_the_others(door: Door) -> None:
    known = await door.http.options("/graphql", headers=door.headers)
    assert (known.status_code, known.headers["allow"]) == (204, "GET, OPTIONS, POST")
    other = await door.http.put("/graphql", headers=door.headers)
    assert (other.status_code, other.json()["code"]) == (405, "method_not_allowed")


@pytest.mark.parametrize("announced", [True, False], ids=["announced", "in chunks"])
async def test_a_body_is_read_however_it_comes_up_to_the_limit(door: Door, announced: bool) -> None:
    headers = door.headers | {"content-type": "application/json"}

    async def sent(body: bytes) -> httpx.Response:
        content = body if announced else chunks(body)
        return await door.http.post("/graphql", content=content, headers=headers)

    most = ME + b" " * (LARGEST_REQUEST - len(ME))
    assert (await sent(most)).json() == {"data": {"me": {"role": "TRAINING_MANAGER"}}}
    refused = await sent(most + b" ")
    assert (refused.status_code, refused.json()["code"]) == (413, "request_too_large")
    assert refused.headers["connection"] == "close"


async def test_a_body_is_whole_when_it_is_as_long_as_was_announced() -> None:
    messages: list[Any] = [{"type": "http.request", "body": ME, "more_body": True}]
    assert await read_body(arriving(messages, len(ME)), LARGEST_REQUEST) == ME
    messages = [
        {"type": "http.request", "body": ME[:5], "more_body": True},
        {"type": "http.request", "body": ME[5:], "more_body": True},
        {"type": "http.request"},
    ]
    assert await read_body(arriving(messages), LARGEST_REQUEST) == ME


async def test_a_body_that_is_announced_too_long_is_not_read() -> None:
    with pytest.raises(Refusal, match="request_too_large"):
        await read_body(arriving([], 11), 10)


READING = pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/graphql", b"application/json"),
        ("/login", b"application/x-www-form-urlencoded"),
        ("/imports", b"multipart/form-data; boundary=x"),
    ],
)
"""The doors that read a body, each in its way."""


@READING
async def test_a_client_that_leaves_before_its_request_is_whole_is_no_error_of_the_server(
    web: Litestar, door: Door, path: str, media_type: bytes
) -> None:
    left: list[Any] = [
        {"type": "http.request", "body": b"{", "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> Message:
        message: Message = left.pop(0) if len(left) > 1 else left[0]
        return message

    sent = await door.sent(receive, path, media_type)
    assert sent[0]["status"] == 499


@READING
async def test_a_body_of_which_only_half_comes_is_refused_and_the_connection_closed(
    web: Litestar, door: Door, path: str, media_type: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requests, "BODY_SECONDS", 0.01)
    sent = await door.sent(Half().receive, path, media_type)
    assert sent[0]["status"] == 408
    assert (b"connection", b"close") in sent[0]["headers"]


@pytest.mark.parametrize("method", ["POST", "HEAD"])
@pytest.mark.parametrize("path", ["/graphql", "/login", "/imports", "/nothing"])
async def test_nothing_holds_the_connection_of_a_request_that_is_over(
    web: Litestar, door: Door, path: str, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requests, "BODY_SECONDS", 0.01)
    headers = [(b"content-type", b"application/x-www-form-urlencoded"), (b"content-length", b"40")]
    headers.append((b"authorization", door.headers["authorization"].encode()))
    scope: Any = {"type": "http", "method": method, "path": path, "raw_path": path.encode()}
    scope |= {"query_string": b"", "headers": headers, "scheme": "http", "extensions": None}
    scope |= {"client": None, "server": ("testserver", 80)}
    gc.disable()  # A server that has little to do collects nothing for a long time.
    try:
        connection = Half()
        held = weakref.ref(connection)
        await web(scope, connection.receive, connection.send)
        del connection
        assert held() is None
    finally:
        gc.enable()


async def test_a_body_that_keeps_coming_has_more_time_and_who_sent_it_as_long_as_they_like(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(requests, "BODY_SECONDS", 0.0)
    monkeypatch.setattr(requests, "SLOWEST_BODY", 1e-6)
    left, gone = iter([True, False]), asyncio.Event()

    async def receive() -> Any:
        if (more := next(left, None)) is None:
            await gone.wait()
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": b"{", "more_body": more}

    body = requests.ArrivingBody(receive)
    assert [(await body.receive())["more_body"] for _ in range(2)] == [True, False]
    waiting = asyncio.ensure_future(body.receive())
    asyncio.get_running_loop().call_soon(gone.set)
    assert await waiting == {"type": "http.disconnect"}


async def test_what_the_server_does_between_two_parts_of_a_body_is_not_charged_to_who_sends_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loop, later = asyncio.get_running_loop(), 0.0
    shown = loop.time
    monkeypatch.setattr(loop, "time", lambda: shown() + later)

    async def receive() -> Any:
        await asyncio.sleep(0)
        return {"type": "http.request", "body": b"{", "more_body": True}

    body = requests.ArrivingBody(receive)
    for _ in range(3):
        assert (await body.receive())["body"] == b"{"
        later += 2 * requests.BODY_SECONDS


class Half:
    """The server's ends of a connection on which half a body comes."""

    def __init__(self) -> None:
        self._left: list[Any] = [{"type": "http.request", "body": b"{", "more_body": True}]

    async def receive(self) -> Any:
        if not self._left:
            try:
                await asyncio.wait_for(asyncio.Event().wait(), 3)
            except TimeoutError:  # Which the product would take for its own.
                raise AssertionError("nobody ended it") from None
        return self._left.pop()

    async def send(self, message: Message) -> None:
        pass


async def chunks(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), 50_000):
        yield body[start : start + 50_000]


def arriving(messages: list[Any], announced: int | None = None) -> PlainRequest:
    """A request whose server has these messages for it, and no more."""
    left = iter(messages)

    async def receive() -> Message:
        message: Message = next(left)
        return message

    length = [] if announced is None else [(b"content-length", str(announced).encode())]
    scope: Any = {"type": "http", "headers": length, "extensions": None}
    return PlainRequest(scope, receive)  # type: ignore[arg-type]
