"""The rows that a projection's table no longer shows, for time travel (decisions/0012).

Where a projection declares `past_every`, the state at each of its multiples can be read. A row is
copied to `<table>_past` just before it changes for the first time since a multiple, with that
multiple as `as_of`: it stood so from its `position` up to there. What has not changed since stands
in the table itself and nowhere else.
"""

from collections.abc import Collection
from typing import Any, Generic, TypeVar
from uuid import UUID

import asyncpg
import msgspec

from infra.readside.folding import Past, Rows
from infra.readside.projection_rows import Insert, key_columns, matching
from projections.kernel.projection import Key, Projection
from projections.kernel.rows import row_codec, selected

R = TypeVar("R", bound=msgspec.Struct)


class PastRows(Generic[R]):
    """The past of one projection, through a connection in a tenant's transaction."""

    def __init__(self, projection: Projection[R]) -> None:
        self._codec = row_codec(projection.row)
        fields = selected(projection.row)
        table, past = projection.table, projection.past_table
        self._key_of = projection.key_of
        self._keep = (
            f"insert into {past} (tenant_id, as_of, {fields})"  # noqa: S608 - names of ours
            f" select tenant_id, $2::bigint, {fields} from {table} where tenant_id = $1"
            f" and position <= $2::bigint and {matching(projection, 3)} on conflict do nothing"
        )
        self._state = (
            f"select {fields} from {table} where tenant_id = $1 and position <= $2"  # noqa: S608
            f" union all select {fields} from {past}"
            " where tenant_id = $1 and as_of >= $2 and position <= $2"
        )
        self._delete = f"delete from {past} where tenant_id = $1"  # noqa: S608 - names of ours
        key = ("as_of", *projection.primary_key)
        self._insert = Insert(past, ("as_of", *projection.columns), key)

    async def keep(
        self, connection: asyncpg.Connection, tenant_id: UUID, keys: Collection[Key], as_of: int
    ) -> None:
        """Copies these rows before they change, where they have not changed since `as_of`."""
        if keys:
            await connection.execute(self._keep, tenant_id, as_of, *key_columns(keys))

    async def state(
        self, connection: asyncpg.Connection, tenant_id: UUID, position: int
    ) -> Rows[R]:
        """Every row as it stood at a multiple that the projection has passed."""
        row_of, key_of = self._codec.row_of, self._key_of
        records = await connection.fetch(self._state, tenant_id, position)
        return {key_of(row): row for row in map(row_of, records)}

    async def replace(self, connection: asyncpg.Connection, tenant_id: UUID, past: Past[R]) -> None:
        """This past and no other."""
        await connection.execute(self._delete, tenant_id)
        values = self._codec.values
        lines: list[list[Any]] = [[key[0], *values(row)] for key, row in past.items()]
        await self._insert.write(connection, tenant_id, lines)
