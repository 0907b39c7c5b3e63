"""Read your writes: waiting for projections to reach a position."""

import asyncio

import msgspec
import pytest

from domain.kernel.aggregate import Recorded
from domain.kernel.errors import Refusal
from infra.bootstrap import App
from infra.readside.projector import Projector, catch_up
from projections import PROJECTIONS
from projections.figures.newcomers import NEWCOMERS
from projections.teaching.cohorts import COHORTS, CohortRow
from tests.carrying import carry_out, new_partner
from tests.read_models import head
from tests.situation import BEGINNING


async def test_returns_when_the_slowest_has_reached_the_position(app: App) -> None:
    principal = await new_partner(app)
    await carry_out(app, principal, BEGINNING)
    position = await head(app, principal.tenant)
    waits = [
        asyncio.create_task(app.wait_for(principal.tenant, PROJECTIONS, position, 60))
        for _ in range(20)
    ]
    await Projector(app.db, app.log, [COHORTS]).catch_up(principal.tenant)
    assert not any(wait.done() for wait in waits)
    await catch_up(app, principal.tenant)
    await asyncio.gather(*waits)


async def test_refuses_a_position_that_does_not_come(app: App) -> None:
    principal = await new_partner(app)
    await catch_up(app, principal.tenant)
    with pytest.raises(Refusal) as refused:
        await app.wait_for(principal.tenant, [COHORTS], 1_000, 0.01)
    assert refused.value == Refusal("position_not_reached", position=1_000)


async def test_refuses_at_once_behind_a_parked_event(app: App) -> None:
    principal = await new_partner(app)
    await carry_out(app, principal, BEGINNING)

    def refuse(row: CohortRow | None, recorded: Recorded) -> CohortRow | None:
        raise ArithmeticError

    broken = msgspec.structs.replace(COHORTS, evolve=refuse)
    await Projector(app.db, app.log, [broken, NEWCOMERS]).catch_up(principal.tenant)
    position = await head(app, principal.tenant)
    await app.wait_for(principal.tenant, [NEWCOMERS], position, 3_600)
    with pytest.raises(Refusal):
        await app.wait_for(principal.tenant, [COHORTS], position, 3_600)
