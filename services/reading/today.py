"""The tables of read models as they stand today: what has a day to come has not happened.

A table holds whatever was recorded. What a day to come changes of its rows, its declaration says
(`StoredTable.of_today`).
"""

from collections.abc import AsyncIterable
from datetime import date
from functools import lru_cache
from typing import Any

from projections import PROJECTIONS
from projections.kernel.projection import StoredTable, TenantTables

_DATED: tuple[StoredTable[Any], ...] = tuple(
    table for one in PROJECTIONS for table in one.tables if table.of_today
)


class TodaysTables:
    """A tenant's tables on the evening of today, for the statements that read `from` them."""

    def __init__(self, tables: TenantTables, today: date) -> None:
        self.tenant_id = tables.tenant_id
        self._tables, self._today = tables, today

    async def fetch(self, query: str, *args: Any) -> list[Any]:
        return await self._tables.fetch(self._of_today(query), *args)

    async def fetchrow(self, query: str, *args: Any) -> Any:
        return await self._tables.fetchrow(self._of_today(query), *args)

    async def fetchval(self, query: str, *args: Any) -> Any:
        return await self._tables.fetchval(self._of_today(query), *args)

    def cursor(self, query: str, *args: Any, prefetch: int) -> AsyncIterable[Any]:
        return self._tables.cursor(self._of_today(query), *args, prefetch=prefetch)

    def _of_today(self, query: str) -> str:
        for one in _DATED:
            query = query.replace(f" from {one.table} ", f" from {_rows_on(self._today, one)} ")
        return query


@lru_cache(maxsize=16)
def _rows_on(day: date, stored: StoredTable[Any]) -> str:
    """A table's rows as of a day, which PostgreSQL reads with the table's own indexes."""
    said = {name: name for name in stored.columns}
    said |= {name: told.format(today=f"date '{day}'") for name, told in stored.of_today}
    columns = ", ".join(f"{told} as {name}" for name, told in said.items())
    rows = f"select tenant_id, {columns} from {stored.table} where tenant_id = $1"  # noqa: S608
    return f"({rows}) as {stored.table}"
