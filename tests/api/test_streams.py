"""What stays open is counted, of each person and of each partner."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import httpx
import pytest
from litestar import Litestar
from litestar.exceptions import LitestarException
from litestar.types import Message

from api import positions
from api.auth import SYSTEM
from api.errors import sentence
from api.streams import STREAMS, Streams
from infra.bootstrap import App
from infra.database.retries import DatabaseAwayError
from services.execute import execute
from services.kernel.context import Principal
from services.people.access import OPERATOR, Accounts
from services.people.person import SuspendPerson
from tests.api.door import Door
from tests.api.web.visiting import SESSION, fresh, log_in
from tests.browser.story import Told, join
from tests.situation import batch_opened

CHANGED = "subscription { figuresChanged { entered } }"


@pytest.fixture
async def told(app: App) -> Told:
    return await join(app, fresh("STREAMS"))


@asynccontextmanager
async def event_stream(web: Litestar, session: str) -> AsyncIterator[asyncio.Queue[Any]]:
    """The messages of an answer with a stream, which lasts until it is left; None after them."""
    said: asyncio.Queue[Any] = asyncio.Queue()
    left = asyncio.Event()

    async def receive() -> Any:
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        said.put_nowait(message)

    cookie = f"{SESSION}={session}".encode()
    scope: Any = {"type": "http", "method": "GET", "path": "/figures/events", "query_string": b""}
    scope |= {"raw_path": b"/figures/events", "headers": [(b"cookie", cookie)], "scheme": "http"}
    scope |= {"client": None, "server": ("testserver", 80), "extensions": None}
    stream = asyncio.create_task(web(scope, receive, send))  # type: ignore[arg-type]
    stream.add_done_callback(lambda _: said.put_nowait(None))
    try:
        yield said
    finally:
        left.set()
        await stream


@pytest.mark.parametrize(
    ("limits", "code"),
    [((2, 9), "too_many_streams"), ((9, 2), "too_many_streams_of_partner")],
    ids=["of a person", "of a partner"],
)
async def test_event_streams_beyond_the_limit_are_refused_until_another_is_left(
    web: Litestar,
    http: httpx.AsyncClient,
    told: Told,
    monkeypatch: pytest.MonkeyPatch,
    limits: tuple[int, int],
    code: str,
) -> None:
    monkeypatch.setitem(web.state, STREAMS, Streams(*limits))
    session = (await log_in(http, told.email)).cookies[SESSION]
    async with event_stream(web, session) as first:
        assert (await first.get())["status"] == 200
        async with event_stream(web, session) as second:
            await second.get()
            async with event_stream(web, session) as third:
                refused, said = await third.get(), await third.get()
            assert refused["status"] == 429
            assert sentence(code, {"most": 2}) in said["body"].decode()
        async with event_stream(web, session) as next_one:
            assert (await next_one.get())["status"] == 200


async def test_an_event_stream_waits_for_a_database_that_is_away_and_ends_with_its_session(
    web: Litestar, http: httpx.AsyncClient, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(positions, "SIGN_OF_LIFE_EVERY", 0.0)
    answers = iter([DatabaseAwayError(), DatabaseAwayError(), None])

    async def asked(*_: Any) -> None:
        if (error := next(answers)) is not None:
            raise error

    session = (await log_in(http, told.email)).cookies[SESSION]
    async with event_stream(web, session) as said:
        await said.get()
        monkeypatch.setattr(Accounts, "principal_of_session", asked)
        body = b""
        async with asyncio.timeout(20):
            while b"ended" not in body:
                body += (await said.get())["body"]
    assert list(answers) == []


async def test_an_event_stream_ends_where_looking_its_session_up_fails(
    web: Litestar, http: httpx.AsyncClient, told: Told, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(positions, "SIGN_OF_LIFE_EVERY", 0.0)

    async def failing(*_: Any) -> None:
        raise asyncpg.UndefinedTableError("no such table")

    session = (await log_in(http, told.email)).cookies[SESSION]
    with pytest.raises(LitestarException, match="after response started"):
        async with event_stream(web, session) as said:
            await said.get()
            monkeypatch.setattr(Accounts, "principal_of_session", failing)
            async with asyncio.timeout(20):
                while await said.get() is not None:
                    pass


async def log_out(app: App, session: str) -> None:
    await app.accounts.log_out(session)


async def suspend(app: App, session: str) -> None:
    """Whoever is logged in; answers once that is known at the door."""
    found = await app.accounts.principal_of_session(session)
    assert found is not None and found.principal.person_id and found.principal.rights
    its = app.context(Principal.of_system(found.principal.tenant, OPERATOR))
    await execute(its, SuspendPerson(found.principal.person_id, "正在调查"))
    async with asyncio.timeout(20):
        while found is not None and found.principal.rights:
            await asyncio.sleep(0)  # What is known is answered without waiting for anybody.
            found = await app.accounts.principal_of_session(session)


@pytest.mark.parametrize("taking", [log_out, suspend], ids=["session", "right"])
async def test_an_event_stream_tells_nothing_more_once_its_session_or_its_right_was_ended(
    web: Litestar,
    http: httpx.AsyncClient,
    told: Told,
    taking: Callable[[App, str], Awaitable[None]],
) -> None:
    session = (await log_in(http, told.email)).cookies[SESSION]
    async with event_stream(web, session) as said:
        await said.get()
        await taking(web.state[SYSTEM], session)
        moved = await told.does(batch_opened("ENDED"))
        body = b""
        async with asyncio.timeout(20):
            while b"ended" not in body:
                body += (await said.get())["body"]
    assert f"id: {moved}".encode() not in body


async def test_sockets_and_what_is_under_way_on_them_are_counted_together(
    web: Litestar, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(web.state, STREAMS, Streams(2, 9))
    async with door.socket() as socket:
        assert (await socket.receive())["type"] == "connection_ack"
        await socket.send("subscribe", id="1", payload={"query": CHANGED})
        assert (await socket.receive())["type"] == "next"
        await socket.send("subscribe", id="2", payload={"query": CHANGED})
        refused = await socket.receive()
        assert (refused["type"], refused["id"]) == ("error", "2")
        assert refused["payload"][0]["extensions"]["code"] == "too_many_streams"
        async with door.socket() as another:
            assert await another.receive() == {"close": 4429}
    async with door.socket() as anew:
        assert (await anew.receive())["type"] == "connection_ack"
