"""A projection's stored rows: loading some, writing what changed, replacing all.

Rows are written by multi-row `values`: COPY is refused under row-level security, and so is
`insert … select from unnest` on Citus.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, Generic, TypeVar
from uuid import UUID

import asyncpg
import msgspec

from infra.folding import Rows
from projections.projection import Key, Projection
from projections.rows import row_codec, selected

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
        self._insert = _Insert(projection)
        fields = selected(projection.row)
        self._select = f"select {fields} from {projection.table} where tenant_id = $1"  # noqa: S608
        self._delete = f"delete from {projection.table} where tenant_id = $1"  # noqa: S608

    async def load(
        self, connection: asyncpg.Connection, tenant_id: UUID, keys: Iterable[Key]
    ) -> Rows[R]:
        """The rows of these keys that there are."""
        sql = f"{self._select} and {self._matching()}"
        records = await connection.fetch(sql, tenant_id, *self._columns(keys))
        return self._by_key(records)

    async def load_all(self, connection: asyncpg.Connection, tenant_id: UUID) -> Rows[R]:
        """Every row of the tenant."""
        return self._by_key(await connection.fetch(self._select, tenant_id))

    async def write(self, connection: asyncpg.Connection, tenant_id: UUID, rows: Rows[R]) -> None:
        """Puts the rows in place of what was there; None removes."""
        gone = [key for key, row in rows.items() if row is None]
        if gone:
            sql = f"{self._delete} and {self._matching()}"
            await connection.execute(sql, tenant_id, *self._columns(gone))
        values = self._codec.values
        lines = [values(row) for row in rows.values() if row is not None]
        for statement, size in self._insert.statements(len(lines)):
            taken, lines = lines[:size], lines[size:]
            await connection.fetch(statement, tenant_id, *(v for line in taken for v in line))
        if lines:
            arguments = [(tenant_id, *line) for line in lines]
            await connection.executemany(self._insert.of(1), arguments)

    async def replace(self, connection: asyncpg.Connection, tenant_id: UUID, rows: Rows[R]) -> None:
        """These rows and no other; readers see the old ones until the commit."""
        await connection.execute(self._delete, tenant_id)
        await self.write(
            connection, tenant_id, {key: row for key, row in rows.items() if row is not None}
        )

    def _matching(self) -> str:
        projection = self._projection
        types = [self._codec.columns[index].sql_type for index in self._key_indexes]
        if len(types) == 1:
            return f"{projection.primary_key[0]} = any($2::{types[0]}[])"
        arrays = ", ".join(f"${n}::{kind}[]" for n, kind in enumerate(types, start=2))
        names = ", ".join(projection.primary_key)
        return f"({names}) in (select * from unnest({arrays}))"  # noqa: S608 - names of ours

    def _columns(self, keys: Iterable[Key]) -> Iterator[list[Any]]:
        return map(list, zip(*keys, strict=True))

    def _by_key(self, records: list[asyncpg.Record]) -> Rows[R]:
        row_of, indexes = self._codec.row_of, self._key_indexes
        return {tuple(record[i] for i in indexes): row_of(record) for record in records}


class _Insert:
    """The upsert of a projection for any number of rows, by few distinct statements."""

    def __init__(self, projection: Projection[Any]) -> None:
        self._projection = projection
        self._width = len(projection.columns)
        self._most = PARAMETERS // self._width
        self.of = cache(self._of)

    def statements(self, count: int) -> Iterator[tuple[str, int]]:
        """Statements and how many rows each takes; up to FEW rows may be left over."""
        for size in (self._most, FEW):
            while count >= size:
                count -= size
                yield self.of(size), size

    def _of(self, size: int) -> str:
        projection = self._projection
        lines = (
            f"($1,{','.join(f'${2 + row * self._width + i}' for i in range(self._width))})"
            for row in range(size)
        )
        key = ", ".join(("tenant_id", *projection.primary_key))
        rest = [name for name in projection.columns if name not in projection.primary_key]
        changes = ", ".join(f"{name} = excluded.{name}" for name in rest)
        return (
            f"insert into {projection.table} (tenant_id, {', '.join(projection.columns)})"  # noqa: S608
            f" values {', '.join(lines)} on conflict ({key}) do update set {changes}"
        )
