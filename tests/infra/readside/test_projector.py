"""Projectors side by side, poisoned events, and the lag that health shows."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import pytest

from domain.kernel.aggregate import Recorded
from domain.kernel.errors import Refusal
from domain.teaching.cohort import Cohort
from domain.trainees.trainee import Trainee
from infra.bootstrap import App
from infra.readside.checkpoints import JOINING_EVENTS, Retrying, lag, list_parked
from infra.readside.projector import Projector, catch_up
from projections import PROJECTIONS
from projections.figures.newcomers import NEWCOMERS, NewcomerRow
from projections.teaching.cohorts import COHORTS
from projections.trainees.timeline import TIMELINE
from services.kernel.context import Principal
from tests.carrying import carry_out, new_partner
from tests.read_models import checkpoint, folded, head, plant, reached, set_checkpoint, stored
from tests.situation import (
    BEGINNING,
    LIFE,
    START,
    batch_opened,
    left,
    march,
    order_reassigned,
    ordered,
)


async def test_side_by_side_projectors_miss_nothing_and_double_nothing(app: App) -> None:
    principals = [await new_partner(app) for _ in range(3)]
    for principal in principals:
        await carry_out(app, principal, LIFE)
    projectors = [Projector(app.db, app.log, batch=7) for _ in range(3)]
    written = asyncio.Event()

    async def write(principal: Principal, person: int) -> None:
        orders = [ordered(f"E{person}", f"P{person}-{n}", on=START) for n in range(25)]
        assert await carry_out(app, principal, orders) == len(orders)

    async def work(projector: Projector) -> None:
        while not written.is_set():
            await projector.round()
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as group:
        for projector in projectors:
            group.create_task(work(projector))
        await asyncio.gather(*(write(p, person) for p in principals for person in range(2)))
        written.set()
    await asyncio.gather(*(projectors[0].catch_up(p.tenant) for p in principals))
    for tenant in (principal.tenant for principal in principals):
        for projection in PROJECTIONS:
            assert await stored(app, tenant, projection) == await folded(app, tenant, projection)
        events = await _told_events(app, tenant)
        timeline = await stored(app, tenant, TIMELINE)
        assert sorted(position for _, position in timeline) == events
        newcomers = await stored(app, tenant, NEWCOMERS)
        assert sum(len(row.facts.orders) for row in newcomers.values()) == 51


async def test_an_event_that_cannot_be_read_parks_only_who_looks_at_it(app: App) -> None:
    broken, healthy = await new_partner(app), await new_partner(app)
    for principal in (broken, healthy):
        await carry_out(app, principal, LIFE[:4])
    before = await head(app, broken.tenant)
    await plant(app, broken.tenant, Trainee.Enrolled.TOPIC, '{"employee_no": 7}')
    await carry_out(app, broken, [LIFE[4]])
    for principal in (broken, healthy):
        await catch_up(app, principal.tenant)

    for projection in PROJECTIONS:
        where = await checkpoint(app, broken.tenant, projection)
        if Trainee.Enrolled.TOPIC in projection.topics:
            assert (where["position"], where["parked_position"]) == (before, before + 1)
            assert where["parked_error"] == "ValidationError (trainee.enrolled $.employee_no)"
        else:
            assert where["position"] == await head(app, broken.tenant)
            assert where["parked_position"] is None
        reached = await checkpoint(app, healthy.tenant, projection)
        assert reached["position"] == await head(app, healthy.tenant)
    newcomers = await stored(app, broken.tenant, NEWCOMERS)
    assert newcomers == await folded(app, broken.tenant, NEWCOMERS, before)
    assert {parked.consumer for parked in await _parked(app, broken.tenant)} == {
        projection.table
        for projection in PROJECTIONS
        if Trainee.Enrolled.TOPIC in projection.topics
    }


async def test_an_event_of_an_unknown_topic_disturbs_nobody(app: App) -> None:
    principal = await new_partner(app)
    await carry_out(app, principal, LIFE[:3])
    await plant(app, principal.tenant, "trainee.beamed_up", "{}")
    await catch_up(app, principal.tenant)
    for projection in PROJECTIONS:
        where = await checkpoint(app, principal.tenant, projection)
        assert where["position"] == await head(app, principal.tenant)


async def test_a_new_program_tries_a_parked_event_again(app: App) -> None:
    principal = await new_partner(app)
    await carry_out(app, principal, LIFE)
    tenant = principal.tenant

    def old_evolve(row: NewcomerRow | None, recorded: Recorded) -> NewcomerRow | None:
        if isinstance(recorded.event, Trainee.WentLive):
            raise ArithmeticError("a secret of somebody")
        return NEWCOMERS.evolve(row, recorded)

    old = msgspec.structs.replace(NEWCOMERS, evolve=old_evolve)
    await Projector(app.db, app.log, [old]).catch_up(tenant)
    (parked,) = await _parked(app, tenant)
    assert parked.error == "ArithmeticError (trainee.went_live)"
    await Projector(app.db, app.log, [NEWCOMERS]).catch_up(tenant)
    assert await _parked(app, tenant) == [parked]

    process = asyncio.create_task(Projector(app.db, app.log, [NEWCOMERS]).run())
    await reached(app, tenant, NEWCOMERS, await head(app, tenant))
    process.cancel()
    await asyncio.wait([process])
    assert await stored(app, tenant, NEWCOMERS) == await folded(app, tenant, NEWCOMERS)


async def test_a_row_that_the_database_refuses_parks_at_its_event(app: App) -> None:
    principal = await new_partner(app)
    await carry_out(app, principal, LIFE)
    tenant = principal.tenant

    def bad_evolve(row: NewcomerRow | None, recorded: Recorded) -> NewcomerRow | None:
        evolved = NEWCOMERS.evolve(row, recorded)
        if evolved and isinstance(recorded.event, Trainee.WentLive):
            return msgspec.structs.replace(evolved, cohort_code="\0")
        return evolved

    bad = msgspec.structs.replace(NEWCOMERS, evolve=bad_evolve)
    await Projector(app.db, app.log, [COHORTS, bad]).catch_up(tenant)
    where = await checkpoint(app, tenant, NEWCOMERS)
    async with app.db.tenant(tenant) as connection:
        first_live = await connection.plain.fetchval(
            "select min(position) from events where topic = $1", Trainee.WentLive.TOPIC
        )
    assert (where["position"], where["parked_position"]) == (first_live - 1, first_live)
    assert await stored(app, tenant, NEWCOMERS) == await folded(
        app, tenant, NEWCOMERS, first_live - 1
    )
    assert (await checkpoint(app, tenant, COHORTS))["position"] == await head(app, tenant)


@pytest.mark.parametrize("batch", [1, 3, 1_000])
@pytest.mark.parametrize("past_every", [2, 3, 20_000])
async def test_what_fails_inside_of_a_command_parks_before_it_and_goes_on_once_it_is_mended(
    app: App, batch: int, past_every: int
) -> None:
    principal = await new_partner(app)
    tenant = principal.tenant
    sold = ordered("E0", "N1", on=march(3))
    reassigned = order_reassigned("N1", to="E1", on=march(4))
    await carry_out(app, principal, [*BEGINNING, sold])
    whole = await head(app, tenant)
    await carry_out(app, principal, [reassigned, left("E1", on=march(5))])
    is_mended = False

    def evolve(row: NewcomerRow | None, recorded: Recorded) -> NewcomerRow | None:
        if isinstance(recorded.event, Trainee.OrderTakenOver) and not is_mended:
            raise ArithmeticError
        return NEWCOMERS.evolve(row, recorded)

    failing = msgspec.structs.replace(NEWCOMERS, evolve=evolve, past_every=past_every)
    projector = Projector(app.db, app.log, [failing], batch)
    await projector.catch_up(tenant)
    where = await checkpoint(app, tenant, failing)
    assert (where["position"], where["parked_position"]) == (whole, whole + 2)
    assert where["parked_error"] == "ArithmeticError (trainee.order_taken_over)"
    assert await stored(app, tenant, failing) == await folded(app, tenant, NEWCOMERS, whole)
    (parked,) = await _parked(app, tenant)

    projector.retrying = Retrying(timedelta(seconds=0.05))
    process = asyncio.create_task(projector.run())
    try:
        with pytest.raises(Refusal):
            await app.wait_for(tenant, [failing], whole + 1, 3_600)
        assert [one.at for one in await _parked(app, tenant)] == [parked.at]
        is_mended = True
        await reached(app, tenant, failing, await head(app, tenant))
    finally:
        process.cancel()
        await asyncio.wait([process])
    assert await _parked(app, tenant) == []
    assert await stored(app, tenant, failing) == await folded(app, tenant, NEWCOMERS)


async def test_a_missing_table_parks_nothing(app: App) -> None:
    principal = await new_partner(app)
    await carry_out(app, principal, LIFE[:3])
    unmigrated = msgspec.structs.replace(COHORTS, version=99)
    projector = Projector(app.db, app.log, [unmigrated])
    with pytest.raises(asyncpg.UndefinedTableError):
        await projector.catch_up(principal.tenant)
    await projector.round()
    where = await checkpoint(app, principal.tenant, unmigrated)
    assert (where["position"], where["parked_position"]) == (0, None)


async def test_lag_counts_who_is_behind_and_who_is_parked(app: App) -> None:
    (before,) = await lag(app.db, [COHORTS])
    ours, theirs = await new_partner(app), await new_partner(app)
    for principal in (ours, theirs):
        await carry_out(app, principal, LIFE[:4])
    (behind,) = await lag(app.db, [COHORTS])
    assert behind.tenants_behind == before.tenants_behind + 2
    assert behind.events_behind == before.events_behind + 2 * await head(app, ours.tenant)
    assert behind.furthest >= await head(app, ours.tenant)

    await plant(app, ours.tenant, Cohort.Opened.TOPIC, "{}")
    for principal in (ours, theirs):
        await Projector(app.db, app.log, [COHORTS]).catch_up(principal.tenant)
    (after,) = await lag(app.db, [COHORTS])
    assert after.tenants_behind == before.tenants_behind + 1
    assert after.events_behind == before.events_behind + 1
    assert after.parked == before.parked + 1
    assert after.furthest == before.furthest


async def test_a_new_version_is_unbuilt_until_it_has_once_caught_up(app: App) -> None:
    projector = Projector(app.db, app.log, [COHORTS])
    while await projector.round():
        pass
    principal = await new_partner(app)
    await _open_cohorts(app, principal, JOINING_EVENTS)
    (before,) = await lag(app.db, [COHORTS])
    assert before.unbuilt == 1
    await projector.catch_up(principal.tenant)
    (built,) = await lag(app.db, [COHORTS])
    assert built.unbuilt == 0
    await carry_out(app, principal, LIFE[:1])
    (later,) = await lag(app.db, [COHORTS])
    assert (later.unbuilt, later.tenants_behind) == (0, built.tenants_behind + 1)


@pytest.mark.parametrize("batch", [1, 3, 1_000])
async def test_any_batch_size_gives_the_same_rows(app: App, batch: int) -> None:
    principal = await new_partner(app)
    await carry_out(app, principal, LIFE)
    await Projector(app.db, app.log, batch=batch).catch_up(principal.tenant)
    for projection in PROJECTIONS:
        rows = await stored(app, principal.tenant, projection)
        assert rows == await folded(app, principal.tenant, projection)


@pytest.mark.parametrize("batch", [1, 2, 3])
async def test_what_can_be_read_is_never_half_of_a_command(app: App, batch: int) -> None:
    principal = await new_partner(app)
    tenant = principal.tenant
    reassigned = order_reassigned("N1", to="E1", on=march(4))
    sold = ordered("E0", "N1", on=march(3))
    await carry_out(app, principal, [*BEGINNING, sold, reassigned, left("E1", on=march(5))])
    keeping = [msgspec.structs.replace(NEWCOMERS, past_every=every) for every in (2, 3)]
    for projection in (COHORTS, *keeping):
        await set_checkpoint(app, tenant, projection, 0)
        projector, last = Projector(app.db, app.log, [projection], batch), await head(app, tenant)
        seen = set[int]()
        while max(seen, default=0) < last:
            await projector.advance(tenant)
            seen.add((await checkpoint(app, tenant, projection))["position"])
        assert seen.isdisjoint(await _inside_of_commands(app, tenant))


async def test_many_rows_are_written_by_few_statements(app: App) -> None:
    principal = await new_partner(app)
    await _open_cohorts(app, principal, 700)
    await Projector(app.db, app.log, [COHORTS]).catch_up(principal.tenant)
    rows = await stored(app, principal.tenant, COHORTS)
    assert len(rows) == 700
    assert rows == await folded(app, principal.tenant, COHORTS)


async def _inside_of_commands(app: App, tenant_id: UUID) -> list[int]:
    """The positions at which half of a command is recorded: a reassignment alone has several."""
    async with app.db.tenant(tenant_id) as connection:
        rows = await connection.plain.fetch(
            "select position from events where topic = 'trainee.order_reassigned'"
        )
    assert rows
    return [row["position"] for row in rows]


async def _open_cohorts(app: App, principal: Principal, number: int) -> None:
    opened = (batch_opened(f"K{n}") for n in range(number))
    done = await asyncio.gather(*(carry_out(app, principal, [one]) for one in opened))
    assert sum(done) == number


async def _parked(app: App, tenant_id: UUID) -> list[Any]:
    return [parked for parked in await list_parked(app.db) if parked.tenant_id == tenant_id]


async def _told_events(app: App, tenant_id: UUID) -> list[int]:
    async with app.db.tenant(tenant_id) as connection:
        rows = await connection.plain.fetch(
            "select position from events where topic = any($1::text[]) order by position",
            sorted(TIMELINE.topics),
        )
    return [row["position"] for row in rows]
