"""The real application over the real servers, with a projector beside it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

import httpx
import pytest
from litestar import Litestar

from api.app import create_app
from infra.bootstrap import App, utc_now
from infra.readside.projector import Projector
from infra.settings import Settings
from services.kernel.context import Role
from services.people.access import Tenant
from tests import servers as own
from tests.api.door import Door

AFTER_THE_GOLDEN_CASES = datetime(2026, 12, 1, 4, tzinfo=UTC)


servers, database, app = own.servers, own.database, own.app


@pytest.fixture(scope="session")
async def web(database: Settings) -> AsyncIterator[Litestar]:
    """Its clock stands after the days of the golden cases, whatever this machine's says."""
    async with living(create_app(database, lambda: max(utc_now(), AFTER_THE_GOLDEN_CASES))) as web:
        yield web


@asynccontextmanager
async def living(web: Litestar) -> AsyncIterator[Litestar]:
    """The application while it runs, for fixtures."""
    ready, over = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        # A lifespan is left by the task that entered it, which a fixture cannot promise.
        async with web.lifespan():
            ready.set()
            await over.wait()

    task = asyncio.create_task(live())
    waiting = asyncio.create_task(ready.wait())
    await asyncio.wait([task, waiting], return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        await task
    yield web
    over.set()
    await task


@pytest.fixture(scope="module")
async def projecting(app: App) -> AsyncIterator[None]:
    """A projector that runs as long as the tests of a module; its end before theirs is an error.

    Between modules the loop may stand still for minutes, which no connection in use outlives.
    """
    task = asyncio.create_task(Projector(app.db, app.log).run())
    yield
    if task.done():
        await task
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@pytest.fixture
async def http(web: Litestar, projecting: None) -> AsyncIterator[httpx.AsyncClient]:
    """A client without a credential. Nothing is packed but where a test asks for that: that is a
    twentieth of what tests of pages take."""
    transport = httpx.ASGITransport(app=web)  # type: ignore[arg-type]
    async with httpx.AsyncClient(
        transport=transport,
        base_url="http://127.0.0.1",
        headers={"accept-encoding": "identity"},
    ) as client:
        yield client


@pytest.fixture
async def door(app: App, web: Litestar, http: httpx.AsyncClient, partner: Tenant) -> Door:
    """GraphQL with the token of the partner's training manager."""
    return await open_door(app, web, http, partner.code, Role.TRAINING_MANAGER)


async def open_door(
    app: App, web: Litestar, http: httpx.AsyncClient, partner: str | None, role: Role
) -> Door:
    """GraphQL with a token of its own."""
    issued = await app.tokens.issue(role=role, partner=partner, days=3650)
    return Door(web, http, issued.token)
