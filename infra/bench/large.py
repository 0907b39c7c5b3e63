"""1,000 partners with 10,000,000 events: the past, the series and head office's leagues there.

The logs are made up by the database itself, past every policy; the read models that are measured
(newcomers and what else figures are made of) are folded from all of them, as `chudan rebuild` and
the projector do. Nobody in these logs holds classes. The past is asked for at random positions of
the largest log, of the whole partner and of one batch. Its peer is the fold from the beginning;
that of the series is one SQL statement, which knows the order rate of logs in which nobody was
moved, corrected or taken back. Both must answer the same.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from statistics import median
from typing import Any
from uuid import UUID

from domain.kernel.values import Month, Ratio
from domain.kpi.catalog import CATALOG, NEWCOMER_FIGURES
from domain.kpi.catalog.orders import ORDER_RATE
from domain.kpi.evaluation import evaluate
from domain.kpi.evidence import Basis, Evidence
from domain.kpi.scheme.versions import Scheme
from infra.bench.measure import Figure, beside, milliseconds, percentile, spread, timed
from infra.bench.place import Bench
from infra.bench.projecting import project, rebuild
from infra.bench.synthetic import SyntheticLog, make_log, make_tenants
from infra.readside.projector import Projector
from infra.readside.series import SeriesFiller
from projections.figures.evidence import SOURCES
from projections.figures.hq_series import list_league
from projections.figures.kpi_series import get_series
from projections.figures.newcomers import NEWCOMERS, NewcomerRow
from projections.figures.schemes import SCHEMES
from projections.kernel.paging import Paging
from projections.kernel.progress import list_positions
from projections.kernel.projection import Projection, R
from projections.trainees import cohort_roster
from projections.trainees.cohort_members import COHORT_MEMBERS, MEMBERS
from projections.trainees.cohort_roster import ROSTER, TRAINEE_LIST, TraineeRow

DAY = date(2026, 1, 5)
"""When the last batches entered."""

EVENING = date(2026, 3, 16)
"""All windows of the made-up logs are closed."""

NOON = datetime(2026, 3, 16, 12, tzinfo=UTC)
MONTHS, LEAGUES = 24, [Month(2024, 6), Month(2025, 3), Month(2025, 11)]
BATCH = 30
"""People of one batch; each lives through seven or eight events."""

PEOPLE, PEOPLE_OF_LARGEST = 1_353, 13_650
"""Of a partner: 9,922 events; of the one whose past is asked for: 100,100."""

OF_PARTNER, OF_BATCH, OF_SERIES, OF_LEAGUE = 1_000.0, 50.0, 20.0, 100.0
"""Most milliseconds of an answer from the past, and from stored series."""


FOLD, BY_SQL = "fold from the beginning", "one SQL statement"
PAIRS = 10
"""Questions that the peers are asked too."""

_ORDER_RATES = f"""
    select to_char(first_live_on, 'YYYY-MM') as month, count(*) as went_live,
        count(*) filter (
            where coalesce((facts ->> 'left_on')::date > first_live_on + 29, true)
            and exists (
                select from json_array_elements(facts -> 'orders') as o
                where (o ->> 'closed_on')::date between first_live_on and first_live_on + 29
            )
        ) as ordered
    from {NEWCOMERS.table} where tenant_id = $1 and first_live_on is not null group by 1
