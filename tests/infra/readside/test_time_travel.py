"""Read models as they were known earlier."""

from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from domain.kernel.aggregate import Recorded
from domain.kpi.subjects.newcomer import Newcomer
from domain.trainees.trainee import Trainee
from infra.bootstrap import App
from infra.log.feed import position_at
from infra.readside.projector import Projector
from projections import PROJECTIONS
from projections.figures.newcomers import NEWCOMERS, NewcomerRow
from projections.kernel.projection import Projection
from projections.teaching.cohorts import COHORTS
from projections.trainees.cohort_members import COHORT_MEMBERS, MEMBERS
from tests.carrying import carry_out, new_partner
from tests.examples import examples
from tests.histories import histories
from tests.read_models import Table, folded, head, kept, set_checkpoint, stored
from tests.situation import (
    BEGINNING,
    left,
    march,
    order_reassigned,
    ordered,
    passed_gate,
    went_live,
)
from tests.steps import Step

LIFE = (
    *BEGINNING,
    passed_gate("E0", on=march(2)),
    went_live("E0", on=march(2)),
    ordered("E0", "N1", on=march(3)),
)
KEEPING = [projection for projection in PROJECTIONS if projection.past_every]


async def test_knows_what_was_known_by_a_position_and_by_an_instant(app: App) -> None:
    principal = await new_partner(app)
    tenant = principal.tenant
    await carry_out(app, principal, LIFE[:-1])
    position = await head(app, tenant)
    async with app.db.tenant(tenant) as connection:
        instant = await connection.plain.fetchval("select recorded_at from heads")
    await carry_out(app, principal, LIFE[-1:])

    def orders(rows: list[Newcomer]) -> int:
        return sum(len(newcomer.orders) for newcomer in rows)

    for known_by in (position, instant):
        rows, at = await app.time_travel.fold(tenant, NEWCOMERS, known_by)
        assert at == position
        assert orders([row.facts for row in rows]) == 0
    rows, at = await app.time_travel.fold(tenant, NEWCOMERS)
    assert at == position + 1
    assert orders([row.facts for row in rows]) == 1


async def test_knows_nothing_before_the_beginning(app: App) -> None:
    principal = await new_partner(app)
    await carry_out(app, principal, LIFE)
    for read in (app.time_travel.fold, app.time_travel.state):
        assert await read(principal.tenant, NEWCOMERS, 0) == ([], 0)


async def test_inside_of_a_command_what_the_last_whole_one_left_is_known(app: App) -> None:
    principal = await new_partner(app)
    tenant = principal.tenant
    await carry_out(app, principal, LIFE)
    before = await head(app, tenant)
    await carry_out(app, principal, [order_reassigned("N1", to="E1", on=march(4))])
    assert await head(app, tenant) == before + 2
    known = [await app.time_travel.state(tenant, NEWCOMERS, before + n) for n in range(3)]
    assert known[1] == known[0] != known[2]
    assert [await app.time_travel.position(tenant, before + n) for n in range(4)] == [
        before,
        before,
        before + 2,
        before + 2,
    ]
    when = [await app.time_travel.recorded_at(tenant, before + n) for n in range(3)]
    assert when[1] == when[0] != when[2]


async def test_an_instant_is_the_last_position_recorded_by_then(app: App) -> None:
    principal = await new_partner(app)
    await carry_out(app, principal, LIFE)
    async with app.db.tenant(principal.tenant) as connection:
        recorded = await connection.plain.fetch("select recorded_at, position from events")
    last = {at: max(p for t, p in recorded if t == at) for at, _ in recorded}
    assert len(last) > 2
    for instant, position in last.items():
        _, found = await app.time_travel.fold(principal.tenant, COHORTS, instant)
        assert found == position


