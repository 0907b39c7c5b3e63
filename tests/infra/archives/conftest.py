"""Servers of their own, since a backup is of everything that is there; and another installation."""

from collections.abc import AsyncIterator

import pytest

from infra.bootstrap import App, bootstrap
from infra.database.migrate import migrate
from infra.servers.data_folder import hold
from infra.servers.embedded import Embedded
from infra.settings import load_settings
from tests import servers as own

servers, database, app = own.servers, own.database, own.app


@pytest.fixture(scope="session")
async def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[App]:
    settings = load_settings({}, data=tmp_path_factory.mktemp("elsewhere"))
    with hold(settings.data) as lock:
        embedded = Embedded(settings, lock, durable=False)
        embedded.start()
        try:
            await migrate(embedded.settings)
            async with bootstrap(embedded.settings, hasher=own.QUICK) as app:
                yield app
        finally:
            embedded.stop()
