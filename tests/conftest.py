"""The real servers, once per session; each test makes a tenant of its own."""

from collections.abc import AsyncIterator, Iterator

import pytest

from infra.data_folder import hold
from infra.embedded import Embedded
from infra.migrate import migrate
from infra.settings import Settings, load_settings


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Embedded PostgreSQL and Redis in a folder of their own: settings with `.dsn`, `.broker_url`.

    Not fsynced: a test of durability starts servers of its own.
    """
    settings = load_settings({"CHUDAN_LOG": "off"}, data=tmp_path_factory.mktemp("chudan"))
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
    await migrate(servers.dsn("owner"), servers.role_passwords)
    yield servers
