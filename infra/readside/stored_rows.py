"""The stored rows of read models and series: loading some, writing the changed ones, replacing all.

Rows are written by multi-row `values`: COPY is refused under row-level security, and so is
`insert … select from unnest` on Citus.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import chain
from types import MappingProxyType
from typing import Any, Generic

import asyncpg

from infra.database.db import TenantConnection
from infra.readside.folding import Past, Rows
from infra.readside.projection_tables import AS_OF
from projections.kernel.projection import Key, Parts, Projection, R, StoredTable
from projections.kernel.rows import StoredColumn, row_codec, selected
from services.kernel.beside import beside

NOTHING: Mapping[Any, Any] = MappingProxyType({})

PARAMETERS = 1_600
"""About how many values one statement carries; longer ones asyncpg would prepare every time."""

ROWS_AT_A_TIME = 500
"""How many are read together, where all that there are need not be held."""

FEW = 16
"""Up to as many rows go one by one, pipelined, through the same prepared statement."""


class StoredRows(Generic[R]):
    """The rows of one table, through a connection in a tenant's transaction.

    key: the columns that tell a tenant's rows apart. parts: what the rows have several of.
    """

    def __init__(
        self, table: str, row: type[R], key: Sequence[str], parts: Parts[Any] | None = None
    ) -> None:
        self._codec = row_codec(row)
        self._lines = _Lines(table, self._codec.columns, key)
        self.select = self._lines.select
        self._parts = None if parts is None else _StoredParts(parts)

    @classmethod
    def of(cls, stored: StoredTable[R]) -> "StoredRows[R]":
        """A projection's rows with their parts, or parts alone."""
        parts = stored.parts if isinstance(stored, Projection) else None
        return cls(stored.table, stored.row, stored.primary_key, parts)

    async def load(self, tenant: TenantConnection, keys: Iterable[Key]) -> Rows[R]:
        """The rows of these keys that there are."""
        sql = f"{self.select} and {self._lines.matching}"
        return self.by_key(await tenant.fetch(sql, *_key_columns(keys)))

    async def load_all(self, tenant: TenantConnection) -> Rows[R]:
        """Every row of the tenant."""
        return await self.load_by(tenant, self.select)

    async def load_by(self, tenant: TenantConnection, sql: str, *values: Any) -> Rows[R]:
        """The rows that a statement selects, a few read at a time: all records beside all rows take
        twice the memory."""
        rows, records = Rows[R](), list[asyncpg.Record]()
        async for record in tenant.cursor(sql, *values, prefetch=ROWS_AT_A_TIME):
            records.append(record)
            if len(records) == ROWS_AT_A_TIME:
                rows |= await beside(self.by_key, records)
                records = []
        return rows | self.by_key(records)

    async def write(
        self,
        tenant: TenantConnection,
        rows: Mapping[Key, R | None],
        before: Mapping[Key, R | None] = NOTHING,
    ) -> None:
        """Inserts or replaces the rows; None removes. before: those of them that are there, by
        which it is known what changes of their parts."""
        values = self._codec.values
        await self._lines.remove(tenant, [key for key, row in rows.items() if row is None])
        await self._lines.write(tenant, [values(row) for row in rows.values() if row is not None])
        if self._parts:
            await self._parts.write(tenant, rows, before)

    async def replace(self, tenant: TenantConnection, rows: Mapping[Key, R | None]) -> None:
        """Makes these the only rows; readers see the old ones until the commit."""
        there = {key: row for key, row in rows.items() if row is not None}
        values = self._codec.values
        await self._lines.replace(tenant, {key: values(row) for key, row in there.items()})
        if self._parts:
            await self._parts.replace(tenant, there.values())

    def by_key(self, records: list[asyncpg.Record]) -> Rows[R]:
        """The rows of records that `select` found."""
        return dict(
            zip(map(self._lines.key_of, records), self._codec.rows_of(records), strict=True)
        )


class _StoredParts:
    """The parts of rows, of which those are written that change with their row."""

    def __init__(self, parts: Parts[Any]) -> None:
        self._parts = parts
        self._rows = StoredRows.of(parts)

    async def write(
        self, tenant: TenantConnection, rows: Mapping[Key, Any], before: Mapping[Key, Any]
    ) -> None:
        """Makes the parts those of these rows, which had others before; None has none."""
        had, has = (self._parts.made_of(some.values()) for some in (before, rows))
        changed: Rows[Any] = dict.fromkeys(had.keys() - has.keys())
        make, was = self._parts.make, had.get
        changed |= {key: make(of) for key, of in has.items() if was(key) != of}
        await self._rows.write(tenant, changed)

    async def replace(self, tenant: TenantConnection, rows: Iterable[Any]) -> None:
        """Makes the parts of these rows the only ones."""
        await self._rows.replace(tenant, self._parts.by_key(rows))


