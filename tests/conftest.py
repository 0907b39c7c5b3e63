"""The real servers, once per session; each test makes a tenant of its own.

Nothing runs in the background here but what a test starts and ends.
"""

from uuid import uuid4

import pytest

from infra.bootstrap import App
from services.access import Partner
from services.context import Principal, Role
from tests import servers as own

servers, database, app = own.servers, own.database, own.app


@pytest.fixture
async def partner(app: App) -> Partner:
    """A partner of this test's own."""
    return await app.accounts.create_partner(f"p-{uuid4().hex[:12]}", "杭州渠道")


@pytest.fixture
def manager(partner: Partner) -> Principal:
    """The partner's training manager."""
    return Principal(partner.tenant_id, "manager", Role.TRAINING_MANAGER)
