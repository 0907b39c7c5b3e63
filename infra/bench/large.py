"""1,000 partners with 10,000,000 events: the past, the series and head office's leagues there.

The logs are made up by the database itself, past every policy; the read models that are measured
(newcomers and what else figures are made of) are folded from all of them, as `chudan rebuild` and
the projector do. Nobody in these logs holds classes, and no other read model is built.
"""

import asyncio
from datetime import date

from infra.bench.measure import Figure, timed
from infra.bench.place import Bench
from infra.bench.projecting import project, rebuild
from infra.bench.series import measure_series
from infra.bench.synthetic import SyntheticLog, make_log, make_tenants
from infra.bench.travelling import BATCH, measure_past
from infra.readside.projector import Projector
from projections.figures.evidence import SOURCES
from projections.figures.newcomers import NEWCOMERS
from projections.trainees.cohort_members import COHORT_MEMBERS

DAY = date(2026, 1, 5)
"""When the last batches entered."""

MONTHS = 24
PEOPLE, PEOPLE_OF_LARGEST = 1_353, 13_650
"""Of a partner: 9,922 events; of the one whose past is asked for: 100,100."""


async def run(bench: Bench) -> list[Figure]:
    """The times of the past in milliseconds, and what measure_series answers."""
    making = asyncio.ensure_future(_make_logs(bench))
    made = await timed(making)
    logs = making.result()
    built = await timed(_build(bench, logs))
    events = sum(log.events for log in logs)
    among = f"{len(logs):,} partners, {events:,} events"
    took = [
        Figure(part=among, name=name, value=round(events / spent * 1e3, 1), unit="events/s")
        for name, spent in (
            ("logs made up by SQL", made),
            ("what figures are made of, from the logs", built),
        )
    ]
    past = await measure_past(bench, logs[0], f"{among}: past of {logs[0].events:,}")
    return [*took, *past, *await measure_series(bench, logs, among)]


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


async def _build(bench: Bench, logs: list[SyntheticLog]) -> None:
    tenants = [log.tenant_id for log in logs]
    await rebuild(bench, NEWCOMERS, tenants)
    await project(bench, SOURCES, batch=1_000_000)
    await Projector(bench.app.db, bench.app.log, [COHORT_MEMBERS]).catch_up(tenants[0])
    await bench.analyze()