"""  # noqa: S608 - a name of ours


async def run(bench: Bench) -> list[Figure]:
    """Milliseconds of a whole answer, and how fast what it is read from was made."""
    making = asyncio.ensure_future(_make_logs(bench))
    made = await timed(making)
    work = _Work(bench, making.result())
    built = await timed(work.build())
    events = sum(log.events for log in work.logs)
    among = f"{len(work.logs):,} partners, {events:,} events"
    took = [
        Figure(part=among, name=name, value=round(events / spent * 1e3, 1), unit="events/s")
        for name, spent in (
            ("logs made up by SQL", made),
            ("what figures are made of, from the logs", built),
        )
    ]
    past = f"{among}: past of {work.largest.events:,}"
    return [*took, *await work.past(past), *await work.series(among)]


async def _make_logs(bench: Bench) -> list[SyntheticLog]:
    async with bench.superuser() as connection:
        largest, *others = await make_tenants(connection, "large-", bench.size(1_000, 30))
        sizes = [(largest, bench.size(PEOPLE_OF_LARGEST, PEOPLE)), *((t, PEOPLE) for t in others)]
        logs = [
            await make_log(connection, tenant, people, DAY, people // BATCH, MONTHS)
            for tenant, people in sizes
        ]
    await bench.analyze("events")
    return logs


class _Work:
    def __init__(self, bench: Bench, logs: list[SyntheticLog]) -> None:
        self._bench, self.logs, self.largest = bench, logs, logs[0]
        self._db, self._travel = bench.app.db, bench.app.time_travel
        self._tenants = [log.tenant_id for log in logs]
        self._chance = random.Random(1)  # noqa: S311 - a sample

    async def build(self) -> None:
        await rebuild(self._bench, NEWCOMERS, self._tenants)
        await project(self._bench, SOURCES, batch=1_000_000)
        of_largest: list[Projection[Any]] = [COHORT_MEMBERS, ROSTER]
        projector = Projector(self._db, self._bench.app.log, of_largest)
        await projector.catch_up(self.largest.tenant_id)
        await self._bench.analyze()

    async def past(self, part: str) -> list[Figure]:
        """Figures, and the first page of people, as known at random positions."""
        often, few, fewest = (self._bench.size(*n) for n in ((500, 100), (100, 30), (50, 10)))
        figures: list[Figure] = []
        for who, is_batch, answers, pages, most in (
            ("the partner", False, few, fewest, OF_PARTNER),
            (f"a batch of {BATCH}", True, often, often, OF_BATCH),
        ):
            answered = await self._time(answers, partial(self._figures, is_batch))
            shown = await self._time(pages, partial(self._people, is_batch))
            folded = median([await self._beside_fold(is_batch) for _ in range(PAIRS)])
            figures += spread(f"{part}: {who}", answered, most, ratios={FOLD: round(folded, 2)})
            figures += spread(f"{part}: people of {who}", shown, most)[1:]
        return figures

    async def series(self, among: str) -> list[Figure]:
        """The stored series of many partners: filled, one after another, and read."""
        filler = SeriesFiller(self._db, lambda: NOON)
        filled = [await timed(_fill(filler, tenant)) for tenant in self._tenants]
        await self._bench.analyze()
        times = self._bench.size(1_000, 100)
        read = await self._time(times, lambda: self._stored(self._chance.choice(self._tenants)))
        leagues = await self._time(times // 5, self._league)
        asked = self._chance.choices(self._tenants, k=PAIRS)
        by_sql = median([await beside(self._stored(one), self._by_sql(one)) for one in asked])
        part = f"{among}: filling {len(CATALOG)} KPIs"
        total = round(sum(filled) / 1e3, 1)
        return [
            milliseconds(part, "a partner p50", percentile(filled, 0.5)),
            Figure(part=part, name="all partners", value=total, unit="s", lower_is_better=True),
            *spread(
                f"{among}: a partner's 24 months",
                read,
                OF_SERIES,
                of="stored",
                ratios={BY_SQL: round(by_sql, 2)},
            ),
            *spread(f"{among}: a league", leagues, OF_LEAGUE, of="stored"),
        ]

    async def _time(self, times: int, ask: Callable[[], Awaitable[object]]) -> list[float]:
        return [await timed(ask()) for _ in range(times)]

    async def _figures(self, is_batch: bool) -> None:
        rows, position = await self._rows(NEWCOMERS, is_batch)
        versions, _ = await self._travel.state(self.largest.tenant_id, SCHEMES, position)
        scheme = Scheme(tuple(row.version for row in versions))
        evidence = Evidence([row.facts for row in rows], scheme=scheme)
        evaluate(NEWCOMER_FIGURES, Basis(evidence, DAY + timedelta(days=45)))

    async def _people(self, is_batch: bool) -> None:
        found, _ = await self._rows(ROSTER, is_batch)
        rows = [cohort_roster.as_of(row, DAY + timedelta(days=45)) for row in found]
        present: list[TraineeRow] = TRAINEE_LIST.of(row for row in rows if row is not None)
        TRAINEE_LIST.page_of(TRAINEE_LIST.in_order(present), Paging(50))

    async def _rows(self, projection: Projection[R], is_batch: bool) -> tuple[list[R], int]:
        position, streams = await self._moment(is_batch)
        return await self._known(projection, position, streams), position

    async def _beside_fold(self, is_batch: bool) -> float:
        position, streams = await self._moment(is_batch)

        async def known() -> list[NewcomerRow]:
            return sorted(await self._known(NEWCOMERS, position, streams), key=NEWCOMERS.key_of)

        async def folded() -> list[NewcomerRow]:
            rows, _ = await self._travel.fold(self.largest.tenant_id, NEWCOMERS, position)
            wanted = [row for row in rows if streams is None or row.trainee_id in streams]
            return sorted(wanted, key=NEWCOMERS.key_of)

        return await beside(known(), folded())

    async def _moment(self, is_batch: bool) -> tuple[int, list[str] | None]:
        """A random position, and a random batch's former and present people; None: everybody."""
        tenant, position = self.largest.tenant_id, self._chance.randint(1, self.largest.events)
        if not is_batch:
            return position, None
        cohort_id = f"cohort-{self._chance.randrange(self.largest.people // BATCH)}"
        async with self._db.tenant(tenant) as connection:
            return position, await MEMBERS.ids(connection, [cohort_id])

    async def _known(
        self, projection: Projection[R], position: int, streams: list[str] | None
    ) -> list[R]:
        """Everybody from the last state that is kept, some from their streams."""
        tenant, travel = self.largest.tenant_id, self._travel
        if streams is None:
            return (await travel.state(tenant, projection, position))[0]
        its = projection.streams_of(streams)
        return (await travel.fold_streams(tenant, projection, its, position))[0]

    async def _stored(self, tenant: UUID) -> dict[str, Ratio]:
        async with self._db.snapshot(tenant) as connection:
            position = min(await list_positions(connection, SOURCES))
            found = await get_series(
                connection, way="month", kpis=[ORDER_RATE], day=EVENING, position=position
            )
        if found is None:
            raise RuntimeError("the series is not current")
        return {month: one[ORDER_RATE.slug].ratio for month, one in found.items()}

    async def _by_sql(self, tenant: UUID) -> dict[str, Ratio]:
        async with self._db.snapshot(tenant) as connection:
            rows = await connection.fetch(_ORDER_RATES)
        return {row["month"]: Ratio(row["ordered"], row["went_live"]) for row in rows}

    async def _league(self) -> None:
        async with self._db.head_office() as connection:
            kpi, month = self._chance.choice(CATALOG), self._chance.choice(LEAGUES)
            places = await list_league(connection, kpi=kpi, month=month)
        if len(places) != len(self._tenants):
            raise RuntimeError("partners are missing")


async def _fill(filler: SeriesFiller, tenant: UUID) -> None:
    if not await filler.fill(tenant):
        raise RuntimeError("nothing was due")
