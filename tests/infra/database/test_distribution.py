"""What `migrate` tells a server that is Citus; there is none here, so the statements are read."""

from collections.abc import Awaitable, Callable

import asyncpg

from infra.database.distribution import (
    FIRST,
    LOCAL,
    REFERENCE,
    distribute,
    distribution,
    is_distributed,
    list_tenant_tables,
)
from infra.settings import ROLES
from projections import PROJECTIONS

Owner = Callable[[], Awaitable[asyncpg.Connection]]


async def test_every_table_is_distributed_beside_the_heads_or_on_every_machine(
    owner: Owner,
) -> None:
    connection = await owner()
    tables = await list_tenant_tables(connection)
    rows = await connection.fetch("select tablename from pg_tables where schemaname = 'public'")
    assert {*tables, *REFERENCE, *LOCAL} == {row["tablename"] for row in rows}
    assert {projection.table for projection in PROJECTIONS} < set(tables)
    assert {p.past_table for p in PROJECTIONS if p.past_every} < set(tables)


async def test_the_heads_come_first_and_the_others_beside_them(owner: Owner) -> None:
    tables = await list_tenant_tables(await owner())
    statements = distribution(tables, REFERENCE, ROLES)
    reference, heads, *rest = (
        [s for s in statements if "create_reference_table" in s],
        f"select create_distributed_table('{FIRST}', 'tenant_id')",
        *(
            f"select create_distributed_table('{name}', 'tenant_id', colocate_with => '{FIRST}')"
            for name in sorted(tables)
            if name != FIRST
        ),
    )
    roles = [f"alter role {role} set citus.propagate_set_commands = 'local'" for role in ROLES]
    assert statements == [*reference, heads, *rest, *roles]
    assert len(reference) == len(REFERENCE)


async def test_a_server_without_the_extension_is_told_nothing(owner: Owner) -> None:
    connection = await owner()
    assert not await is_distributed(connection)
    await distribute(connection, ROLES)


async def test_every_foreign_key_leads_to_a_table_on_every_machine(owner: Owner) -> None:
    rows = await (await owner()).fetch(
        "select confrelid::regclass::text as target from pg_constraint where contype = 'f'"
    )
    assert {row["target"] for row in rows} <= set(REFERENCE)
