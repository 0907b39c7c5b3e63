"""Projector catch-up and rebuild of `newcomers`, beside one upsert per event and bare fetching."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from domain.people.partner import DEFAULT_ZONE
from infra.bench.measure import Contender, Figure, compared, interleaved, per_second
from infra.bench.place import Bench
from infra.bench.synthetic import SyntheticLog, make_log, make_tenants
from infra.log.feed import Feed
from infra.readside.folding import Rows, tune_garbage_collector
from infra.readside.projector import BATCH, Projector
from infra.readside.stored_rows import StoredRows
from projections import PROJECTIONS
from projections.figures.newcomers import NEWCOMERS, NewcomerRow
from projections.kernel.projection import Projection
from services.execute import execute
from services.kernel.context import Principal, Role
from services.kernel.roles import in_role
from services.people.access import Tenant
from services.people.partner import JoinPartner

DAY = date(2026, 1, 5)
SLICE = 4_000
"""Events of one fetch."""

OF_A_BATCH = 30
"""People of one batch."""

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
        self._events = sum(log.events for log in logs)

    async def rebuild(self) -> float:
        tenants = [log.tenant_id for log in self._logs]
        return await per_second(self._events, rebuild(self._bench, NEWCOMERS, tenants))

    async def catch_up(self) -> float:
        await self._forget()
        return await per_second(self._events, project(self._bench, [NEWCOMERS]))

    async def one_by_one(self) -> float:
        """As a projector does that knows one event at a time: read the row, evolve, upsert."""
        await self._forget()
        return await per_second(ONE_BY_ONE, self._one_by_one(self._logs[0].tenant_id))

    async def fetch(self) -> float:
        """The columns that a fold needs, from the database to this process and no further."""
        return await per_second(self._events, self._fetch())

    async def _one_by_one(self, tenant: UUID) -> None:
        app, table = self._bench.app, StoredRows.of(NEWCOMERS)
        async with app.db.tenant(tenant) as connection:
            entries = await Feed(app.log).read(
                connection, NEWCOMERS.selection, after=0, until=ONE_BY_ONE
            )
        for entry in entries:
            key = NEWCOMERS.key(entry)  # type: ignore[arg-type]
            assert key is not None  # noqa: S101 - every made-up event is about a trainee
            async with app.db.tenant(tenant) as connection:
                rows: Rows[NewcomerRow] = await table.load(connection, [key])
                row = NEWCOMERS.evolve(rows.get(key), entry)  # type: ignore[arg-type]
                await table.write(connection, {key: row}, rows)

    async def _fetch(self) -> None:
        for log in self._logs:
            async with self._bench.app.db.tenant(log.tenant_id) as connection:
                for after in range(0, log.events, SLICE):
                    await connection.fetch(
                        "select position, stream_id, version, topic, class_version, payload::text"
                        " from events where tenant_id = $1 and position > $2 and position <= $3"
                        " order by position",
                        after,
                        after + SLICE,
                    )

    async def _forget(self) -> None:
        tables = ", ".join(stored.table for stored in NEWCOMERS.tables)
        async with self._bench.superuser() as connection:
            await connection.execute(f"truncate {tables}, {NEWCOMERS.past_table}, checkpoints")


async def rebuild(bench: Bench, projection: Projection[Any], tenants: list[UUID]) -> None:
    """Rebuilds a read model, as `chudan rebuild` does."""
    async for rebuilt in bench.app.rebuilder.rebuild(projection, tenants):
        if rebuilt.error:
            raise RuntimeError(rebuilt.error)


async def living_partner(bench: Bench, people: int, last_on: date) -> Principal:
    """The training manager of a partner with so many people, whose read models are built: in
    batches over 24 months, of which the last entered on the day."""
    prefix = f"living-{uuid4().hex[:8]}-"
    async with bench.superuser() as connection:
        (tenant,) = await make_tenants(connection, prefix, 1)
        await make_log(connection, tenant, people, last_on, people // OF_A_BATCH, months=24)
    registered = Tenant(tenant, f"{prefix}1", f"{prefix}1", DEFAULT_ZONE)
    await execute(
        bench.app.context(registered.operator), JoinPartner(registered.code, registered.name)
    )
    await project(bench, PROJECTIONS)
    await bench.analyze()
    return in_role(tenant, "bench", Role.TRAINING_MANAGER)


async def project(bench: Bench, projections: Sequence[Projection[Any]], batch: int = BATCH) -> None:
    """Projects all tenants until none is behind, as one projector does."""
    projector = Projector(bench.app.db, bench.app.log, projections, batch)
    while await projector.round():
        pass