@pytest.mark.parametrize("projection", KEEPING, ids=lambda p: p.table)
@settings(
    max_examples=examples(20),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
@given(
    history=histories(),
    cut=st.integers(0, 40),
    every=st.integers(1, 12),
    batches=st.tuples(*[st.integers(1, 30)] * 2),
)
async def test_every_past_state_is_the_fold_from_the_beginning(
    app: App,
    projection: Projection[Any],
    history: list[Step],
    cut: int,
    every: int,
    batches: tuple[int, int],
) -> None:
    principal = await new_partner(app)
    tenant = principal.tenant
    keeping = msgspec.structs.replace(projection, past_every=every)
    await carry_out(app, principal, history[:cut])
    await Projector(app.db, app.log, [keeping], batches[0]).catch_up(tenant)
    await carry_out(app, principal, history[cut:])
    folds = await _folds(app, tenant, keeping)
    await _compare_all(app, tenant, keeping, folds)
    await Projector(app.db, app.log, [keeping], batches[1]).catch_up(tenant)
    await _compare_all(app, tenant, keeping, folds)
    assert await _state(app, tenant, keeping, None) == await stored(app, tenant, keeping)

    past = await kept(app, tenant, keeping)
    await set_checkpoint(app, tenant, keeping, 0)
    await Projector(app.db, app.log, [keeping], batches[0]).catch_up(tenant)
    assert await kept(app, tenant, keeping) == past
    await app.rebuilder.rebuild_tenant(tenant, keeping)
    assert await kept(app, tenant, keeping) == past
    await _compare_all(app, tenant, keeping, folds)


async def test_the_past_keeps_a_row_that_is_gone(app: App) -> None:
    def evolve(row: NewcomerRow | None, recorded: Recorded) -> NewcomerRow | None:
        gone = isinstance(recorded.event, Trainee.Left)
        return None if gone else NEWCOMERS.evolve(row, recorded)

    forgetful = msgspec.structs.replace(NEWCOMERS, evolve=evolve, past_every=2)
    principal = await new_partner(app)
    life = [
        *LIFE[:-1],
        passed_gate("E1", on=march(3)),
        went_live("E1", on=march(3)),
        left("E0", on=march(4)),
        left("E1", on=march(5)),
    ]
    await carry_out(app, principal, life)
    await Projector(app.db, app.log, [forgetful], batch=3).catch_up(principal.tenant)
    folds = await _folds(app, principal.tenant, forgetful)
    await _compare_all(app, principal.tenant, forgetful, folds)


async def test_a_row_that_does_not_change_is_not_copied(app: App) -> None:
    principal = await new_partner(app)
    keeping = msgspec.structs.replace(NEWCOMERS, past_every=1)
    await carry_out(app, principal, LIFE)
    await Projector(app.db, app.log, [keeping]).catch_up(principal.tenant)
    async with app.db.tenant(principal.tenant) as connection:
        people = await connection.plain.fetchval(f"select count(*) from {NEWCOMERS.table}")
        changes = await connection.plain.fetchval(
            "select count(*) from events where topic = any($1::text[])", list(NEWCOMERS.topics)
        )
    assert len(await kept(app, principal.tenant, keeping)) == changes - people


@settings(
    max_examples=examples(10),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
@given(history=histories(), back=st.integers(0, 30))
async def test_the_streams_of_a_batch_tell_its_newcomers(
    app: App, history: list[Step], back: int
) -> None:
    principal = await new_partner(app)
    tenant = principal.tenant
    await carry_out(app, principal, history)
    await Projector(app.db, app.log, [COHORTS, COHORT_MEMBERS]).catch_up(tenant)
    async with app.db.tenant(tenant) as connection:
        # Nobody knows half of a command.
        position = await position_at(connection, max(0, await head(app, tenant) - back))
    everybody = await folded(app, tenant, NEWCOMERS, position)
    for cohort in (await stored(app, tenant, COHORTS)).values():
        async with app.db.tenant(tenant) as connection:
            people = await MEMBERS.ids(connection, [cohort.cohort_id])
        rows, at = await app.time_travel.fold_streams(tenant, NEWCOMERS, people, position)
        assert at == position
        assert {row.trainee_id: row for row in rows} == {
            trainee_id: row for (trainee_id,), row in everybody.items() if trainee_id in people
        }
        batch = {
            trainee_id
            for (trainee_id,), row in everybody.items()
            if cohort.code in (row.cohort_code, *(t.cohort_code for t in row.facts.transfers))
        }
        assert batch <= set(people)


async def _folds(app: App, tenant_id: UUID, projection: Projection[Any]) -> list[Table]:
    """The rows folded from the beginning to each position: the log alone says these, whatever the
    tables hold."""
    until = await head(app, tenant_id)
    return [await folded(app, tenant_id, projection, position) for position in range(until + 1)]


async def _compare_all(
    app: App, tenant_id: UUID, projection: Projection[Any], folds: list[Table]
) -> None:
    assert len(folds) == await head(app, tenant_id) + 1
    for position, fold in enumerate(folds):
        assert await _state(app, tenant_id, projection, position) == fold


async def _state(
    app: App, tenant_id: UUID, projection: Projection[Any], known_by: int | None
) -> dict[Any, Any]:
    rows, _ = await app.time_travel.state(tenant_id, projection, known_by)
    return {projection.key_of(row): row for row in rows}
