"""Servers of their own, since these tests change the secret key that all others go by."""

from collections.abc import AsyncIterator

import pytest

from infra.bootstrap import App, bootstrap
from infra.database.migrate import migrate
from infra.settings import Settings
from tests import servers as own

servers = own.servers


@pytest.fixture
async def database(servers: Settings) -> Settings:
    """The installation with the keys that its data folder keeps today."""
    await migrate(servers.given())
    return servers.given()


@pytest.fixture
async def app(database: Settings) -> AsyncIterator[App]:
    """A process that began with these."""
    async with bootstrap(database, hasher=own.QUICK) as app:
        yield app
