"""The real servers for tests, in a folder of their own."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from infra.data_folder import hold
from infra.embedded import Embedded
from infra.migrate import migrate
from infra.settings import Settings, load_settings


@contextmanager
def running_servers(folder: Path) -> Iterator[Settings]:
    """Embedded PostgreSQL and Redis: settings with `.dsn` and `.broker_url`.

    Not fsynced: a test of durability starts servers of its own.
    """
    settings = load_settings({"CHUDAN_LOG": "off"}, data=folder)
    with hold(settings.data) as lock:
        embedded = Embedded(settings, lock, durable=False)
        embedded.start()
        try:
            yield embedded.settings
        finally:
            embedded.stop()


@asynccontextmanager
async def migrated(servers: Settings) -> AsyncIterator[Settings]:
    """The same, migrated."""
    await migrate(servers.dsn("owner"), servers.role_passwords)
    yield servers
