"""The projections' tables: made once, guarded, never changed."""

from typing import Any

import asyncpg
import msgspec
import pytest

from domain.kernel.errors import Refusal
from domain.teaching.cohort import Cohort
from infra.bootstrap import App, bootstrap
from infra.readside.projection_tables import create_projection_tables, require_projection_tables
from infra.readside.projector import catch_up
from projections import PROJECTIONS
from projections.figures.newcomers import NEWCOMERS
from projections.kernel.fingerprint import fingerprint
from projections.kernel.projection import Projection
from projections.teaching.cohorts import COHORTS, CohortRow
from tests.carrying import carry_out, new_partner
from tests.read_models import folded, stored
from tests.situation import BEGINNING

every_projection = pytest.mark.parametrize("projection", PROJECTIONS, ids=lambda p: p.table)


class Renamed(CohortRow, frozen=True):
    """A row with one field more."""

    motto: str | None = None


COLUMNS = """
    select c.relname, obj_description(c.oid), a.attname, format_type(a.atttypid, a.atttypmod),
        a.attnotnull, (select count(*) from pg_index i where i.indrelid = c.oid) as indexes
    from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0
    where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace order by 1, a.attnum
"""


async def test_making_them_again_changes_nothing(app: App) -> None:
    connection = await asyncpg.connect(app.settings.dsn("owner"))
    before = await connection.fetch(COLUMNS)
    await create_projection_tables(connection)
    assert COHORTS.table in {row["relname"] for row in before}
    assert await connection.fetch(COLUMNS) == before
    await connection.close()


@pytest.mark.parametrize(
    "changed",
    [{"row": Renamed}, {"events": (Cohort.Opened,)}, {"past_every": 1_000}],
    ids=["row", "events", "past"],
)
async def test_refuses_a_change_without_a_new_version(app: App, changed: dict[str, Any]) -> None:
    changed_cohorts: Projection[Any] = msgspec.structs.replace(COHORTS, **changed)
    connection = await asyncpg.connect(app.settings.dsn("owner"))
    with pytest.raises(Refusal) as refused:
        await create_projection_tables(connection, (changed_cohorts,))
    await connection.close()
    assert refused.value == Refusal("projection_changed", table=COHORTS.table)


async def test_a_new_version_stands_beside_the_old_one(app: App) -> None:
    changed: Projection[Any] = msgspec.structs.replace(
        COHORTS, row=Renamed, name="probe", version=2
    )
    connection = await asyncpg.connect(app.settings.dsn("owner"))
    await create_projection_tables(connection, (COHORTS, changed))
    columns = await connection.fetchval(
        "select array_agg(column_name::text order by ordinal_position)"
        " from information_schema.columns where table_name = 'probe_v2'"
    )
    await connection.execute("drop table probe_v2")
    await connection.close()
    assert columns == ["tenant_id", *CohortRow.__struct_fields__, "motto"]


async def test_an_index_that_is_no_longer_declared_goes(app: App) -> None:
    probes = [
        msgspec.structs.replace(COHORTS, name="probe", version=1, indexes=((column,),))
        for column in ("name", "opened_on")
    ]
    connection = await asyncpg.connect(app.settings.dsn("owner"))
    for probe in probes:
        await create_projection_tables(connection, (probe,))
    names = await connection.fetchval(
        "select array_agg(indexname::text order by indexname) from pg_indexes"
        " where tablename = 'probe_v1'"
    )
    await connection.execute("drop table probe_v1")
    await connection.close()
    assert names == ["probe_v1_by_opened_on", "probe_v1_pkey"]


async def test_a_table_that_was_lost_is_filled_again_from_the_log(app: App) -> None:
    principal = await new_partner(app)
    await carry_out(app, principal, BEGINNING)
    await catch_up(app, principal.tenant)
    connection = await asyncpg.connect(app.settings.dsn("owner"))
    await connection.execute(f"drop table {NEWCOMERS.table}")
    with pytest.raises(Refusal) as refused:
        await require_projection_tables(connection)
    assert refused.value == Refusal("projection_missing", table=NEWCOMERS.table)
    await create_projection_tables(connection)
    await connection.close()
    await catch_up(app, principal.tenant)
    rows = await stored(app, principal.tenant, NEWCOMERS)
    assert rows == await folded(app, principal.tenant, NEWCOMERS) != {}


async def test_a_table_of_another_form_is_refused_by_every_process(app: App) -> None:
    connection = await asyncpg.connect(app.settings.dsn("owner"))
    comment = f"comment on table {COHORTS.table} is "
    await connection.execute(f"{comment}'another'")
    with pytest.raises(Refusal) as refused:
        async with bootstrap(app.settings):
            pass
    await connection.execute(f"{comment}'{fingerprint(COHORTS)}'")
    await connection.close()
    assert refused.value == Refusal("projection_changed", table=COHORTS.table)


@every_projection
async def test_nothing_is_seen_or_written_without_a_tenant(
    app: App, projection: Projection[Any]
) -> None:
    async with app.db.untenanted() as connection:
        count = f"select count(*) from {projection.table}"
        assert await connection.fetchval(count) == 0
        deleted = f"delete from {projection.table}"
        assert await connection.execute(deleted) == "DELETE 0"
