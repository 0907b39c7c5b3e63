"""The real servers, once per session; each test makes a tenant of its own."""

from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import pytest

from infra.bootstrap import App, bootstrap
from infra.data_folder import hold
from infra.embedded import Embedded
from infra.migrate import migrate
from infra.settings import Settings, load_settings
from services.access import Partner
from services.context import Principal, Role


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


@pytest.fixture(scope="session")
async def app(database: Settings) -> AsyncIterator[App]:
    """The application over these servers; nothing runs in the background."""
    async with bootstrap(database) as app:
        yield app


@pytest.fixture
async def partner(app: App) -> Partner:
    """A partner of this test's own."""
    return await app.accounts.create_partner(f"p-{uuid4().hex[:12]}", "杭州渠道")


@pytest.fixture
def manager(partner: Partner) -> Principal:
    """The partner's training manager."""
    return Principal(partner.tenant_id, "manager", Role.TRAINING_MANAGER)
