"""Figures and people of a partner and of one batch as known at random past positions of 100,000
events.

The peer is the fold from the beginning, which reads every event up to the position.
"""

import random
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from functools import partial
from statistics import median
from typing import TypeVar

from domain.kpi.catalog import NEWCOMER_FIGURES
from domain.kpi.evaluation import evaluate
from domain.kpi.evidence import Evidence
from domain.kpi.scheme.versions import Scheme
from infra.bench.measure import Figure, milliseconds, spread, timed
from infra.bench.place import Bench
from infra.bench.synthetic import SyntheticLog, make_log, make_tenants
from infra.readside.folding import tune_garbage_collector
from infra.readside.projector import Projector
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

R = TypeVar("R")

Read = Callable[[int], Awaitable[tuple[list[R], int]]]
"""Rows as known at a position, and the position."""


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
    work = _Work(bench, log)
    times, few, fewest = bench.size(500, 100), bench.size(100, 30), bench.size(50, 10)
    figures: list[Figure] = []
    for who, read, read_people, often, pages, limit in (
        ("the partner", work.state, work.everybody, few, fewest, 1_000.0),
        (f"a batch of {BATCH}", work.batch, work.people, times, times, 50.0),
    ):
        answers = await work.time(often, partial(work.answer, read))
        folds = await work.time(often // 10, partial(work.answer, work.fold))
        shown = await work.time(pages, partial(work.page, read_people))
        figures += spread(f"{part}: {who}", answers, limit)
        figures.append(
            milliseconds(f"{part}: {who}", "fold from the beginning, p50", median(folds))
        )
        figures.append(spread(f"{part}: people of {who}", shown, limit)[1])
    return figures


class _Work:
    def __init__(self, bench: Bench, log: SyntheticLog) -> None:
        self._db, self._travel, self._log = bench.app.db, bench.app.time_travel, log
        self._tenant = log.tenant_id
        self._chance = random.Random(1)  # noqa: S311 - a sample

    async def time(self, times: int, ask: Callable[[int], Awaitable[None]]) -> list[float]:
        """Milliseconds of a question about random positions."""
        positions = [self._chance.randint(1, self._log.events) for _ in range(times)]
        return [await timed(ask(position)) for position in positions]

    async def answer(self, read: Read[NewcomerRow], position: int) -> None:
        """The figures as known at a position."""
        rows, position = await read(position)
        versions, _ = await self._travel.state(self._tenant, SCHEMES, position)
        scheme = Scheme(tuple(row.version for row in versions))
        evaluate(NEWCOMER_FIGURES, Evidence([row.facts for row in rows], scheme=scheme), EVENING)

    async def page(self, read: Read[CohortRosterRow], position: int) -> None:
        """The first page of people, of an evening, as known at a position."""
        rows = [cohort_roster.as_of(row, EVENING) for row in (await read(position))[0]]
        TRAINEE_LIST.page_of([row for row in rows if row is not None], Paging(50))

    async def state(self, position: int) -> tuple[list[NewcomerRow], int]:
        """Travels from the last state that is kept."""
        return await self._travel.state(self._tenant, NEWCOMERS, position)

    async def fold(self, position: int) -> tuple[list[NewcomerRow], int]:
        """Travels from the beginning."""
        return await self._travel.fold(self._tenant, NEWCOMERS, position)

    async def batch(self, position: int) -> tuple[list[NewcomerRow], int]:
        """Travels by the streams of a batch's people."""
        streams = await self._members()
        return await self._travel.fold_streams(self._tenant, NEWCOMERS, streams, position)

    async def everybody(self, position: int) -> tuple[list[CohortRosterRow], int]:
        """The roster of the partner."""
        return await self._travel.state(self._tenant, COHORT_ROSTER, position)

    async def people(self, position: int) -> tuple[list[CohortRosterRow], int]:
        """The roster of a batch, with its former members."""
        streams = await self._members()
        return await self._travel.fold_streams(self._tenant, COHORT_ROSTER, streams, position)

    async def _members(self) -> list[str]:
        cohort_id = f"cohort-{self._chance.randrange(self._log.people // BATCH)}"
        async with self._db.tenant(self._tenant) as connection:
            return await list_member_ids(connection, self._tenant, cohort_ids=[cohort_id])
