"""1,000 partners with 10,000,000 events: the past, the series and head office's leagues there.

The logs are made up by the database itself, past every policy; the read models that are measured
(newcomers and what else figures are made of) are folded from all of them, as `chudan rebuild` and
the projector do. Nobody in these logs holds classes, and no other read model is built.
"""

import time
from datetime import date

from infra.bench.measure import Figure
from infra.bench.place import Bench
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
    started = time.perf_counter()
    logs = await _make_logs(bench)
    made = time.perf_counter()
    await _build(bench, logs)
    built = time.perf_counter()
    events = sum(log.events for log in logs)
    among = f"{len(logs):,} partners, {events:,} events"
    took = [
        Figure(part=among, name=name, value=round(events / seconds, 1), unit="events/s")
        for name, seconds in (
            ("logs made up by SQL", made - started),
            ("what figures are made of, from the logs", built - made),
        )
    ]
    past = await measure_past(bench, logs[0], f"{among}: past of {logs[0].events:,}")
    return [*took, *past, *await measure_series(bench, logs, among)]


async def _make_logs(bench: Bench) -> list[SyntheticLog]:
    partners = bench.size(1_000, 30)
    async with bench.superuser() as connection:
        largest, *others = await make_tenants(connection, "large-", partners)
        people = bench.size(PEOPLE_OF_LARGEST, PEOPLE)
        logs = [await make_log(connection, largest, people, DAY, people // BATCH, MONTHS)]
        for tenant in others:
            batches = PEOPLE // BATCH
            logs.append(await make_log(connection, tenant, PEOPLE, DAY, batches, MONTHS))
    await bench.analyze("events")
    return logs


async def _build(bench: Bench, logs: list[SyntheticLog]) -> None:
    tenants = [log.tenant_id for log in logs]
    async for rebuilt in bench.app.rebuilder.rebuild(NEWCOMERS, tenants):
        if rebuilt.error:
            raise RuntimeError(rebuilt.error)
    projector = Projector(bench.app.db, bench.app.log, SOURCES, batch=1_000_000)
    while await projector.round():
        pass
    await Projector(bench.app.db, bench.app.log, [COHORT_MEMBERS]).catch_up(tenants[0])
    await bench.analyze()
