"""The stored series of many partners: read, filled, and filled for one new KPI alone.

The peers compute the same: the figures' functions from the read model, and one SQL statement that
knows the order rate of logs in which nobody was moved, corrected or taken back.
"""

import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from domain.kernel.values import Month, Ratio
from domain.kpi.catalog import CATALOG
from domain.kpi.catalog.orders import ORDER_RATE
from domain.kpi.evaluation import Evaluated, evaluate_by
from domain.kpi.kpi import Kpi
from domain.people.partner import DEFAULT_ZONE
from infra.bench.measure import Figure, milliseconds, percentile, spread, timed
from infra.bench.place import Bench
from infra.bench.synthetic import SyntheticLog
from infra.readside.series import SeriesFiller
from projections.figures.evidence import SOURCES, get_evidence
from projections.figures.hq_series import list_league
from projections.figures.kpi_series import get_series
from projections.figures.newcomers import NEWCOMERS
from projections.kernel.progress import list_positions

EVENING = date(2026, 3, 16)
"""All windows of the made-up logs are closed."""

MONTHS = [Month(2024, 6), Month(2025, 3), Month(2025, 11)]
NOON = datetime(2026, 3, 16, 12, tzinfo=UTC)
WITH_NEW = (*CATALOG, msgspec.structs.replace(ORDER_RATE, slug="a_new_one"))
MOST_MILLISECONDS = {"series": 20.0, "league": 100.0}

_ORDER_RATES = f"""
    select to_char(first_live_on, 'YYYY-MM') as month, count(*) as went_live,
        count(*) filter (
            where coalesce((facts ->> 'left_on')::date > first_live_on + 29, true)
            and exists (
                select from json_array_elements(facts -> 'orders') as o
                where (o ->> 'closed_on')::date between first_live_on and first_live_on + 29
            )
        ) as ordered
    from {NEWCOMERS.table} where first_live_on is not null
"""  # noqa: S608 - a name of ours
BY_SQL = f"{_ORDER_RATES} and tenant_id = $1 group by 1 order by 1"
LEAGUE_BY_SQL = f"{_ORDER_RATES} group by tenant_id, 1"

Rates = dict[str, Ratio]


async def measure_series(bench: Bench, logs: Sequence[SyntheticLog], among: str) -> list[Figure]:
    """Milliseconds, and seconds for all partners."""
    tenants = [log.tenant_id for log in logs]
    work = _Work(bench, tenants)
    filling = [
        *await work.fill(f"{among}: filling {len(CATALOG)} KPIs", CATALOG),
        *await work.fill(f"{among}: one new KPI alone", WITH_NEW),
    ]
    await bench.analyze()
    async with bench.superuser() as connection:

        async def by_sql(tenant: UUID) -> Rates:
            rows = await connection.fetch(BY_SQL, tenant)
            return {row["month"]: Ratio(row["ordered"], row["went_live"]) for row in rows}

        answers = [await ask(tenants[-1]) for ask in (work.stored, work.computed, by_sql)]
        if answers[0] != answers[1] or answers[1] != answers[2]:
            raise RuntimeError("the peers answer something else")
        times = bench.size(1_000, 100)
        stored = await work.time(work.stored, times)
        computed = await work.time(work.computed, times // 20)
        by_statement = await work.time(by_sql, times // 20)
        leagues = await work.time(work.league, times // 5)
        whole = await timed(connection.fetch(LEAGUE_BY_SQL, timeout=1_200))
    looks = await work.time(work.look, times // 50)
    series, league = f"{among}: a partner's 24 months", f"{among}: a league"
    return [
        *filling,
        milliseconds(f"{among}: a look that finds nobody due", "p50", percentile(looks, 0.5)),
        *spread(series, stored, MOST_MILLISECONDS["series"], of="stored"),
        milliseconds(series, "computed p50", percentile(computed, 0.5)),
        milliseconds(series, "one SQL statement p50", percentile(by_statement, 0.5)),
        *spread(league, leagues, MOST_MILLISECONDS["league"], of="stored"),
        milliseconds(league, "one SQL statement, all months", whole),
    ]


class _Work:
    def __init__(self, bench: Bench, tenants: Sequence[UUID]) -> None:
        self._db, self._tenants = bench.app.db, tenants
        self._chance = random.Random(1)  # noqa: S311 - a sample
        self._idle = SeriesFiller(self._db, lambda: NOON, WITH_NEW)

    async def fill(self, part: str, kpis: Sequence[Kpi]) -> list[Figure]:
        """Fills the series of all partners, one after another."""
        filler = SeriesFiller(self._db, lambda: NOON, kpis)

        async def fill(tenant: UUID) -> None:
            if not await filler.fill(tenant):
                raise RuntimeError("nothing was due")

        values = [await timed(fill(tenant)) for tenant in self._tenants]
        total = round(sum(values) / 1e3, 1)
        return [
            milliseconds(part, "a partner p50", percentile(values, 0.5)),
            Figure(part=part, name="all partners", value=total, unit="s", lower_is_better=True),
        ]

    async def time(self, read: Callable[[UUID], Awaitable[object]], times: int) -> list[float]:
        """Milliseconds of a question about partners drawn at random."""
        drawn = self._chance.choices(self._tenants, k=max(times, 1))
        return [await timed(read(tenant)) for tenant in drawn]

    async def stored(self, tenant: UUID) -> Rates:
        async with self._db.snapshot(tenant) as connection:
            position = min(await list_positions(connection, tenant, SOURCES))
            found = await get_series(
                connection, tenant, way="month", kpis=[ORDER_RATE], day=EVENING, position=position
            )
        if found is None:
            raise RuntimeError("the series is not current")
        return _rates(found)

    async def computed(self, tenant: UUID) -> Rates:
        async with self._db.snapshot(tenant) as connection:
            evidence = await get_evidence(connection, tenant, ZoneInfo(DEFAULT_ZONE))
        return _rates(evaluate_by("month", [ORDER_RATE], evidence, EVENING))

    async def league(self, _: UUID) -> None:
        async with self._db.head_office() as connection:
            kpi, month = self._chance.choice(CATALOG), self._chance.choice(MONTHS)
            places = await list_league(connection, kpi=kpi, month=month)
        if len(places) != len(self._tenants):
            raise RuntimeError("partners are missing")

    async def look(self, _: UUID) -> None:
        if await self._idle.round():
            raise RuntimeError("somebody was due")


def _rates(found: Mapping[str, Evaluated]) -> Rates:
    return {key: one.figures[ORDER_RATE.slug].ratio for key, one in found.items()}
