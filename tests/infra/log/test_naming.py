"""What is decided on all that is recorded: which streams name another, which claims are held."""

from datetime import date
from uuid import uuid4

import pytest
from msgspec.structs import replace

from domain.kernel.errors import ConflictError
from domain.people.person import Person
from domain.teaching.cohort import Cohort
from domain.trainees.trainee import Trainee
from infra.bootstrap import App
from services.kernel.context import Principal
from services.kernel.ports import Claim, Log
from services.kernel.rehearsal import Rehearsal
from services.kernel.work import Work
from services.people.access import Tenant
from tests.infra.log.appends import an_append, enrolled, opened

JUNE_1 = date(2026, 6, 1)


@pytest.fixture(params=["log", "rehearsal"])
def log(request: pytest.FixtureRequest, app: App) -> Log:
    return app.log if request.param == "log" else Rehearsal(app.log)


async def test_tells_which_streams_name_another(log: Log, partner: Tenant) -> None:
    cohort = Cohort.open(f"cohort-{uuid4()}", code="B", name="一期", opened_on=JUNE_1)
    await log.append(an_append(partner.tenant_id, trainee=cohort))
    assert (await log.naming(partner.tenant_id, "cohort_id", cohort.id))[1] == []
    facts = {"cohort_code": "B", "employee_no": "E1", "entered_on": JUNE_1}
    of_it, of_another = (
        Trainee.enrol(f"trainee-{uuid4()}", cohort_id=cohort_id, **facts)
        for cohort_id in (cohort.id, "cohort-0")
    )
    of_it.correct_enrolment(
        entered_on=date(2026, 6, 2), manager_id=None, post="sales", reason="录错"
    )
    for trainee in (of_it, of_another):
        last = await log.append(an_append(partner.tenant_id, trainee=trainee))
    named = await log.naming(partner.tenant_id, "cohort_id", cohort.id)
    assert named == (last.position, [of_it.id])


async def test_a_fact_names_what_it_said_last(log: Log, partner: Tenant) -> None:
    tenant_id = partner.tenant_id
    manager, person = (
        Person.register(f"person-{uuid4()}", name="李娜", since=JUNE_1, manager_id=manager_id)
        for manager_id in (None, "person-0")
    )
    await log.append(an_append(tenant_id, trainee=manager))
    for manager_id, named in (manager.id, [person.id]), (None, []), (manager.id, [person.id]):
        person.correct_registration(manager_id=manager_id, reason="录错")
        await log.append(an_append(tenant_id, trainee=person))
        assert (await log.naming(tenant_id, "manager_id", manager.id))[1] == named


async def test_tells_which_claims_of_a_kind_are_held(log: Log, partner: Tenant) -> None:
    tenant_id = partner.tenant_id
    two = Claim("month", "2026-06", "cohort-1"), Claim("month", "2026-05", "cohort-1")
    await log.append(opened(tenant_id, "A", claims=(*two, Claim("code", "a", "cohort-1"))))
    last = await log.append(opened(tenant_id, "B", released=two[:1]))
    assert await log.claimed(tenant_id, "month") == (last.position, ["2026-05"])
    assert await log.claimed(tenant_id, "year") == (last.position, [])


async def test_what_was_decided_at_another_position_is_not_written(
    log: Log, partner: Tenant
) -> None:
    first = await log.append(an_append(partner.tenant_id, trainee=enrolled(f"trainee-{uuid4()}")))
    later = an_append(partner.tenant_id, trainee=enrolled(f"trainee-{uuid4()}"))
    with pytest.raises(ConflictError):
        await log.append(replace(later, at=first.position - 1))
    receipt = await log.append(replace(later, at=first.position))
    assert receipt.position == first.position + 1


async def test_of_several_looks_of_a_command_the_first_one_holds(
    app: App, manager: Principal
) -> None:
    work = Work(app.context(manager))
    assert await work.naming("cohort_id", "cohort-0") == []
    await app.log.append(opened(manager.tenant, "A"))
    await work.claimed("month")
    work.add(enrolled(f"trainee-{uuid4()}"))
    with pytest.raises(ConflictError):
        await app.log.append(work.append("trainee-0", None))
