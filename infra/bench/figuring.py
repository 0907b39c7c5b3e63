"""Figures at 1,000 partners and 1,000,000 trainees: one cohort's, and a partner's 24 months."""

import random
import time
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import asyncpg

from domain.kpi.catalog import NEWCOMER_FIGURES
from domain.kpi.evaluation import evaluate_ways
from domain.kpi.evidence import Basis, Evidence
from domain.kpi.group import Group, Way
from infra.bench.measure import Figure, spread
from infra.bench.place import Bench
from infra.bench.synthetic import make_newcomers, make_tenants
from projections.figures.newcomers import list_newcomers
from projections.figures.schemes import get_scheme

DAY = date(2026, 7, 10)
MOST_MILLISECONDS = 20.0
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
