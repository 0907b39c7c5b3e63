"""What `migrate` tells a server that is Citus; there is none here, so the statements are read."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import asyncpg

from infra.database.distribution import (
    FIRST,
    LOCAL,
    REFERENCE,
    distribute,
    distribution,
    is_distributed,
    list_tenant_tables,
    list_written_tables,
)
from infra.settings import ROLES
from projections import PROJECTIONS
from tests.statement_form.form import policy_violations

Owner = Callable[[], Awaitable[asyncpg.Connection]]


@asynccontextmanager
async def rolled_back(connection: asyncpg.Connection) -> AsyncIterator[None]:
    transaction = connection.transaction()
    await transaction.start()
    try:
        yield
    finally:
        await transaction.rollback()


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
    statements = distribution(tables, REFERENCE, ROLES, ())
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


async def test_no_policy_holds_a_subquery_once_the_tables_are_to_be_distributed(
    owner: Owner,
) -> None:
    connection = await owner()
    written = await list_written_tables(connection)
    async with rolled_back(connection):
        for statement in distribution((), (), (), written):
            await connection.execute(statement)
        rows = await connection.fetch("select qual, with_check from pg_policies")
    expressions = {text for row in rows for text in row.values() if text is not None}
    assert {"events", "heads", "claims"} < set(written)
    assert [text for text in expressions if policy_violations(text)] == []


async def test_a_server_without_the_extension_is_told_nothing(owner: Owner) -> None:
    connection = await owner()
    assert not await is_distributed(connection)
    await distribute(connection, ROLES)


async def test_every_foreign_key_leads_to_a_table_on_every_machine(owner: Owner) -> None:
    rows = await (await owner()).fetch(
        "select confrelid::regclass::text as target from pg_constraint where contype = 'f'"
    )
    assert {row["target"] for row in rows} <= set(REFERENCE)
