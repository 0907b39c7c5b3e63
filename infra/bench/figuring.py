"""Figures at 1,000 partners and 1,000,000 trainees: one cohort's, and a partner's 24 months; and
what a question about a large partner takes of the processor."""

import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date, timedelta
from statistics import median
from typing import Any

import asyncpg

from domain.kpi.catalog import NEWCOMER_FIGURES
from domain.kpi.catalog.orders import ORDER_RATE
from domain.kpi.evaluation import evaluate, evaluate_days, evaluate_ways
from domain.kpi.evidence import Basis, Evidence
from domain.kpi.group import Group, Way
from infra.bench.measure import Figure, milliseconds, spread
from infra.bench.place import Bench
from infra.bench.synthetic import make_newcomers, make_tenants
from infra.bootstrap import tune_garbage_collector
from projections.figures.newcomers import list_newcomers
from projections.figures.schemes import get_scheme

DAY = date(2026, 7, 10)
MOST_MILLISECONDS = 20.0
LARGE, EVENINGS = 14_000, 92
MOST_OF_ONE_EVENING, MOST_OF_EVENINGS = 100.0, 500.0
WAYS: tuple[Way, ...] = ("all", "month", "cohort", "manager")


async def run(bench: Bench) -> list[Figure]:
    """Milliseconds: the database's part (its answers waited for) and the whole."""
    partners, each = bench.size(1_000, 100), 1_000
    async with bench.superuser() as connection:
        tenants = await make_tenants(connection, "figures-", partners)
        await make_newcomers(connection, tenants, each, DAY)
    figures: list[Figure] = []
    for name, cohort, most in (
        ("one cohort", "B-3-1", None),
        ("24 months of a partner", None, MOST_MILLISECONDS),
    ):
        part = f"figures at {partners * each:,} trainees: {name}"
        in_database, in_all = [], []
        for tenant in random.Random(1).choices(tenants, k=bench.size(1_000, 200)):  # noqa: S311
            started = time.perf_counter()
            async with bench.app.db.tenant(tenant) as connection:
                connection.plain = waiting = _Timed(connection.plain)
                scheme = await get_scheme(connection)
                newcomers = await list_newcomers(connection, cohort=cohort)
            evidence = Evidence(newcomers, scheme=scheme)
            evaluate_ways(WAYS, NEWCOMER_FIGURES, Basis(evidence, DAY, Group(cohort=cohort)))
            in_database.append(waiting.milliseconds)
            in_all.append((time.perf_counter() - started) * 1e3)
        figures += spread(part, in_database, most, of="database")
        figures += spread(part, in_all, of="whole")
    return figures + await _of_a_large_partner(bench)


async def _of_a_large_partner(bench: Bench) -> list[Figure]:
    """Milliseconds of the processor for one figure, of everybody's facts at hand; garbage is
    collected as a server collects it."""
    tune_garbage_collector()
    async with bench.superuser() as connection:
        tenants = await make_tenants(connection, "large-", 1)
        await make_newcomers(connection, tenants, LARGE, DAY)
    async with bench.app.db.tenant(tenants[0]) as connection:
        newcomers = await list_newcomers(connection)
    one, since = [ORDER_RATE], DAY - timedelta(days=EVENINGS - 1)
    figures = []
    for name, most, count in (
        ("one evening", MOST_OF_ONE_EVENING, lambda basis: evaluate(one, basis)),
        (f"{EVENINGS} evenings", MOST_OF_EVENINGS, lambda basis: evaluate_days(one, basis, since)),
    ):
        taken = []
        for _ in range(bench.rounds):
            basis = Basis(Evidence(newcomers), DAY)
            started = time.process_time()
            count(basis)
            taken.append((time.process_time() - started) * 1e3)
        part = f"a figure of {LARGE:,} newcomers, processor"
        figures.append(milliseconds(part, name, median(taken), most))
    return figures


class _Timed:
    """A connection that adds up how long its answers are waited for."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection
        self.milliseconds = 0.0

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        ask = getattr(self._connection, name)

        async def wait(*words: Any) -> Any:
            started = time.perf_counter()
            answer = await ask(*words)
            self.milliseconds += (time.perf_counter() - started) * 1e3
            return answer

        return wait

    async def cursor(self, *words: Any, prefetch: int) -> AsyncIterator[Any]:
        """Its rows, each waited for."""
        started = time.perf_counter()
        async for row in self._connection.cursor(*words, prefetch=prefetch):
            self.milliseconds += (time.perf_counter() - started) * 1e3
            yield row
            started = time.perf_counter()
