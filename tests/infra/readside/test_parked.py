"""What cannot be digested is tried again ever more seldom, and holds up nobody."""

from datetime import timedelta
from uuid import UUID

import msgspec
import pytest
import structlog

from domain.kernel.aggregate import Recorded
from domain.trainees.trainee import Trainee
from infra.bootstrap import App
from infra.readside.log_follower import AT_ONCE
from infra.readside.projector import Projector
from projections.figures.newcomers import NEWCOMERS, NewcomerRow
from tests.carrying import carry_out, new_partner
from tests.read_models import checkpoint, head
from tests.situation import UNMANAGED, examined, march

FAILED = (*UNMANAGED, examined("E0", "written", passed=False, on=march(2)))

MINUTE = timedelta(minutes=1)


class Failing:
    """A projector of a projection that digests nothing of some tenants, and the attempts at it."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.broken: dict[str, UUID] = {}
        self.tried = list[UUID]()
        failing = msgspec.structs.replace(NEWCOMERS, evolve=self._evolve)
        self.projector = Projector(app.db, app.log, [failing])

    def _evolve(self, row: NewcomerRow | None, recorded: Recorded) -> NewcomerRow | None:
        tenant = self.broken.get(recorded.event.originator_id)
        # What parks inside of a command, as an enrolment would, is looked for by several attempts.
        if tenant and not isinstance(recorded.event, Trainee.Enrolled):
            self.tried.append(tenant)
            raise ArithmeticError
        return NEWCOMERS.evolve(row, recorded)

    async def parked(self) -> UUID:
        """A tenant that is parked now."""
        principal = await new_partner(self.app)
        await carry_out(self.app, principal, FAILED)
        async with self.app.db.tenant(principal.tenant) as connection:
            streams = await connection.plain.fetch("select stream_id from events")
        self.broken |= {row["stream_id"]: principal.tenant for row in streams}
        await self.projector.catch_up(principal.tenant)
        self.tried.clear()
        return principal.tenant

    async def pass_by(self, tenant: UUID, pause: timedelta) -> None:
        """As if all had happened so much earlier."""
        async with self.app.db.tenant(tenant) as connection:
            await connection.plain.execute(
                "update checkpoints set parked_at = parked_at - $1::interval,"
                " tried_at = tried_at - $1::interval",
                pause,
            )


@pytest.fixture
def failing(app: App) -> Failing:
    return Failing(app)


async def test_what_is_parked_waits_as_long_again_as_it_has_waited(failing: Failing) -> None:
    tenant = await failing.parked()
    for seconds, tries in ((55, 0), (6, 1), (55, 0), (10, 1), (120, 0), (10, 1), (250, 0)):
        await failing.pass_by(tenant, timedelta(seconds=seconds))
        await failing.projector.catch_up(tenant)
        assert len(failing.tried) == tries
        failing.tried.clear()


async def test_what_is_parked_for_days_is_tried_each_hour(failing: Failing) -> None:
    tenant = await failing.parked()
    for pause, tries in ((timedelta(days=3), 1), (timedelta(minutes=59), 0), (MINUTE, 1)):
        await failing.pass_by(tenant, pause)
        await failing.projector.catch_up(tenant)
        assert len(failing.tried) == tries
        failing.tried.clear()


async def test_what_parks_again_for_the_same_error_is_not_told_again(failing: Failing) -> None:
    with structlog.testing.capture_logs() as logged:
        tenant = await failing.parked()
        await failing.pass_by(tenant, MINUTE)
        await failing.projector.catch_up(tenant)
    assert failing.tried == [tenant]
    assert [line["event"] for line in logged] == ["parked"]


async def test_others_go_on_while_a_few_of_many_are_tried_again(app: App, failing: Failing) -> None:
    tenants = [await failing.parked() for _ in range(AT_ONCE + 2)]
    for number, tenant in enumerate(tenants):
        await failing.pass_by(tenant, timedelta(days=1_000 - number))
    healthy = await new_partner(app)
    await carry_out(app, healthy, UNMANAGED)
    await failing.projector.round()
    assert (await checkpoint(app, healthy.tenant, NEWCOMERS))["position"] == await head(
        app, healthy.tenant
    )
    assert sorted(failing.tried) == sorted(tenants[:AT_ONCE])
    await failing.projector.round()
    assert set(tenants) <= set(failing.tried)
