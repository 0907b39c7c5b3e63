"""A partner whose log is sealed, and somebody who may do anything with the database."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from infra.bootstrap import App
from infra.database.db import connection_to
from infra.settings import Settings
from services.kernel.context import Principal
from tests.carrying import carry_out
from tests.infra.installation import superuser_url
from tests.infra.log.seals.sealed import sealer
from tests.situation import LIFE


@pytest.fixture
async def forger(database: Settings) -> AsyncIterator[asyncpg.Connection]:
    """The server's superuser, whom no policy holds."""
    async with connection_to(superuser_url(database)) as connection:
        yield connection


@pytest.fixture
async def sealed(app: App, manager: Principal) -> Principal:
    """Two blocks of four events, and some events that are not sealed yet."""
    await carry_out(app, manager, LIFE)
    for _ in range(2):
        await sealer(app).seal(manager.tenant)
    return manager
