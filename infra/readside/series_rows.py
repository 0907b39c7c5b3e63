"""The rows of the stored series: the partner's, and the part that head office sees."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import asyncpg

from infra.readside.projection_rows import Insert, key_columns
from projections.figures import hq_series, kpi_series
from projections.figures.hq_series import HqRow
from projections.figures.kpi_series import SeriesRow
from projections.kernel.rows import row_codec, selected

_OWN, _HQ = row_codec(SeriesRow), row_codec(HqRow)
_INSERT_OWN = Insert(kpi_series.TABLE, SeriesRow.__struct_fields__, kpi_series.KEY)
_INSERT_HQ = Insert(hq_series.TABLE, HqRow.__struct_fields__, hq_series.KEY)
_SELECT = (
    f"select {selected(SeriesRow)} from {kpi_series.TABLE}"  # noqa: S608 - names of ours
    " where tenant_id = $1 and series = any($2::text[])"
)
_DELETE_OWN = (
    f"delete from {kpi_series.TABLE} where tenant_id = $1"  # noqa: S608 - names of ours
    " and (series, way, key) in (select * from unnest($2::text[], $3::text[], $4::text[]))"
)
_DELETE_HQ = (
    f"delete from {hq_series.TABLE} where tenant_id = $1"  # noqa: S608 - names of ours
    " and (series, month) in (select * from unnest($2::text[], $3::text[]))"
)

Key = tuple[str, str, str]


class SeriesRows:
    """Those of one tenant, through a connection in its transaction."""

    def __init__(self, connection: asyncpg.Connection, tenant_id: UUID) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def load(self, series: Sequence[str]) -> dict[Key, SeriesRow]:
        """The rows of these series, by their keys."""
        records = await self._connection.fetch(_SELECT, self._tenant_id, series)
        return _by_key(map(_OWN.row_of, records))

    async def replace(self, series: Sequence[str], rows: Iterable[SeriesRow]) -> None:
        """Makes these the only rows of these series; writes the differing ones."""
        wanted, known = _by_key(rows), await self.load(series)
        await self._delete([row for key, row in known.items() if key not in wanted])
        await self._write([row for key, row in wanted.items() if known.get(key) != row])

    async def _write(self, rows: list[SeriesRow]) -> None:
        own = [_OWN.values(row) for row in rows]
        await _INSERT_OWN.write(self._connection, self._tenant_id, own)
        seen = [_HQ.values(row) for row in map(HqRow.of, rows) if row]
        await _INSERT_HQ.write(self._connection, self._tenant_id, seen)

    async def _delete(self, rows: list[SeriesRow]) -> None:
        if not rows:
            return
        keys = key_columns(_by_key(rows))
        await self._connection.execute(_DELETE_OWN, self._tenant_id, *keys)
        seen = [(row.series, row.month) for row in map(HqRow.of, rows) if row]
        if seen:
            await self._connection.execute(_DELETE_HQ, self._tenant_id, *key_columns(seen))


def _by_key(rows: Iterable[SeriesRow]) -> dict[Key, SeriesRow]:
    return {(row.series, row.way, row.key): row for row in rows}
