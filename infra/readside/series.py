"""Fills the stored series of every tenant that has moved on, each KPI's by itself (decisions/0013).

What is due of a tenant is computed together from one reading, and the rows that differ are written
together with the checkpoints: whatever dies leaves the state before.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg

from domain.kpi.catalog import CATALOG
from domain.kpi.evaluation import evaluate_every_way
from domain.kpi.evidence import Basis
from domain.kpi.kpi import Kpi
from domain.people.partner import HEAD_OFFICE_ID
from infra.database.db import Database, TenantConnection, TransactionMode
from infra.database.retries import is_waited_for, kept_up
from infra.logging import Troubles
from infra.readside.checkpoints import names
from infra.readside.folding import Rows, Stop
from infra.readside.stored_rows import StoredRows
from projections.figures import hq_series, kpi_series
from projections.figures.evidence import SOURCES, get_evidence
from projections.figures.hq_series import HqRow, hq_rows
from projections.figures.kpi_series import MADE_OF, SeriesRow, rows_of
from projections.kernel.progress import list_positions
from projections.kernel.projection import Key

PAUSE = 2.0
"""Seconds between two looks when nothing was due: each goes over all tenants."""

QUIET = timedelta(seconds=1)
AT_MOST_EVERY = timedelta(seconds=15)
"""A tenant is filled once nothing has been recorded for a moment, and one that never rests so
often; who reads meanwhile has it computed."""

MOST = 50
"""Partners of one look; head office has no figures of its own."""

DUE = f"""
    select h.tenant_id, count(s.series) < cardinality($2::text[]) as incomplete
    from heads h
    join (
        select tenant_id, min(position) as position from checkpoints
        where projection = any($1::text[]) group by tenant_id
        having count(*) = cardinality($1::text[]) and min(position) = max(position)
    ) as source on source.tenant_id = h.tenant_id and source.position > 0
        and h.tenant_id <> '{HEAD_OFFICE_ID}'
    left join series_checkpoints s on s.tenant_id = h.tenant_id and s.series = any($2::text[])
    group by h.tenant_id, h.recorded_at, source.position
    having (
        count(s.series) < cardinality($2::text[])
        or bool_or(s.ends_at is null or s.ends_at <= $4 or s.position <> source.position
            or s.made_of <> $3)
    ) and (
        h.recorded_at < now() - $5::interval
        or coalesce(max(s.filled_at), '-infinity') < now() - $6::interval
    )
    order by random() limit $7
"""  # noqa: S608 - an id of ours
_MAKE = """
    insert into series_checkpoints (tenant_id, series) values ($1, $2) on conflict do nothing
"""
_LOCK = """
    select series from series_checkpoints
    where tenant_id = $1 and series = any($2::text[])
        and (position, day, made_of) is distinct from ($3::bigint, $4::date, $5::text)
    for update skip locked
"""
_MOVE = """
    update series_checkpoints
    set position = $3, day = $4, made_of = $5, ends_at = $6, filled_at = now()
    where tenant_id = $1 and series = any($2::text[])
"""
UNFILLED = f"""
    select count(*) from heads h where h.position > 0 and h.tenant_id <> '{HEAD_OFFICE_ID}' and (
        select count(*) from series_checkpoints s where s.tenant_id = h.tenant_id
            and s.series = any($1::text[]) and s.position = h.position
    ) < cardinality($1::text[])
"""  # noqa: S608 - an id of ours
_FORGET = "update series_checkpoints set position = null, ends_at = null where tenant_id = $1"


OWN = StoredRows(kpi_series.TABLE, SeriesRow, kpi_series.KEY)
HEAD_OFFICES = StoredRows(hq_series.TABLE, HqRow, hq_series.KEY)
"""The rows of the series: the partner's, and the part that head office sees."""


class SeriesFiller:
    """Any number of them share the work. clock: says which day it is for a partner."""

    def __init__(
        self, db: Database, clock: Callable[[], datetime], kpis: Sequence[Kpi] = CATALOG
    ) -> None:
        self._db = db
        self._clock = clock
        self._kpis = {kpi.series: kpi for kpi in kpis}
        self._troubles = Troubles("series")

    async def run(self) -> None:
        """Works until it is cancelled."""
        while True:
            if not await kept_up(self.round):
                await asyncio.sleep(PAUSE)

    async def round(self) -> int:
        """Some of the tenants that are due, in any order; answers how many series were filled."""
        async with self._db.across() as connection:
            due = await connection.fetch(
                DUE,
                names(SOURCES),
                list(self._kpis),
                MADE_OF,
                self._clock(),
                QUIET,
                AT_MOST_EVERY,
                MOST,
            )
        return sum([await self._one_of_many(row["tenant_id"], row["incomplete"]) for row in due])

    async def fill(self, tenant_id: UUID, *, incomplete: bool = True) -> int:
        """One tenant's series that are due, however busy it is; answers how many they were.

        incomplete: whether some have no checkpoint yet.
        """
        if incomplete:
            async with self._db.tenant(tenant_id) as tenant:
                await tenant.executemany(_MAKE, [(one,) for one in self._kpis])
        try:
            async with self._db.tenant(tenant_id, TransactionMode.REPEATABLE_READ) as tenant:
                return await self._fill(tenant)
        except asyncpg.SerializationError:
            # Another filler was faster.
            return 0

    async def _fill(self, tenant: TenantConnection) -> int:
        positions = await list_positions(tenant, SOURCES)
        if len(set(positions)) > 1:
            return 0
        zone = ZoneInfo(await tenant.zone())
        day = self._clock().astimezone(zone).date()
        shown = (positions[0], day, MADE_OF)
        due = await tenant.fetch(_LOCK, list(self._kpis), *shown)
        if not due:
            return 0
        series = [row["series"] for row in due]
        kpis = [self._kpis[name] for name in series]
        evidence = await get_evidence(tenant, zone)
        # In a thread, so that whoever shares the process goes on meanwhile.
        found = await asyncio.to_thread(evaluate_every_way, kpis, Basis(evidence, day, today=day))
        await _replace(tenant, series, rows_of(kpis, found))
        ends_at = datetime.combine(day + timedelta(days=1), time(), zone)
        await tenant.execute(_MOVE, series, *shown, ends_at)
        return len(series)

    async def _one_of_many(self, tenant_id: UUID, incomplete: bool) -> int:
        try:
            return await self.fill(tenant_id, incomplete=incomplete)
        except Exception as error:
            if is_waited_for(error):
                raise
            # No tenant's trouble is another's; its figures are computed when they are asked for.
            kind = Stop(0, error).kind
            self._troubles.report("series_failed", tenant_id, kind)
            return 0


async def forget_series(tenant: TenantConnection) -> None:
    """Has a tenant's series filled again, because the read models below them were rebuilt."""
    await tenant.execute(_FORGET)


async def count_behind(db: Database) -> int:
    """The tenants whose series, or some of them, are not of the newest position; for metrics."""
    async with db.across() as connection:
        behind: int = await connection.fetchval(UNFILLED, [kpi.series for kpi in CATALOG])
    return behind


async def _replace(tenant: TenantConnection, series: list[str], rows: dict[Key, SeriesRow]) -> None:
    """Makes these the only rows of these series, for the partner and for head office; writes the
    differing ones."""
    known = OWN.by_key(await tenant.fetch(f"{OWN.select} and series = any($2::text[])", series))
    changed: Rows[SeriesRow] = {key: None for key in known if key not in rows}
    changed |= {key: row for key, row in rows.items() if known.get(key) != row}
    await OWN.write(tenant, changed)
    await HEAD_OFFICES.write(tenant, hq_rows(changed))
