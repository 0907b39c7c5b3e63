"""Comparing read models with the log: every live row and every past one, tenant by tenant.

One transaction sees the checkpoint, the rows and the log as they were at one moment; the log is
folded up to the checkpoint, so that a projection that is behind is compared with what it should
show there. Nothing is written, and nobody else waits.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, TypeVar
from uuid import UUID

import asyncpg
import msgspec

from infra.database.db import Database
from infra.database.retries import DATABASE_ERRORS
from infra.log.feed import Feed, position_at
from infra.log.tenant_log import TenantLog
from infra.readside.folding import LogFold
from projections.kernel.projection import Key, Projection
from projections.kernel.rows import RowCodec, row_codec, selected

R = TypeVar("R", bound=msgspec.Struct)

_CHECKPOINT = """
    select position, parked_position, parked_error from checkpoints
    where tenant_id = $1 and projection = $2
"""


class RowDifference(msgspec.Struct, frozen=True):
    """A row that differs from the log's: its key and the names of columns, no values.

    as_of: of a past row, up to which position it holds; None for a live row. columns: those that
    differ in an altered row.
    """

    kind: Literal["missing", "altered", "surplus"]
    table: str
    key: Key
    as_of: int | None
    columns: tuple[str, ...] = ()


class Verified(msgspec.Struct, frozen=True):
    """The comparison of one projection of one tenant, at its position.

    behind: events of the log that it has yet to see. rows: how many were compared. parked: the
    class of the error that it waits with. error: the class of what stopped the fold; nothing was
    compared then.
    """

    tenant_id: UUID
    projection: str
    position: int
    behind: int
    rows: int
    findings: tuple[RowDifference, ...] = ()
    parked: str | None = None
    error: str | None = None


class Verifier:
    """Reads only."""

    def __init__(self, db: Database, log: TenantLog) -> None:
        self._db = db
        self._feed = Feed(log)

    async def verify(self, tenant_id: UUID, projection: Projection[R]) -> Verified:
        """Compares one projection of one tenant."""
        async with self._db.snapshot(tenant_id) as connection:
            stand = await connection.fetchrow(_CHECKPOINT, tenant_id, projection.checkpoint)
            position: int = stand["position"] if stand else 0
            parked = stand["parked_error"] if stand else None
            behind = await position_at(connection, tenant_id, None) - position
            fold = LogFold(self._feed, tenant_id, projection)
            try:
                await fold.advance(connection, position)
            except DATABASE_ERRORS:
                raise
            except Exception as error:
                kind = type(error).__name__
                return Verified(
                    tenant_id, projection.name, position, behind, 0, parked=parked, error=kind
                )
            live, past = await _read(connection, tenant_id, projection)
        expected = {key: row for key, row in fold.rows.items() if row is not None}
        findings = [
            *compared(projection.row, projection.primary_key, projection.table, live, expected),
            *compared(
                projection.row,
                ("as_of", *projection.primary_key),
                projection.past_table,
                past,
                fold.past,
            ),
        ]
        rows = len(expected) + len(fold.past)
        return Verified(tenant_id, projection.name, position, behind, rows, tuple(findings), parked)


async def _read(
    connection: asyncpg.Connection, tenant_id: UUID, projection: Projection[Any]
) -> tuple[list[asyncpg.Record], list[asyncpg.Record]]:
    fields = selected(projection.row)
    live = await connection.fetch(
        f"select {fields} from {projection.table} where tenant_id = $1",  # noqa: S608
        tenant_id,
    )
    if not projection.past_every:
        return live, []
    past = await connection.fetch(
        f"select {fields}, as_of from {projection.past_table} where tenant_id = $1",  # noqa: S608
        tenant_id,
    )
    return live, past


def compared(
    row_type: type[msgspec.Struct],
    names: Sequence[str],
    table: str,
    found: Iterable[Mapping[str, Any]],
    expected: Mapping[Key, Any],
) -> Iterator[RowDifference]:
    """The rows that differ. names: of the key; that of a past row begins with as_of."""
    codec, past = row_codec(row_type), names[0] == "as_of"
    missing = dict(expected)
    for record in found:
        key = tuple(record[name] for name in names)
        row = missing.pop(key, None)
        if row is None:
            yield _difference("surplus", table, key, past)
        elif columns := _differing(codec, record, row):
            yield _difference("altered", table, key, past, columns)
    for key in missing:
        yield _difference("missing", table, key, past)


def _difference(
    kind: Literal["missing", "altered", "surplus"],
    table: str,
    key: Key,
    past: bool,
    columns: tuple[str, ...] = (),
) -> RowDifference:
    as_of, key = (key[0], key[1:]) if past else (None, key)
    return RowDifference(kind, table, key, as_of, columns)


def _differing(codec: RowCodec[Any], record: Mapping[str, Any], row: Any) -> tuple[str, ...]:
    values = zip(codec.columns, codec.values(row), strict=True)
    suspects = [column.name for column, value in values if record[column.name] != value]
    # What another program stored may be spelt otherwise and say the same.
    return tuple(name for name in suspects if not codec.says(name, record[name], row))