class PastRows(Generic[R]):
    """The rows that a projection's table no longer shows, for time travel (decisions/0012).

    Where a projection declares `past_every`, the state at each of its multiples can be read. A row
    is copied to `<table>_past` just before it changes for the first time since a multiple, with
    that multiple as `as_of`: it stood so from its `position` up to there. What has not changed
    since stands in the table itself and nowhere else.
    """

    def __init__(self, projection: Projection[R]) -> None:
        key, past = projection.primary_key, projection.past_table
        codec, fields = row_codec(projection.row), selected(projection.row)
        self._values = codec.values
        self._stored = StoredRows.of(projection)
        self._keep = (
            f"insert into {past} (tenant_id, as_of, {fields})"  # noqa: S608 - names of ours
            f" select tenant_id, $2::bigint, {fields} from {projection.table} where tenant_id = $1"
            f" and position <= $2::bigint and {_matching(codec.columns, key, 3)}"
            " on conflict do nothing"
        )
        self._state = (
            f"{self._stored.select} and position <= $2"  # noqa: S608 - names of ours
            f" union all select {fields} from {past}"
            " where tenant_id = $1 and as_of >= $2 and position <= $2"
        )
        self._lines = _Lines(past, (AS_OF, *codec.columns), (AS_OF.name, *key))

    async def keep(self, tenant: TenantConnection, keys: Collection[Key], as_of: int) -> None:
        """Copies these rows before they change, where they have not changed since `as_of`."""
        if keys:
            await tenant.execute(self._keep, as_of, *_key_columns(keys))

    async def state(self, tenant: TenantConnection, position: int) -> Rows[R]:
        """Every row as it stood at a multiple that the projection has passed."""
        return await self._stored.load_by(tenant, self._state, position)

    async def replace(self, tenant: TenantConnection, past: Past[R]) -> None:
        """Makes this the past."""
        lines = {key: [key[0], *self._values(row)] for key, row in past.items()}
        await self._lines.replace(tenant, lines)


def _matching(columns: Iterable[StoredColumn], key: Sequence[str], first: int = 2) -> str:
    """The condition that a line has one of the keys, given by `_key_columns` from $first on."""
    types = {column.name: column.sql_type for column in columns}
    arrays = [f"${n}::{types[name]}[]" for n, name in enumerate(key, start=first)]
    if len(arrays) == 1:
        return f"{key[0]} = any({arrays[0]})"
    return f"({', '.join(key)}) in (select * from unnest({', '.join(arrays)}))"  # noqa: S608


def _key_columns(keys: Iterable[Key]) -> Iterator[list[Any]]:
    """The keys as one list for each column of theirs."""
    return map(list, zip(*keys, strict=True))


class _Lines:
    """The lines of column values that a table has of a tenant, written by few distinct statements.

    key: the columns, beside the tenant, by which a line takes the place of what was there.
    """

    def __init__(self, table: str, columns: Sequence[StoredColumn], key: Sequence[str]) -> None:
        self._table, self._key = table, key
        self._columns = [column.name for column in columns]
        self._width = len(columns)
        self._most = PARAMETERS // self._width
        self._of = cache(self._statement)
        self.matching = _matching(columns, key)
        self._places = [self._columns.index(name) for name in key]
        self.select = f"select {', '.join(self._columns)} from {table} where tenant_id = $1"  # noqa: S608
        self._delete = f"delete from {table} where tenant_id = $1 and {self.matching}"  # noqa: S608

    def key_of(self, record: asyncpg.Record) -> Key:
        """The key of a record that `select` found."""
        return tuple([record[place] for place in self._places])

    async def replace(self, tenant: TenantConnection, lines: Mapping[Key, list[Any]]) -> None:
        """Makes these the only lines; those that stand there already are left alone. What stands
        is read a few at a time, beside the lines, which may be all that memory holds."""
        other, gone = dict(lines), list[Key]()
        async for record in tenant.cursor(self.select, prefetch=ROWS_AT_A_TIME):
            key = self.key_of(record)
            if key not in lines:
                gone.append(key)
            elif record == tuple(lines[key]):
                del other[key]
        await self.remove(tenant, gone)
        await self.write(tenant, [*other.values()])

    async def remove(self, tenant: TenantConnection, keys: Collection[Key]) -> None:
        """Deletes the lines of these keys."""
        if keys:
            await tenant.execute(self._delete, *_key_columns(keys))

    async def write(self, tenant: TenantConnection, lines: Sequence[Sequence[Any]]) -> None:
        """Inserts or replaces the lines."""
        done = 0
        for size in (self._most, FEW, 1):
            if several := (len(lines) - done) // size:
                ends = range(done + size, done + several * size + 1, size)
                groups = (chain.from_iterable(lines[end - size : end]) for end in ends)
                await tenant.executemany(self._of(size), groups)
                done += several * size

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
