"""The real servers in a folder of their own, as fixtures that a conftest takes:

    servers, database, app = own.servers, own.database, own.app

Each conftest that does so has a set of its own, so that what its tests run in the background
(a projector, a worker, a site) disturbs no others.
"""

from collections.abc import AsyncIterator, Iterator

import pytest
from argon2 import PasswordHasher

from infra.bootstrap import App, bootstrap
from infra.database.migrate import migrate
from infra.servers.data_folder import hold
from infra.servers.embedded import Embedded
from infra.settings import Settings, load_settings

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""The least that argon2 takes: some hundred log-ins at its usual cost are a tenth of the suite."""


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Embedded PostgreSQL and Redis: settings with `.dsn` and `.broker_url`.

    Not fsynced: a test of durability starts servers of its own.
    """
    settings = load_settings(
        {"CHUDAN_LOG_LEVEL": "warning"}, data=tmp_path_factory.mktemp("chudan")
    )
    with hold(settings.data) as lock:
        embedded = Embedded(settings, lock, durable=False)
        embedded.start()
        try:
            yield embedded.settings
        finally:
            embedded.stop()


@pytest.fixture(scope="session")
async def database(servers: Settings) -> AsyncIterator[Settings]:
    """The same, migrated."""
    await migrate(servers)
    yield servers


@pytest.fixture(scope="session")
async def app(database: Settings) -> AsyncIterator[App]:
    """The application over these servers, in this process."""
    async with bootstrap(database, hasher=QUICK) as app:
        yield app
