"""A projection's stored rows: loading some, writing the changed ones, replacing all.

Rows are written by multi-row `values`: COPY is refused under row-level security, and so is
`insert … select from unnest` on Citus.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any, Generic, TypeVar
from uuid import UUID

import asyncpg
import msgspec

from infra.readside.folding import Rows
from projections.kernel.projection import Key, Projection
from projections.kernel.rows import row_codec, selected

R = TypeVar("R", bound=msgspec.Struct)

PARAMETERS = 1_600
"""About how many values one statement carries; longer ones asyncpg would prepare every time."""

FEW = 16
"""Up to as many rows go one by one, pipelined, through the same prepared statement."""


class ProjectionRows(Generic[R]):
    """The table of one projection, through a connection in a tenant's transaction."""

    def __init__(self, projection: Projection[R]) -> None:
        self._projection = projection
        self._codec = row_codec(projection.row)
        self._key_indexes = [projection.columns.index(name) for name in projection.primary_key]
        self._insert = Insert(projection.table, projection.columns, projection.primary_key)
        fields = selected(projection.row)
        self._select = f"select {fields} from {projection.table} where tenant_id = $1"  # noqa: S608
        self._delete = f"delete from {projection.table} where tenant_id = $1"  # noqa: S608

    async def load(
        self, connection: asyncpg.Connection, tenant_id: UUID, keys: Iterable[Key]
    ) -> Rows[R]:
        """The rows of these keys that there are."""
        sql = f"{self._select} and {matching(self._projection)}"
        records = await connection.fetch(sql, tenant_id, *key_columns(keys))
        return self._by_key(records)

    async def load_all(self, connection: asyncpg.Connection, tenant_id: UUID) -> Rows[R]:
        """Every row of the tenant."""
        return self._by_key(await connection.fetch(self._select, tenant_id))

    async def write(self, connection: asyncpg.Connection, tenant_id: UUID, rows: Rows[R]) -> None:
        """Inserts or replaces the rows; None removes."""
        gone = [key for key, row in rows.items() if row is None]
        if gone:
            sql = f"{self._delete} and {matching(self._projection)}"
            await connection.execute(sql, tenant_id, *key_columns(gone))
        values = self._codec.values
        lines = [values(row) for row in rows.values() if row is not None]
        await self._insert.write(connection, tenant_id, lines)

    async def replace(self, connection: asyncpg.Connection, tenant_id: UUID, rows: Rows[R]) -> None:
        """These rows and no other; readers see the old ones until the commit."""
        await connection.execute(self._delete, tenant_id)
        await self.write(
            connection, tenant_id, {key: row for key, row in rows.items() if row is not None}
        )

    def _by_key(self, records: list[asyncpg.Record]) -> Rows[R]:
        row_of, indexes = self._codec.row_of, self._key_indexes
        return {tuple(record[i] for i in indexes): row_of(record) for record in records}


def matching(projection: Projection[Any], first: int = 2) -> str:
    """The condition that a row has one of the keys, given by `key_columns` from $first on."""
    columns = {column.name: column.sql_type for column in row_codec(projection.row).columns}
    types = [columns[name] for name in projection.primary_key]
    if len(types) == 1:
        return f"{projection.primary_key[0]} = any(${first}::{types[0]}[])"
    arrays = ", ".join(f"${n}::{kind}[]" for n, kind in enumerate(types, start=first))
    names = ", ".join(projection.primary_key)
    return f"({names}) in (select * from unnest({arrays}))"  # noqa: S608 - names of ours


def key_columns(keys: Iterable[Key]) -> Iterator[list[Any]]:
    """The keys as one list for each column of theirs."""
    return map(list, zip(*keys, strict=True))


class Insert:
    """The upsert of a table for any number of lines of column values, by few distinct statements.

    key: the columns, beside the tenant, by which a line takes the place of what was there.
    """

    def __init__(self, table: str, columns: Sequence[str], key: Sequence[str]) -> None:
        self._table, self._columns, self._key = table, columns, key
        self._width = len(columns)
        self._most = PARAMETERS // self._width
        self._of = cache(self._statement)

    async def write(
        self, connection: asyncpg.Connection, tenant_id: UUID, lines: Sequence[Sequence[Any]]
    ) -> None:
        """Inserts or replaces the lines."""
        done = 0
        for size in (self._most, FEW):
            statement = self._of(size)
            while len(lines) - done >= size:
                taken = lines[done : done + size]
                await connection.fetch(statement, tenant_id, *(v for line in taken for v in line))
                done += size
        if done < len(lines):
            arguments = [(tenant_id, *line) for line in lines[done:]]
            await connection.executemany(self._of(1), arguments)

    def _statement(self, size: int) -> str:
        lines = (
            f"($1,{','.join(f'${2 + row * self._width + i}' for i in range(self._width))})"
            for row in range(size)
        )
        key = ", ".join(("tenant_id", *self._key))
        rest = [name for name in self._columns if name not in self._key]
        changes = ", ".join(f"{name} = excluded.{name}" for name in rest)
        return (
            f"insert into {self._table} (tenant_id, {', '.join(self._columns)})"  # noqa: S608
            f" values {', '.join(lines)} on conflict ({key}) do update set {changes}"
        )
