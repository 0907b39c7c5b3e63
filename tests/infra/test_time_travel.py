"""Read models as they were known earlier."""

from domain.kpi.newcomer import Newcomer
from infra.bootstrap import App
from projections.newcomers import NEWCOMERS
from tests.histories import carry_out, commands, new_partner
from tests.read_models import head

LIFE = commands([(3, 0, 1), (4, 0, 2)])


async def test_knows_what_was_known_by_a_position_and_by_an_instant(app: App) -> None:
    principal = await new_partner(app)
    tenant = principal.tenant
    await carry_out(app, principal, LIFE[:-1])
    position = await head(app, tenant)
    async with app.db.tenant(tenant) as connection:
        instant = await connection.fetchval("select recorded_at from heads")
    await carry_out(app, principal, LIFE[-1:])

    def orders(rows: list[Newcomer]) -> int:
        return sum(len(newcomer.orders) for newcomer in rows)

    for known_by in (position, instant):
        rows, at = await app.time_travel.fold(tenant, NEWCOMERS, known_by)
        assert at == position
        assert orders([row.facts for row in rows]) == 0
    rows, at = await app.time_travel.fold(tenant, NEWCOMERS)
    assert at == position + 1
    assert orders([row.facts for row in rows]) == 1


async def test_knows_nothing_before_the_beginning(app: App) -> None:
    principal = await new_partner(app)
    await carry_out(app, principal, LIFE)
    rows, position = await app.time_travel.fold(principal.tenant, NEWCOMERS, 0)
    assert (rows, position) == ([], 0)
