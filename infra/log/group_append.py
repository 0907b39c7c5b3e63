"""A group of appends of several tenants, written by one statement of plain PostgreSQL.

Most groups meet no obstacle: their versions, claims and keys are new. The function `log_append`
(infra/migrations/) writes them in one round trip; the database's own constraints stand guard. What
meets an obstacle goes tenant by tenant (infra/log/tenant_append.py).
"""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from domain.kernel.errors import Refusal
from infra.log.append_rows import AppendRows, Row, RowBuilder, SealOf, SealUnknownError
from services.kernel.ports import Append, Receipt

SEPARATOR = "\x1f"
"""Between the texts of a list; in JSON it can only stand escaped."""


class ObstacleError(Exception):
    """This group cannot be written by one statement."""


class PendingAppend(msgspec.Struct, frozen=True):
    """An append that waits, and its rows; without rows it must go the other way."""

    append: Append
    rows: AppendRows | None


def pending(append: Append, builder: RowBuilder, seal_of: SealOf) -> PendingAppend:
    """An append with its rows, for the group; never refuses, which is the other way's part, as is
    what is seldom written: claims that are released, what was decided on all that is recorded.
    seal_of: knows those of some people who have keys."""
    if append.released or append.at is not None:
        return PendingAppend(append, None)
    try:
        return PendingAppend(append, builder.build(append, seal_of, knows_all=False))
    except (SealUnknownError, Refusal):
        return PendingAppend(append, None)


class GroupAppend:
    """The lists of one group; raises ObstacleError where two of its appends are in each other's
    way, or a text cannot be listed."""

    def __init__(self, group: Sequence[PendingAppend]) -> None:
        tenants = {one.append.tenant_id.int: one.append.tenant_id for one in group}
        self._tenants: list[UUID] = [tenants[number] for number in sorted(tenants)]
        self._places = {tenant.int: n for n, tenant in enumerate(self._tenants)}
        self._counts = [0] * len(self._tenants)
        self._lists: dict[str, list[Row]] = {name: [] for name in _COLUMNS}
        self._ends = [self._add(one) for one in group]
        self._require_apart()
        self._group = group
        self._arguments = [text for name in _COLUMNS for text in _joined(name, self._lists[name])]

    async def write(self, connection: asyncpg.Connection) -> list[Receipt]:
        """Writes and commits; the receipts in the order of the appends."""
        heads = await connection.fetchval(STATEMENT, self._tenants, self._counts, *self._arguments)
        return [
            Receipt(heads[place] + end, one.append.result)
            for one, (place, end) in zip(self._group, self._ends, strict=True)
        ]

    def _add(self, one: PendingAppend) -> tuple[int, int]:
        """Answers the tenant's place and the append's last position, counted from its head."""
        rows = one.rows
        if rows is None:
            raise ObstacleError
        place = self._places[one.append.tenant_id.int]
        tenant = str(place + 1)
        lists = self._lists
        count = self._counts[place]
        for row in rows.events:
            count += 1
            lists["events"].append((tenant, count, *row))
        self._counts[place] = count
        for row in rows.commands:
            lists["commands"].append((tenant, count, *row))
        for name in ("expected", "claims", "handed_over", "people", "effects"):
            for row in getattr(rows, name):
                lists[name].append((tenant, *row))
        return place, count

    def _require_apart(self) -> None:
        """The statement compares what appends rest on with what was there before all of them."""
        if expected := self._lists["expected"]:
            written = {(tenant, stream) for tenant, _, stream, *_ in self._lists["events"]}
            if any((tenant, stream) in written for tenant, stream, _ in expected):
                raise ObstacleError


Column = Callable[[Any], str] | None
"""How a column's values become text; None: they are text."""

_COLUMNS: dict[str, tuple[Column, ...]] = {
    "events": (None, str, None, str, None, str, None, None, None, None, None, str),
    "expected": (None, None, str),
    "claims": (None, None, None, None),
    "handed_over": (None, None, None, None),
    "commands": (None, str, None, bytes.hex, None),
    "people": (None, None, bytes.hex, None),
    "effects": (None, str, None, None),
}
"""The lists that `log_append` takes, in its order; first in each stand the tenants' places."""

_ARGUMENTS = 2 + sum(map(len, _COLUMNS.values()))
STATEMENT = f"select log_append({', '.join(f'${n + 1}' for n in range(_ARGUMENTS))})"


def _joined(name: str, rows: list[Row]) -> list[str | None]:
    """One text for each column of a list."""
    columns = _COLUMNS[name]
    if not rows:
        return [None] * len(columns)
    texts = [
        SEPARATOR.join(values if as_text is None else map(as_text, values))
        for as_text, values in zip(columns, zip(*rows, strict=True), strict=True)
    ]
    if SEPARATOR.join(texts).count(SEPARATOR) != len(rows) * len(columns) - 1:
        raise ObstacleError
    return [*texts]
