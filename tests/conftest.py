"""The real servers, once per session; each test makes a tenant of its own."""

from collections.abc import AsyncIterator, Iterator
from uuid import uuid4

import pytest

from infra.bootstrap import App, bootstrap
from infra.settings import Settings
from services.access import Partner
from services.context import Principal, Role
from tests.servers import migrated, running_servers


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Servers on which nothing runs in the background but what a test starts and ends."""
    with running_servers(tmp_path_factory.mktemp("chudan")) as settings:
        yield settings


@pytest.fixture(scope="session")
async def database(servers: Settings) -> AsyncIterator[Settings]:
    async with migrated(servers) as settings:
        yield settings


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
