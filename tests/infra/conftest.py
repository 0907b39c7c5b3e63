"""A second process over the same servers, and the schema's owner."""

from collections.abc import AsyncIterator, Awaitable, Callable

import asyncpg
import pytest

from infra.bootstrap import App, bootstrap
from infra.settings import Settings


@pytest.fixture(scope="session")
async def other_process(database: Settings) -> AsyncIterator[App]:
    """Its own pools, its own memory of the log: as another process would have."""
    async with bootstrap(database) as app:
        yield app


@pytest.fixture
async def owner(database: Settings) -> AsyncIterator[Callable[[], Awaitable[asyncpg.Connection]]]:
    """Connects as the owner of the schema, which no part of the running product does."""
    connections = []

    async def connect() -> asyncpg.Connection:
        connections.append(await asyncpg.connect(database.dsn("owner")))
        return connections[-1]

    yield connect
    for connection in connections:
        await connection.close()
