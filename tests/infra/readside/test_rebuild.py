"""Rebuilding beside the live table, while readers read and writers write."""

import asyncio
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import pytest

from domain.kernel.aggregate import Recorded
from domain.kernel.errors import NotFoundError
from infra.bootstrap import App
from infra.database.db import TenantConnection
from infra.readside.projector import Projector, catch_up
from infra.readside.rebuild import Rebuilder
from infra.readside.stored_rows import StoredRows
from projections import PROJECTIONS
from projections.figures.held_orders import HELD_ORDERS
from projections.figures.newcomers import NEWCOMERS, NewcomerRow, list_newcomers
from projections.teaching.cohorts import COHORTS
from tests.carrying import carry_out, new_partner
from tests.read_models import checkpoint, erase_rows, first_enrolment, folded, head, stored
from tests.situation import LIFE, march, ordered


async def test_readers_see_a_whole_state_throughout(app: App) -> None:
    principal = await new_partner(app)
    tenant = principal.tenant
    await carry_out(app, principal, LIFE)
    await catch_up(app, tenant)
    expected = await folded(app, tenant, NEWCOMERS)
    rebuilt = asyncio.Event()
    reads = 0

    async def read() -> None:
        nonlocal reads
        while not rebuilt.is_set():
            async with app.db.tenant(tenant) as connection:
                newcomers = await list_newcomers(connection)
            assert {(n.trainee_id,): n for n in newcomers} == {
                key: row.facts for key, row in expected.items()
            }
            reads += 1

    async with asyncio.TaskGroup() as group:
        for _ in range(2):
            group.create_task(read())
        for _ in range(10):
            answer = await app.rebuilder.rebuild_tenant(tenant, NEWCOMERS)
            assert answer.error is None
        rebuilt.set()
    assert reads > 0


async def test_writers_and_a_projector_at_work_lose_nothing(app: App) -> None:
    principal = await new_partner(app)
    tenant = principal.tenant
    await carry_out(app, principal, LIFE)
    written = asyncio.Event()

    async def write() -> None:
        for n in range(40):
            assert await carry_out(app, principal, [ordered("E0", f"R{n}", on=march(9))]) == 1
        written.set()

    async def project() -> None:
        projector = Projector(app.db, app.log, batch=5)
        while not written.is_set():
            await projector.round()

    async with asyncio.TaskGroup() as group:
        group.create_task(write())
        group.create_task(project())
        while not written.is_set():
            await app.rebuilder.rebuild_tenant(tenant, NEWCOMERS)
    await catch_up(app, tenant)
    for projection in PROJECTIONS:
        assert await stored(app, tenant, projection) == await folded(app, tenant, projection)


async def test_repairs_rows_and_unparks(app: App) -> None:
    principal = await new_partner(app)
    tenant = principal.tenant
    await carry_out(app, principal, LIFE)

    def refuse(row: NewcomerRow | None, recorded: Recorded) -> NewcomerRow | None:
        raise ArithmeticError

    broken = msgspec.structs.replace(NEWCOMERS, evolve=refuse)
    await Projector(app.db, app.log, [broken]).catch_up(tenant)
    failed = await app.rebuilder.rebuild_tenant(tenant, broken)
    assert failed.error == "ArithmeticError (trainee.enrolled)"
    assert failed.position == await first_enrolment(app, tenant)
    await app.rebuilder.rebuild_tenant(tenant, NEWCOMERS)

    where = await checkpoint(app, tenant, NEWCOMERS)
    assert (where["position"], where["parked_position"]) == (await head(app, tenant), None)
    assert await stored(app, tenant, NEWCOMERS) == await folded(app, tenant, NEWCOMERS)


class Reading(TenantConnection):
    """Notes how many rows each statement handed over as a whole."""

    __slots__ = ("held",)

    def __init__(self, plain: asyncpg.Connection, tenant_id: UUID) -> None:
        super().__init__(plain, tenant_id)
        self.held = list[int]()

    async def fetch(self, query: str, *values: Any) -> Any:
        found = await super().fetch(query, *values)
        self.held.append(len(found))
        return found


async def test_what_stands_is_not_held_as_a_whole_while_it_is_compared(app: App) -> None:
    tenant = (principal := await new_partner(app)).tenant
    await carry_out(app, principal, LIFE)
    await catch_up(app, tenant)
    expected = await folded(app, tenant, NEWCOMERS)
    async with app.db.tenant(tenant) as connection:
        reading = Reading(connection.plain, tenant)
        await StoredRows.of(NEWCOMERS).replace(reading, expected)
        assert sum(reading.held) == 0
    assert await stored(app, tenant, NEWCOMERS) == expected


