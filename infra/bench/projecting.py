"""Projector catch-up and rebuild of `newcomers`, beside one upsert per event and bare fetching."""

import time
from datetime import date

from infra.bench.measure import Contender, Figure, compared, interleaved
from infra.bench.place import Bench
from infra.bench.synthetic import SyntheticLog, make_log, make_tenants
from infra.log.feed import Feed
from infra.readside.folding import Rows
from infra.readside.projection_rows import ProjectionRows
from infra.readside.projector import Projector
from infra.servers.garbage_collector import tune_garbage_collector
from projections.figures.newcomers import NEWCOMERS, NewcomerRow

DAY = date(2026, 1, 5)
SLICE = 4_000
"""Events of one fetch."""

ONE_BY_ONE = 1_000
"""Events of the peer's share: as fast per event whatever their number."""


async def run(bench: Bench) -> list[Figure]:
    """Events per second of one process."""
    async with bench.superuser() as connection:
        tenants = await make_tenants(connection, "log-", 4)
        people = bench.size(8_000, 1_000)
        logs = [await make_log(connection, tenant, people, DAY) for tenant in tenants]
    await bench.analyze("events")
    tune_garbage_collector()
    work = _Work(bench, logs)
    contenders: dict[str, Contender] = {
        "rebuild": work.rebuild,
        "catch-up": work.catch_up,
        "one upsert per event": work.one_by_one,
        "fetch only": work.fetch,
    }
    rates = await interleaved(contenders, bench.rounds)
    rebuilding = compared(
        "newcomers", "rebuild", rates, unit="events/s", targets={"value": 60_000.0}
    )
    caught_up = compared("newcomers", "catch-up", rates, unit="events/s")[1]
    return [rebuilding[0], caught_up, *rebuilding[2:]]


class _Work:
    def __init__(self, bench: Bench, logs: list[SyntheticLog]) -> None:
        self._bench, self._logs = bench, logs
        self._feed = Feed(bench.app.log)

    async def rebuild(self) -> float:
        started = time.perf_counter()
        tenants = [log.tenant_id for log in self._logs]
        async for rebuilt in self._bench.app.rebuilder.rebuild(NEWCOMERS, tenants):
            if rebuilt.error:
                raise RuntimeError(rebuilt.error)
        return self._events / (time.perf_counter() - started)

    async def catch_up(self) -> float:
        await self._forget()
        projector = Projector(self._bench.app.db, self._bench.app.log, [NEWCOMERS])
        started = time.perf_counter()
        while await projector.round():
            pass
        return self._events / (time.perf_counter() - started)

    async def one_by_one(self) -> float:
        """As a projector does that knows one event at a time: read the row, evolve, upsert."""
        await self._forget()
        table = ProjectionRows(NEWCOMERS)
        log = self._logs[0]
        started = time.perf_counter()
        async with self._bench.app.db.tenant(log.tenant_id) as connection:
            entries = await self._feed.read(
                connection, log.tenant_id, after=0, until=ONE_BY_ONE, topics=NEWCOMERS.topics
            )
        for entry in entries:
            key = NEWCOMERS.key(entry)  # type: ignore[arg-type]
            assert key is not None  # noqa: S101 - every made-up event is about a trainee
            async with self._bench.app.db.tenant(log.tenant_id) as connection:
                rows: Rows[NewcomerRow] = await table.load(connection, log.tenant_id, [key])
                row = NEWCOMERS.evolve(rows.get(key), entry)  # type: ignore[arg-type]
                await table.write(connection, log.tenant_id, {key: row})
        return len(entries) / (time.perf_counter() - started)

    async def fetch(self) -> float:
        """The columns that a fold needs, from the database to this process and no further."""
        started = time.perf_counter()
        for log in self._logs:
            async with self._bench.app.db.tenant(log.tenant_id) as connection:
                for after in range(0, log.events, SLICE):
                    await connection.fetch(
                        "select position, stream_id, version, topic, class_version, payload::text"
                        " from events where tenant_id = $1 and position > $2 and position <= $3"
                        " order by position",
                        log.tenant_id,
                        after,
                        after + SLICE,
                    )
        return self._events / (time.perf_counter() - started)

    @property
    def _events(self) -> int:
        return sum(log.events for log in self._logs)

    async def _forget(self) -> None:
        async with self._bench.superuser() as connection:
            await connection.execute(
                f"truncate {NEWCOMERS.table}, {NEWCOMERS.past_table}, checkpoints"
            )
