"""A partner's role sees no other's figures; head office's sees figures, and nothing behind them."""

from datetime import timedelta

import asyncpg
import pytest

from infra.bootstrap import App
from projections.figures.newcomers import NEWCOMERS
from tests.situation import START
from tests.stored_series import fill, partner_with, seen_by_head_office

DAY = START + timedelta(days=20)


async def test_a_partner_sees_and_writes_its_own_alone(app: App) -> None:
    mine, other = [(await partner_with(app)).tenant for _ in range(2)]
    for tenant in (mine, other):
        await fill(app, tenant, DAY)
    async with app.db.tenant(mine) as connection:
        for table in ("kpi_series", "hq_series", "series_checkpoints"):
            rows = await connection.plain.fetch(f"select distinct tenant_id from {table}")
            assert [row["tenant_id"] for row in rows] == [mine]
        status = await connection.plain.execute("update hq_series set numerator = 77")
        assert status != "UPDATE 0"
    assert {ratio.numerator for ratio in (await seen_by_head_office(app, mine)).values()} == {77}
    assert 77 not in {ratio.numerator for ratio in (await seen_by_head_office(app, other)).values()}
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with app.db.tenant(mine) as connection:
            await connection.plain.execute("update hq_series set tenant_id = $1", other)


@pytest.mark.parametrize("table", ["kpi_series", NEWCOMERS.table, "events", "heads", "users"])
async def test_head_office_sees_nothing_behind_the_figures(app: App, table: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with app.db.head_office() as connection:
            await connection.fetch(f"select * from {table}")


@pytest.mark.parametrize("table", ["hq_series", "series_checkpoints", "tenants"])
async def test_head_office_changes_nothing(app: App, table: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with app.db.head_office() as connection:
            await connection.execute(f"delete from {table}")
