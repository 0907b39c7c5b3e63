"""Figures and people of a partner and of one batch as known at random past positions of 100,000
events.

The peer is the fold from the beginning, which reads every event up to the position.
"""

import random
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from statistics import median

from domain.kpi.catalog import NEWCOMER_FIGURES
from domain.kpi.evaluation import evaluate
from domain.kpi.evidence import Evidence
from domain.kpi.scheme.versions import Scheme
from infra.bench.measure import Figure, milliseconds, percentile, timed
from infra.bench.place import Bench
from infra.bench.synthetic import SyntheticLog, make_log, make_tenants
from infra.readside.projector import Projector
from infra.servers.garbage_collector import tune_garbage_collector
from projections.figures.newcomers import NEWCOMERS, NewcomerRow
from projections.figures.schemes import SCHEMES
from projections.kernel.paging import Paging
from projections.trainees import cohort_roster
from projections.trainees.cohort_members import COHORT_MEMBERS, list_member_ids
from projections.trainees.cohort_roster import COHORT_ROSTER, TRAINEE_LIST, CohortRosterRow

DAY = date(2026, 1, 5)
EVENING = DAY + timedelta(days=45)
BATCH = 30
"""People of one batch; each lives through seven or eight events."""

Rows = tuple[list[NewcomerRow], int]


async def run(bench: Bench) -> list[Figure]:
    """Milliseconds of a whole answer: rows, scheme and figures, at one random position each."""
    people = bench.size(13_650, 1_350)
    async with bench.superuser() as connection:
        (tenant,) = await make_tenants(connection, "past-", 1)
        log = await make_log(connection, tenant, people, DAY, people // BATCH)
    projector = Projector(
        bench.app.db, bench.app.log, [NEWCOMERS, SCHEMES, COHORT_MEMBERS, COHORT_ROSTER]
    )
    await projector.catch_up(tenant)
    await bench.analyze()
    return await measure_past(bench, log, f"past of {log.events:,} events")


async def measure_past(bench: Bench, log: SyntheticLog, part: str) -> list[Figure]:
    """The lines of one partner with built read models, in batches of BATCH people."""
    tune_garbage_collector()  # As the API's process does.
    work = _Work(bench, log, part)
    partner, batch = "the partner", f"a batch of {BATCH}"
    return [
        *await work.measure(partner, work.state, bench.size(100, 30), limit=1_000.0),
        *await work.measure(batch, work.batch, bench.size(500, 100), limit=50.0),
        work.line(
            f"people of {partner}",
            await work.pages(work.everybody, bench.size(50, 10)),
            limit=1_000.0,
        ),
        work.line(
            f"people of {batch}", await work.pages(work.people, bench.size(500, 100)), limit=50.0
        ),
    ]


class _Work:
    def __init__(self, bench: Bench, log: SyntheticLog, part: str) -> None:
        self._bench, self._log, self._part = bench, log, part
        self._chance = random.Random(1)  # noqa: S311 - a sample
        self._travel = bench.app.time_travel

    async def measure(
        self, who: str, read: Callable[[int], Awaitable[Rows]], times: int, limit: float
    ) -> list[Figure]:
        """The lines of one way to read the rows, and of the fold from the beginning."""
        values, peer = [], []
        for number in range(times):
            position = self._chance.randint(1, self._log.events)
            values.append(await timed(self._answer(read, position)))
            if number % 10 == 0:
                peer.append(await timed(self._answer(self._fold, position)))
        part = f"{self._part}: {who}"
        return [
            milliseconds(part, "p50", percentile(values, 0.5)),
            milliseconds(part, "p99", percentile(values, 0.99), limit),
            milliseconds(part, "fold from the beginning, p50", median(peer)),
        ]

    def line(self, who: str, values: list[float], limit: float) -> Figure:
        """The time that 99 of a hundred answers stay below."""
        return milliseconds(f"{self._part}: {who}", "p99", percentile(values, 0.99), limit)

    async def pages(
        self, read: Callable[[int], Awaitable[list[CohortRosterRow]]], times: int
    ) -> list[float]:
        """Milliseconds of first pages, of an evening, at random positions."""
        positions = [self._chance.randint(1, self._log.events) for _ in range(times)]
        return [await timed(self._page(read, position)) for position in positions]

    @staticmethod
    async def _page(read: Callable[[int], Awaitable[list[CohortRosterRow]]], position: int) -> None:
        rows = [cohort_roster.as_of(row, EVENING) for row in await read(position)]
        TRAINEE_LIST.page_of([row for row in rows if row is not None], Paging(50))

    async def everybody(self, position: int) -> list[CohortRosterRow]:
        """The roster of the partner as known at a position."""
        rows, _ = await self._travel.state(self._log.tenant_id, COHORT_ROSTER, position)
        return rows

    async def people(self, position: int) -> list[CohortRosterRow]:
        """The roster of a batch, with its former members, as known at a position."""
        streams = await self._members()
        tenant_id = self._log.tenant_id
        rows, _ = await self._travel.fold_streams(tenant_id, COHORT_ROSTER, streams, position)
        return rows

    async def state(self, position: int) -> Rows:
        """From the last state that is kept."""
        return await self._travel.state(self._log.tenant_id, NEWCOMERS, position)

    async def batch(self, position: int) -> Rows:
        """From the streams of a batch's people."""
        streams = await self._members()
        return await self._travel.fold_streams(self._log.tenant_id, NEWCOMERS, streams, position)

    async def _members(self) -> list[str]:
        cohort_id = f"cohort-{self._chance.randrange(self._log.people // BATCH)}"
        async with self._bench.app.db.tenant(self._log.tenant_id) as connection:
            return await list_member_ids(connection, self._log.tenant_id, cohort_ids=[cohort_id])

    async def _fold(self, position: int) -> Rows:
        return await self._travel.fold(self._log.tenant_id, NEWCOMERS, position)

    async def _answer(self, read: Callable[[int], Awaitable[Rows]], position: int) -> None:
        rows, position = await read(position)
        versions, _ = await self._travel.state(self._log.tenant_id, SCHEMES, position)
        scheme = Scheme(tuple(row.version for row in versions))
        evidence = Evidence([row.facts for row in rows], scheme=scheme)
        evaluate(NEWCOMER_FIGURES, evidence, EVENING)
