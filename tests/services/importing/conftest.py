"""A partner of its own for every test, over the real log."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from domain.kernel.values import Month
from domain.kpi.group import Group
from domain.kpi.scheme.versions import Parameters
from domain.kpi.subjects import newcomer
from infra.bootstrap import App, bootstrap
from infra.settings import Settings
from services.kernel.context import Context, Role
from services.kernel.roles import in_role
from tests.domain.kpi.counted import Figures, figures, members

NOW = datetime(2026, 7, 31, 4, tzinfo=UTC)


@pytest.fixture(scope="session")
async def app(database: Settings) -> AsyncIterator[App]:
    async with bootstrap(database, clock=lambda: NOW) as app:
        yield app


@pytest.fixture
def new_partner(app: App) -> Callable[[], Awaitable[Context]]:
    """Makes a partner and answers the context of its training manager."""

    async def make() -> Context:
        partner = await app.accounts.create_partner(f"p-{uuid4()}", "渠道公司")
        return app.context(in_role(partner.tenant_id, "tests", Role.TRAINING_MANAGER))

    return make


@pytest.fixture
async def ctx(new_partner: Callable[[], Awaitable[Context]]) -> Context:
    return await new_partner()


@pytest.fixture
def figures_of(app: App) -> Callable[..., Awaitable[Figures]]:
    """The figures folded from a tenant's events, whatever the projections do."""

    async def fold(
        ctx: Context, *, on: date, month: str | None = None, window_days: int = 30
    ) -> Figures:
        tenant = ctx.principal.tenant
        async with app.db.tenant(tenant) as connection:
            rows = await connection.plain.fetch("select distinct stream_id from events")
        people = []
        for row in rows:
            if row["stream_id"].startswith("trainee-"):
                one = None
                for event in await ctx.log.load(tenant, row["stream_id"]):
                    one = newcomer.evolve(one, event, 1, event.timestamp)
                if one is not None:
                    people.append(one)
        scheme = Parameters(window_days=window_days)
        of_month = Month.parse(month) if month else None
        return figures(members(people, on, scheme, Group(month=of_month)), on, scheme)

    return fold
