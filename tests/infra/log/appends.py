"""Appends as a command would make them, for the tests of the log."""

from collections.abc import AsyncIterator
from datetime import date
from uuid import UUID, uuid4

import pytest

from domain.kernel.aggregate import Aggregate
from domain.people.person import Person
from domain.teaching.cohort import Cohort
from domain.trainees.trainee import Trainee
from infra.bootstrap import App
from infra.log.tenant_log import TenantLog
from infra.readside.waiting import Waiting
from services.kernel.ports import Append, Envelope

JUNE_1, JUNE_2 = date(2026, 6, 1), date(2026, 6, 2)


def registered(stream_id: str, name: str = "王小明") -> Person:
    return Person.register(stream_id, name=name, since=JUNE_1)


def enrolled(stream_id: str) -> Trainee:
    return Trainee.enrol(
        stream_id,
        cohort_id="cohort-1",
        cohort_code="c",
        employee_no="E1",
        entered_on=JUNE_1,
    )


def an_append(tenant_id: UUID, *, trainee: Aggregate | None = None, **rest: object) -> Append:
    trainee = trainee or enrolled(f"trainee-{uuid4()}")
    return Append(
        tenant_id=tenant_id,
        envelope=Envelope(actor="somebody", source={"kind": "typed"}, correlation_id=uuid4()),
        events=trainee.collect_events(),
        result={"stream_id": trainee.id, "events": 1},
        **rest,  # type: ignore[arg-type]
    )


async def a_person(app: App, tenant_id: UUID) -> str:
    """Somebody new, by their stream."""
    person = registered(f"person-{uuid4()}")
    await app.log.append(an_append(tenant_id, trainee=person))
    return person.id


def opened(tenant_id: UUID, code: str = "B-01", **rest: object) -> Append:
    """A cohort of its own."""
    cohort = Cohort.open(
        f"cohort-{uuid4()}", code=code, name=code, opened_on=JUNE_1, trial_required=False
    )
    return Append(
        tenant_id=tenant_id,
        envelope=Envelope(actor="tests", source={"kind": "typed"}, correlation_id=uuid4()),
        events=cohort.collect_events(),
        result={"stream_id": cohort.id},
        **rest,  # type: ignore[arg-type]
    )


@pytest.fixture(scope="module", params=[True, False], ids=["in_groups", "tenant_by_tenant"])
async def both_ways(request: pytest.FixtureRequest, app: App) -> AsyncIterator[App]:
    """Both ways of appending keep the same promises, also beside the other one."""
    async with (
        TenantLog.open(app.db, app.log.secret_keys, in_groups=request.param) as log,
        Waiting.open(app.db) as waiting,
    ):
        shared = app.passwords, waiting, app.evaluators, app.signs
        yield App(app.settings, app.db, log, app.clock, *shared)
