"""The projections' tables, made from their declarations; a version's table never changes."""

from typing import Any

import asyncpg

from domain.kernel.errors import Refusal
from projections import PROJECTIONS
from projections.kernel.projection import Projection
from projections.kernel.rows import Column, row_codec

TENANT = Column("tenant_id", "uuid", False)
AS_OF = Column("as_of", "bigint", False)


async def create_projection_tables(
    connection: asyncpg.Connection, projections: tuple[Projection[Any], ...] = PROJECTIONS
) -> None:
    """Makes what is missing, by the schema's owner.

    Raises Refusal `projection_changed` where a row's struct differs from its version's table, or a
    past is to be kept that was not: a changed row is a new version.
    """
    for projection in projections:
        wanted = (TENANT, *row_codec(projection.row).columns)
        found = await _found(connection, projection.table)
        if not found:
            async with connection.transaction():
                # Room on each page lets a row be rewritten beside itself, without touching the
                # indexes.
                await connection.execute(
                    _create(projection.table, wanted, projection.primary_key, fillfactor=80)
                )
                if projection.past_every:
                    key = (AS_OF.name, *projection.primary_key)
                    past = (TENANT, AS_OF, *wanted[1:])
                    await connection.execute(_create(projection.past_table, past, key))
        elif found != {(c.name, c.sql_type, c.nullable) for c in wanted} or (
            projection.past_every and not await _found(connection, projection.past_table)
        ):
            raise Refusal("projection_changed", table=projection.table)
        for index in projection.indexes:
            await connection.execute(
                f"create index if not exists {projection.table}_by_{'_'.join(index)}"
                f" on {projection.table} (tenant_id, {', '.join(index)})"
            )


def _create(
    table: str, columns: tuple[Column, ...], primary_key: tuple[str, ...], fillfactor: int = 100
) -> str:
    fields = ", ".join(_field(column) for column in columns)
    key = ", ".join(("tenant_id", *primary_key))
    return (
        f"create table {table} ({fields}, primary key ({key})) with (fillfactor = {fillfactor});"
        f" call guard_tenant_table('{table}');"
        f" grant select, insert, update, delete on {table} to chudan_app"
    )


def _field(column: Column) -> str:
    collated = ' collate "C"' if column.sql_type == "text" else ""
    required = "" if column.nullable else " not null"
    return f"{column.name} {column.sql_type}{collated}{required}"


async def _found(connection: asyncpg.Connection, table: str) -> set[tuple[str, str, bool]]:
    rows = await connection.fetch(
        "select attname, format_type(atttypid, atttypmod) as kind, not attnotnull as nullable"
        " from pg_attribute where attrelid = to_regclass($1) and attnum > 0 and not attisdropped",
        table,
    )
    return {(row["attname"], row["kind"], row["nullable"]) for row in rows}
