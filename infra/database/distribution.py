"""The tables on many machines: what `migrate` tells the server where the extension Citus is.

Every tenant table is distributed by its tenant, all of them alike, so that what one partner's
statement needs lies on one machine. What is looked up before the tenant is known, or is no
tenant's, stands on every machine.
"""

from collections.abc import Iterable, Sequence

import asyncpg

FIRST = "heads"
"""The table that the others lie beside."""

REFERENCE = (
    "tenants",
    "users",
    "tokens",
    "sessions",
    "one_time_links",
    "identities",
    "totps",
    "recovery_codes",
    "passkeys",
    "log_in_steps",
    "sign_ins_pending",
    "log_in_attempts",
    "spent_challenges",
    "calendar_years",
    "head_office_schemes",
    "head_office_what_ifs",
)
"""On every machine; in an order in which their foreign keys are met."""

LOCAL = ("schema_migrations", "secret_keys")
"""On the coordinator alone."""

_NAMED = "nullif(current_setting('app.tenants', true), '')"
WRITER_POLICY = f"tenant_id = any (string_to_array({_NAMED}, ',')::uuid[])"
"""What the log's writer sees there: Citus takes no subquery in a policy, and the list, which is
taken apart for every row, has one tenant (decision 0010)."""

_IS_DISTRIBUTED = "select exists (select from pg_extension where extname = 'citus')"
_TABLES = """
    select c.relname::text as name, bool_or(a.attname = 'tenant_id') as has_tenant
    from pg_class c join pg_attribute a on a.attrelid = c.oid
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and not a.attisdropped
    group by c.relname order by c.relname
"""
_DONE = "select logicalrelid::text as name from pg_dist_partition"
_WRITTEN = "select tablename::text as name from pg_policies where policyname = 'tenants'"


async def is_distributed(connection: asyncpg.Connection) -> bool:
    """Whether the server is Citus."""
    found: bool = await connection.fetchval(_IS_DISTRIBUTED)
    return found


async def list_tenant_tables(connection: asyncpg.Connection) -> list[str]:
    """The tables that are distributed by their tenant, or would be."""
    rows = await connection.fetch(_TABLES)
    return [row["name"] for row in rows if row["has_tenant"] and row["name"] not in REFERENCE]


async def list_written_tables(connection: asyncpg.Connection) -> list[str]:
    """The tables that the log's writer writes."""
    return [row["name"] for row in await connection.fetch(_WRITTEN)]


async def distribute(connection: asyncpg.Connection, roles: Iterable[str]) -> None:
    """Distributes what is not yet, by the schema's owner; nothing on plain PostgreSQL."""
    if not await is_distributed(connection):
        return
    done = {row["name"] for row in await connection.fetch(_DONE)}
    tables = [name for name in await list_tenant_tables(connection) if name not in done]
    reference = [name for name in REFERENCE if name not in done]
    written = set(await list_written_tables(connection)) - done
    for statement in distribution(tables, reference, roles, written):
        await connection.execute(statement)


def distribution(
    tables: Iterable[str], reference: Iterable[str], roles: Iterable[str], written: Iterable[str]
) -> Sequence[str]:
    """The statements that distribute these tables, FIRST first, and let `set local app.tenant` of
    these roles reach the machines. written: those of the tables that the log's writer writes."""
    ordered = sorted(tables, key=lambda name: (name != FIRST, name))
    return [
        *(
            f"alter policy tenants on {name} using ({WRITER_POLICY}) with check ({WRITER_POLICY})"
            for name in sorted(written)
        ),
        *(f"select create_reference_table('{name}')" for name in reference),
        *(
            f"select create_distributed_table('{name}', 'tenant_id'"
            + (")" if name == FIRST else f", colocate_with => '{FIRST}')")
            for name in ordered
        ),
        *(f"alter role {role} set citus.propagate_set_commands = 'local'" for role in roles),
    ]
