"""Head office's what-if: every partner's part a job, a few at one time, figures and nobody."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from msgspec.structs import replace

from domain.kernel.errors import NotFoundError, PermissionRefusedError, Refusal
from domain.kpi.scheme.draft import Draft
from domain.people.partner import HEAD_OFFICE_ID
from infra.bootstrap import App
from infra.headoffice.head_office_what_ifs import AT_ONCE, dispatch_what_ifs, part_of
from infra.settings import Settings
from infra.work import whatif_job
from infra.work.worker import KINDS, JobRunner
from services.execute import execute
from services.jobs.jobs import JobState
from services.kernel.context import Principal, Role
from services.kernel.roles import in_role
from services.people.access import NewSession
from services.people.person import SuspendPerson
from services.scheme.head_office import PartnerAnswer, WhatIfForAll
from services.scheme.whatif import WhatIf
from services.trainees.selling import RecordOrder
from tests.browser.story import PASSWORD
from tests.golden_facts import tell

Connect = Callable[[], Awaitable[asyncpg.Connection]]
OFFICE = in_role(HEAD_OFFICE_ID, "token:office", Role.HEAD_OFFICE)
TODAY = date(2026, 7, 31)
COUNTED = WhatIf(Draft.of(leaver_rule="counted"), "2026-06", "2026-07", ("order_rate",))


@pytest.fixture
async def nothing_asked(database: Settings) -> AsyncIterator[None]:
    """Head office has asked nothing yet."""
    connection = await asyncpg.connect(database.dsn("owner"))
    await connection.execute("truncate head_office_what_ifs")
    await connection.close()
    yield


async def partners_of(app: App, number: int) -> list[Principal]:
    """The training managers of so many new partners; of the first G2 is told."""
    managers = []
    for _ in range(number):
        partner = await app.accounts.create_partner(f"p-{uuid4().hex[:12]}", "杭州渠道")
        managers.append(in_role(partner.tenant_id, "manager", Role.TRAINING_MANAGER))
    await tell(app, managers[0], "G2")
    return managers


async def request(
    app: App, owner: Connect, managers: list[Principal], by: Principal = OFFICE, **given: Any
) -> WhatIfForAll:
    """Of these partners alone: the other tests have theirs, some of them broken on purpose."""
    found = await app.head_office.request_what_if(by, COUNTED, today=TODAY, **given)
    assert found.partners >= len(managers)
    connection = await owner()
    await connection.execute(
        "update head_office_what_ifs set partners = (select jsonb_agg(p) from"
        " jsonb_array_elements(partners) p where p->>0 = any($2::text[])) where id = $1",
        found.id,
        [str(manager.tenant) for manager in managers],
    )
    return await app.head_office.what_if(OFFICE, found.id)


async def ask(app: App) -> int:
    """One tick of the scheduler."""
    async with app.db.across() as across:
        return await dispatch_what_ifs(app.db, across)


async def perform(app: App, what_if: WhatIfForAll, manager: Principal) -> None:
    """The worker's turn at one partner's part."""
    await JobRunner(app, KINDS).perform(manager.tenant, part_of(what_if.id, manager.tenant))


async def answered(
    app: App, what_if: WhatIfForAll, managers: list[Principal]
) -> list[PartnerAnswer]:
    """To the end."""
    while await ask(app):
        for manager in managers:
            await perform(app, what_if, manager)
    return await answers(app, what_if)


async def answers(app: App, what_if: WhatIfForAll) -> list[PartnerAnswer]:
    return await app.head_office.what_if_answers(OFFICE, what_if.id, first=200, after=0)


async def test_every_partner_answers_with_figures_and_nobody(
    app: App, owner: Connect, nothing_asked: None
) -> None:
    managers = await partners_of(app, 2)
    positions = [await app.log.position(manager.tenant) for manager in managers]
    what_if = await request(app, owner, managers)
    assert (what_if.partners, what_if.done, what_if.total, what_if.is_over) == (2, 0, 4, False)
    found = await answered(app, what_if, managers)
    what_if = await app.head_office.what_if(OFFICE, what_if.id)
    assert (what_if.answered, what_if.done, what_if.is_over) == (2, 4, True)
    assert [one.code for one in found] == sorted(one.code for one in found)
    rates = [one.months[0]["figures"][0] for one in found if one.months]
    assert sorted((rate["before"], rate["after"], rate["moved"]) for rate in rates) == [
        ("0/0", "0/0", 0),
        ("12/18", "13/18", 1),
    ]
    assert "T16" not in json.dumps([one.months for one in found])
    assert [await app.log.position(manager.tenant) for manager in managers] == positions


async def test_a_few_are_under_way_at_one_time(
    app: App, owner: Connect, nothing_asked: None
) -> None:
    managers = await partners_of(app, AT_ONCE + 2)
    what_if = await request(app, owner, managers)
    assert await ask(app) == AT_ONCE
    assert await ask(app) == 0
    begun = [m for m in managers if await app.jobs.get_job(m.tenant, part_of(what_if.id, m.tenant))]
    await perform(app, what_if, begun[0])
    assert await ask(app) == 1
    what_if = await app.head_office.what_if(OFFICE, what_if.id)
    assert (what_if.answered, what_if.done, what_if.total) == (1, 2, 2 * (AT_ONCE + 2))


async def test_the_same_twice_whatever_was_recorded_meanwhile(
    app: App, owner: Connect, nothing_asked: None
) -> None:
    managers = await partners_of(app, 1)
    one = await request(app, owner, managers)
    other = await request(app, owner, managers)
    first = await answered(app, one, managers)
    await execute(app.context(managers[0]), RecordOrder("T15", "late", date(2026, 6, 20)))
    await ask(app)
    await perform(app, other, managers[0])
    assert await answers(app, other) == first


async def test_cancelled_it_stays_so_and_no_part_is_begun_any_more(
    app: App, owner: Connect, nothing_asked: None
) -> None:
    managers = await partners_of(app, AT_ONCE + 1)
    what_if = await request(app, owner, managers)
    await ask(app)
    begun = [m for m in managers if await app.jobs.get_job(m.tenant, part_of(what_if.id, m.tenant))]
    await perform(app, what_if, begun[0])
    for _ in range(2):
        what_if = await app.head_office.cancel_what_if(OFFICE, what_if.id)
        assert (what_if.is_cancelled, what_if.is_over, what_if.answered) == (True, True, 1)
    assert await ask(app) == 0
    for manager in begun[1:]:
        await perform(app, what_if, manager)
    states = [one.state(is_cancelled=True) for one in await answers(app, what_if)]
    assert sorted(states) == [JobState.CANCELLED] * (AT_ONCE - 1) + [JobState.DONE]


async def test_a_part_that_failed_is_over(app: App, owner: Connect, nothing_asked: None) -> None:
    managers = await partners_of(app, 1)
    what_if = await request(app, owner, managers)
    await ask(app)
    job = await app.jobs.get_job(managers[0].tenant, part_of(what_if.id, managers[0].tenant))
    assert job is not None
    await whatif_job.failed_for_head_office(app, job, "job_failed")
    (answer,) = await answers(app, what_if)
    assert (answer.error, answer.state(is_cancelled=False)) == ("job_failed", JobState.FAILED)
    what_if = await app.head_office.what_if(OFFICE, what_if.id)
    assert what_if.is_over
    with pytest.raises(Refusal) as refused:
        await app.head_office.cancel_what_if(OFFICE, what_if.id)
    assert refused.value.code == "job_over"


async def test_no_part_goes_on_once_who_asked_is_suspended(
    app: App, owner: Connect, nothing_asked: None
) -> None:
    managers, mail = await partners_of(app, 1), f"{uuid4().hex}@office.example"
    await app.accounts.create_user(email=mail, name="孙颖", role="head_office", password=PASSWORD)
    opened = await app.accounts.log_in(mail, PASSWORD)
    assert isinstance(opened, NewSession)
    session = await app.accounts.principal_of_session(opened.secret)
    assert session is not None
    what_if = await request(app, owner, managers, session.principal)
    assert what_if.actor == session.principal.actor
    its = await app.accounts.organisation(None)
    suspending = SuspendPerson(str(session.principal.person_id), "离岗")
    await execute(app.context(its.operator), suspending)
    (answer,) = await answered(app, what_if, managers)
    assert (answer.months, answer.error) == (None, "permission_refused")


async def test_asked_again_with_its_key_it_is_the_same(app: App, nothing_asked: None) -> None:
    async def request(asked: WhatIf, by: Principal = OFFICE) -> UUID:
        return (await app.head_office.request_what_if(by, asked, today=TODAY, key="once")).id

    assert await request(COUNTED) == await request(COUNTED)
    otherwise = WhatIf(Draft.of(window_days=31), "2026-06", "2026-06")
    for asked, by in ((otherwise, OFFICE), (COUNTED, replace(OFFICE, actor="token:other"))):
        with pytest.raises(Refusal) as refused:
            await request(asked, by)
        assert refused.value.code == "idempotency_key_reused"


async def test_refuses_who_is_not_head_office(app: App, manager: Principal) -> None:
    with pytest.raises(PermissionRefusedError):
        await app.head_office.request_what_if(manager, COUNTED, today=TODAY)
    with pytest.raises(PermissionRefusedError):
        await app.head_office.what_if_answers(manager, uuid4(), first=1, after=0)
    with pytest.raises(NotFoundError):
        await app.head_office.what_if(OFFICE, uuid4())
