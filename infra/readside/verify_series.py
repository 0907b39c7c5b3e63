"""Comparing the stored series with the log, from which alone the peers are computed."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
from msgspec.structs import replace

from domain.kpi.catalog import CATALOG
from domain.kpi.evaluation import evaluate_every_way
from domain.kpi.kpi import Kpi
from infra.database.db import Database, zone_of
from infra.database.retries import DATABASE_ERRORS
from infra.log.feed import position_at
from infra.readside.time_travel import TimeTravel
from infra.readside.verify import RowDifference, Verified, compared
from projections.figures import hq_series, kpi_series
from projections.figures.hq_series import HqRow
from projections.figures.kpi_series import SeriesRow, rows_of
from projections.kernel.rows import selected
from services.reading.evidence import evidence_at

NAME = kpi_series.TABLE
NAMELESS = ("manager", "training_manager")
"""Ways whose keys are people: a finding names the series and the way alone."""

Stand = tuple[int, date]


class _Stored(msgspec.Struct, frozen=True):
    """The tenant's rows, its zone and what each series shows, as they were at one moment."""

    own: list[asyncpg.Record]
    seen: list[asyncpg.Record]
    stands: dict[Stand, list[Kpi]]
    zone: str
    head: int


class SeriesVerifier:
    """Reads only."""

    def __init__(self, db: Database, travel: TimeTravel) -> None:
        self._db = db
        self._travel = travel

    async def verify(self, tenant_id: UUID) -> Verified:
        """Compares the series of the catalog, each of the evening and position that it shows, and
        what head office sees of them."""
        stored = await self._read(tenant_id)
        position = min((at for at, _ in stored.stands), default=0)
        behind = stored.head - position if stored.stands else 0
        rows: list[SeriesRow] = []
        try:
            for (at, day), kpis in stored.stands.items():
                evidence = await evidence_at(
                    self._travel, tenant_id, at, stored.zone, from_log=True
                )
                rows += rows_of(kpis, evaluate_every_way(kpis, evidence, day))
        except DATABASE_ERRORS:
            raise
        except Exception as error:
            kind = type(error).__name__
            return Verified(tenant_id, NAME, position, behind, 0, error=kind)
        findings = _findings(stored, rows)
        return Verified(tenant_id, NAME, position, behind, len(rows), tuple(findings))

    async def _read(self, tenant_id: UUID) -> _Stored:
        known = {kpi.series: kpi for kpi in CATALOG}
        async with self._db.snapshot(tenant_id) as connection:
            stands: dict[Stand, list[Kpi]] = {}
            for row in await connection.fetch(
                "select series, position, day from series_checkpoints"
                " where tenant_id = $1 and series = any($2::text[]) and position is not null",
                tenant_id,
                list(known),
            ):
                stands.setdefault((row["position"], row["day"]), []).append(known[row["series"]])
            filled = [kpi.series for kpis in stands.values() for kpi in kpis]
            return _Stored(
                own=await _rows(connection, tenant_id, kpi_series.TABLE, SeriesRow, filled),
                seen=await _rows(connection, tenant_id, hq_series.TABLE, HqRow, filled),
                stands=stands,
                zone=await zone_of(connection, tenant_id),
                head=await position_at(connection, tenant_id, None),
            )


async def _rows(
    connection: asyncpg.Connection,
    tenant_id: UUID,
    table: str,
    row_type: type[msgspec.Struct],
    series: Sequence[str],
) -> list[asyncpg.Record]:
    return list(
        await connection.fetch(
            f"select {selected(row_type)} from {table}"  # noqa: S608 - names of ours
            " where tenant_id = $1 and series = any($2::text[])",
            tenant_id,
            series,
        )
    )


def _findings(stored: _Stored, rows: list[SeriesRow]) -> list[RowDifference]:
    own = {(row.series, row.way, row.key): row for row in rows}
    seen = {(row.series, row.month): row for row in map(HqRow.of, rows) if row}
    found: list[RowDifference] = [
        *compared(SeriesRow, kpi_series.KEY, kpi_series.TABLE, stored.own, own),
        *compared(HqRow, hq_series.KEY, hq_series.TABLE, stored.seen, seen),
    ]
    return [_nameless(finding) for finding in found]


def _nameless(finding: RowDifference) -> RowDifference:
    key: tuple[Any, ...] = finding.key
    return replace(finding, key=key[:2]) if key[1] in NAMELESS else finding
