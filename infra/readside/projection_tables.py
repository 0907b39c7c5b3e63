"""The projections' tables, made from their declarations; a version's table never changes."""

from typing import Any

import asyncpg

from domain.kernel.errors import Refusal
from projections import PROJECTIONS
from projections.kernel.fingerprint import fingerprint
from projections.kernel.projection import Projection, StoredTable
from projections.kernel.rows import StoredColumn, row_codec

TENANT = StoredColumn("tenant_id", "uuid", False)
AS_OF = StoredColumn("as_of", "bigint", False)

NOTES = """
    select name, coalesce(obj_description(to_regclass(name), 'pg_class'), '')
    from unnest($1::text[]) as named (name) where to_regclass(name) is not null
"""

INDEXES = """
    select indexname from pg_indexes
    where tablename = $1 and starts_with(indexname, $1 || '_by_') and indexname <> all ($2)
"""


async def create_projection_tables(
    connection: asyncpg.Connection, projections: tuple[Projection[Any], ...] = PROJECTIONS
) -> None:
    """Makes the missing tables, by the schema's owner, and notes each one's fingerprint on it.

    Their indexes become those that are declared. A table that was lost begins again: its
    checkpoints go with it. Refuses `projection_changed`.
    """
    missing = await _missing(connection, projections)
    for projection in projections:
        if projection in missing:
            async with connection.transaction():
                await _make(connection, projection)
                await connection.execute(
                    "delete from checkpoints where projection = $1", projection.table
                )
        for stored in projection.tables:
            await _index(connection, stored)


async def require_projection_tables(connection: asyncpg.Connection) -> None:
    """Requires the tables of all projections, as these declare them.

    Refuses `projection_missing`, `projection_changed`.
    """
    for projection in await _missing(connection, PROJECTIONS):
        raise Refusal("projection_missing", table=projection.table)


async def _missing(
    connection: asyncpg.Connection, projections: tuple[Projection[Any], ...]
) -> list[Projection[Any]]:
    """Those without a table, or without that of their past or their parts.

    Raises Refusal `projection_changed` where a projection differs from the one that the table of
    its version was made for.
    """
    names = [name for one in projections for name in _tables(one)]
    noted = dict(await connection.fetch(NOTES, names))
    for one in projections:
        if noted.get(one.table) not in (None, fingerprint(one)):
            raise Refusal("projection_changed", table=one.table)
    return [one for one in projections if not noted.keys() >= set(_tables(one))]


async def _index(connection: asyncpg.Connection, stored: StoredTable[Any]) -> None:
    """Makes the indexes that are declared, and drops those that no longer are."""
    wanted = {f"{stored.table}_by_{'_'.join(index)}": index for index in stored.indexes}
    for name in await connection.fetch(INDEXES, stored.table, list(wanted)):
        await connection.execute(f"drop index {name[0]}")
    for name, columns in wanted.items():
        await connection.execute(
            f"create index if not exists {name} on {stored.table} (tenant_id, {', '.join(columns)})"
        )


def _tables(projection: Projection[Any]) -> list[str]:
    past = [projection.past_table] if projection.past_every else []
    return [*(stored.table for stored in projection.tables), *past]


async def _make(connection: asyncpg.Connection, projection: Projection[Any]) -> None:
    columns = row_codec(projection.row).columns
    key = projection.primary_key
    for table in _tables(projection):
        await connection.execute(f"drop table if exists {table}")
    for stored in projection.tables:
        fields = (TENANT, *row_codec(stored.row).columns)
        # Room on each page lets a row be rewritten beside itself, without touching the indexes.
        await connection.execute(_create(stored.table, fields, stored.primary_key, fillfactor=80))
    await connection.execute(f"comment on table {projection.table} is '{fingerprint(projection)}'")
    if projection.past_every:
        past = (TENANT, AS_OF, *columns)
        await connection.execute(_create(projection.past_table, past, (AS_OF.name, *key)))


def _create(
    table: str,
    columns: tuple[StoredColumn, ...],
    primary_key: tuple[str, ...],
    fillfactor: int = 100,
) -> str:
    fields = ", ".join(_field(column) for column in columns)
    key = ", ".join(("tenant_id", *primary_key))
    return (
        f"create table {table} ({fields}, primary key ({key})) with (fillfactor = {fillfactor});"
        f" call guard_tenant_table('{table}');"
        f" grant select, insert, update, delete on {table} to chudan_app"
    )


def _field(column: StoredColumn) -> str:
    collated = ' collate "C"' if column.sql_type == "text" else ""
    required = "" if column.nullable else " not null"
    return f"{column.name} {column.sql_type}{collated}{required}"
