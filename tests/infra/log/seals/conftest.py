"""A partner whose log is sealed, and somebody who may do anything with the database."""

from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import asyncpg
import pytest

from infra.bootstrap import App
from infra.database.db import connection_to
from infra.servers.embedded_servers import SUPERUSER
from infra.servers.private_files import keep_secret
from infra.settings import Settings
from services.kernel.context import Principal
from tests.carrying import carry_out
from tests.infra.log.seals.sealed import sealer
from tests.situation import LIFE


@pytest.fixture
async def forger(database: Settings) -> AsyncIterator[asyncpg.Connection]:
    """The server's superuser, whom no policy holds."""
    parts = urlsplit(database.dsn("owner"))
    place = parts.netloc.rpartition("@")[2]
    password = keep_secret(database.data / "superuser")
    address = parts._replace(netloc=f"{SUPERUSER}:{password}@{place}").geturl()
    async with connection_to(address) as connection:
        yield connection


@pytest.fixture
async def sealed(app: App, manager: Principal) -> Principal:
    """Two blocks of four events, and some events that are not sealed yet."""
    await carry_out(app, manager, LIFE)
    for _ in range(2):
        await sealer(app).seal(manager.tenant)
    return manager