async def test_writes_only_the_rows_and_parts_that_differ(app: App) -> None:
    tenant = (principal := await new_partner(app)).tenant
    await carry_out(app, principal, [*LIFE, ordered("E0", "R1", on=march(9))])
    await catch_up(app, tenant)
    writers = [f"select xmin, * from {one.table} where tenant_id = $1" for one in NEWCOMERS.tables]

    async def rows() -> list[set[Any]]:
        async with app.db.tenant(tenant) as connection:
            return [set(await connection.fetch(sql)) for sql in writers]

    before = await rows()
    await app.rebuilder.rebuild_tenant(tenant, NEWCOMERS)
    assert await rows() == before

    async with app.db.tenant(tenant) as connection:
        await connection.execute(
            f"update {HELD_ORDERS.table} set amount = 1 where tenant_id = $1 and order_no = 'R1'"
        )
        await connection.execute(
            f"update {NEWCOMERS.table} set position = 0 where tenant_id = $1"
            f" and trainee_id = (select trainee_id from {HELD_ORDERS.table}"
            " where tenant_id = $1 and order_no = 'R1')"
        )
    await app.rebuilder.rebuild_tenant(tenant, NEWCOMERS)
    repaired = [len(now - was) for now, was in zip(await rows(), before, strict=True)]
    assert repaired == [1, 1]
    assert await stored(app, tenant, NEWCOMERS) == await folded(app, tenant, NEWCOMERS)


async def test_leaves_other_partners_alone(app: App) -> None:
    ours, theirs = await new_partner(app), await new_partner(app)
    for principal in (ours, theirs):
        await carry_out(app, principal, LIFE)
        await catch_up(app, principal.tenant)
        await erase_rows(app, principal.tenant, COHORTS)
    await app.rebuilder.rebuild_tenant(ours.tenant, COHORTS)
    assert await stored(app, ours.tenant, COHORTS)
    assert not await stored(app, theirs.tenant, COHORTS)


async def interrupted_after_one(rebuilder: Rebuilder, tenants: list[UUID], request: str) -> UUID:
    """Answers the partner that was done before the interruption."""
    interrupted = rebuilder.rebuild(COHORTS, tenants, request)
    done = (await anext(interrupted)).tenant_id
    await interrupted.aclose()
    return done


async def test_goes_on_where_it_was_interrupted(app: App, tmp_path: Any) -> None:
    tenants = [(await new_partner(app)).tenant for _ in range(6)]
    rebuilder = Rebuilder(app.db, app.log, tmp_path)
    done = await interrupted_after_one(rebuilder, tenants, "cohorts")
    left = Rebuilder(app.db, app.log, tmp_path).remaining(COHORTS, tenants, "cohorts")
    assert done not in left
    assert {done, *left} <= set(tenants)
    again = [rebuilt.tenant_id async for rebuilt in rebuilder.rebuild(COHORTS, left, "cohorts")]
    assert set(again) == set(left)
    assert rebuilder.remaining(COHORTS, tenants, "cohorts") == tenants


async def test_skips_nobody_whom_another_request_had_done(app: App, tmp_path: Any) -> None:
    tenants = [(await new_partner(app)).tenant for _ in range(3)]
    rebuilder = Rebuilder(app.db, app.log, tmp_path)
    done = await interrupted_after_one(rebuilder, tenants, "all")
    assert rebuilder.remaining(COHORTS, tenants, "cohorts") == tenants
    of_one_partner = [one.tenant_id async for one in rebuilder.rebuild(COHORTS, tenants[:1])]
    assert of_one_partner == tenants[:1]
    assert done not in rebuilder.remaining(COHORTS, tenants, "all")


async def test_folds_a_long_log_stretch_by_stretch(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    principal = await new_partner(app)
    await carry_out(app, principal, LIFE)
    monkeypatch.setattr("infra.readside.rebuild.STRETCH", 4)
    monkeypatch.setattr("infra.readside.folding.POSITIONS_AT_A_TIME", 3)
    await app.rebuilder.rebuild_tenant(principal.tenant, NEWCOMERS)
    assert await stored(app, principal.tenant, NEWCOMERS) == await folded(
        app, principal.tenant, NEWCOMERS
    )


async def test_refuses_a_projection_that_there_is_not(app: App) -> None:
    with pytest.raises(NotFoundError) as refused:
        app.rebuilder.chosen("horoscopes")
    assert refused.value.code == "projection_unknown"
    assert app.rebuilder.chosen(None) == list(PROJECTIONS)
