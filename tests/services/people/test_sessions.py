"""Sessions: how long they last, and that ending one is noticed in every process."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.kernel.aggregate import Recorded
from domain.kernel.errors import NotFoundError
from infra.access import accounts as resolving
from infra.bootstrap import App, bootstrap
from infra.database.retries import DatabaseAwayError
from services.execute import execute
from services.kernel.context import Principal, Role
from services.kernel.roles import ROLES, in_role
from services.kernel.scopes import Scope
from services.people.access import NewSession, Tenant
from services.people.person import (
    AssignRole,
    ReinstatePerson,
    SuspendPerson,
    WithdrawPersonFact,
)
from tests.browser.story import PASSWORD
from tests.servers import QUICK
from tests.services.people.test_guessing import Clock


@pytest.fixture(autouse=True)
def looked_up_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolving, "RESOLVED_SECONDS", 0.0)


@pytest.fixture
def clock(app: App) -> Clock:
    clock = Clock()
    clock.now = app.clock()
    return clock


@pytest.fixture
async def processes(app: App, clock: Clock) -> AsyncIterator[tuple[App, App]]:
    """Two, each with its own connections and its own memory."""
    async with (
        bootstrap(app.settings, clock, QUICK) as one,
        bootstrap(app.settings, clock, QUICK) as other,
    ):
        yield one, other


@pytest.fixture
async def mail(app: App, partner: Tenant) -> str:
    mail = f"{uuid4().hex}@partner.example"
    about: Any = {"name": "杜玉璇", "role": "training_manager", "partner": partner.code}
    await app.accounts.create_user(email=mail, password=PASSWORD, **about)
    return mail


async def is_open(app: App, opened: NewSession) -> bool:
    return await app.accounts.principal_of_session(opened.secret) is not None


async def test_a_session_that_nobody_uses_is_over_after_two_hours_and_any_after_twelve(
    processes: tuple[App, App], clock: Clock, mail: str
) -> None:
    one, other = processes
    idle, used = [await one.accounts.log_in(mail, PASSWORD) for _ in range(2)]
    for _ in range(11):
        clock.now += timedelta(hours=1, minutes=1)
        session = await other.accounts.principal_of_session(used.secret)
        assert session is not None
        await other.accounts.see(used.secret, session)
        known = await one.sessions.list_own(session)
        assert (idle.session.session_id in {a.session_id for a in known}) == (
            await is_open(one, idle)
        )
    assert not await is_open(one, idle)
    clock.now += timedelta(hours=1)
    assert not await is_open(other, used)


async def test_what_is_ended_is_refused_by_a_process_that_knew_it(
    processes: tuple[App, App], partner: Tenant, mail: str
) -> None:
    one, other = processes
    mine, second, third = [await one.accounts.log_in(mail, PASSWORD, agent=a) for a in "abc"]
    for opened in (mine, second, third):
        assert await is_open(other, opened)
    assert {known.agent for known in await other.sessions.list_own(mine.session)} == {*"abc"}
    assert await one.sessions.end_own(mine.session, second.session.session_id) == 1
    assert [await is_open(other, a) for a in (mine, second, third)] == [True, False, True]
    assert await one.sessions.end_own(mine.session) == 1
    assert [await is_open(other, a) for a in (mine, second, third)] == [True, False, False]
    assert await other.sessions.end_of(partner=partner.code, email=mail.upper()) == 1
    assert not await is_open(one, mine)
    assert await one.sessions.list_of(partner=partner.code, email=mail) == []


async def test_nobody_ends_or_sees_the_session_of_somebody_else(
    app: App, partner: Tenant, mail: str
) -> None:
    mine = await app.accounts.log_in(mail, PASSWORD)
    other = f"other-{mail}"
    about: Any = {"name": "李", "role": "training_manager", "partner": partner.code}
    await app.accounts.create_user(email=other, password=PASSWORD, **about)
    theirs = await app.accounts.log_in(other, PASSWORD)
    assert await app.sessions.end_own(mine.session, theirs.session.session_id) == 0
    assert await is_open(app, theirs)
    assert len(await app.sessions.list_own(mine.session)) == 1
    with pytest.raises(NotFoundError, match="account_unknown"):
        await app.sessions.end_of(partner=partner.code, email="nobody@partner.example")


async def test_what_a_persons_roles_say_by_now_holds_in_a_process_that_knew_the_session(
    processes: tuple[App, App], partner: Tenant
) -> None:
    one, other = processes
    about: Any = {"name": "李小龙", "role": "training_manager", "partner": partner.code}
    email = f"{uuid4().hex}@partner.example"
    invited = await one.links.invite(email=email, by_mail=False, **about)
    await one.links.choose_password(invited.url.partition("#")[2], PASSWORD)
    secret = (await one.accounts.log_in(email, PASSWORD)).secret

    async def who(process: App) -> Principal:
        session = await process.accounts.principal_of_session(secret)
        assert session is not None
        return session.principal

    knew = await who(other)
    assert knew.person_id is not None
    assert (knew.roles, knew.rights.keys()) == (
        (Role.TRAINING_MANAGER,),
        ROLES[Role.TRAINING_MANAGER].keys(),
    )
    asked = in_role(partner.tenant_id, knew.actor, Role.OPERATOR)
    assert (await other.as_now(asked)).rights == knew.rights
    system = one.context(partner.operator)
    await execute(system, AssignRole(knew.person_id, system.today, Role.ASSISTANT, Scope.ALL))
    await execute(system, WithdrawPersonFact(knew.person_id, 3, "录错"))
    await execute(system, SuspendPerson(knew.person_id, "离岗"))
    assert (await who(other)).rights == {} == (await other.as_now(asked)).rights
    managing, reading = [
        {
            entry.event.TOPIC
            for entry in await one.events(principal, after=0, most=20)
            if isinstance(entry, Recorded)
        }
        for principal in (partner.operator, in_role(partner.tenant_id, "", Role.INTEGRATION))
    ]
    of_rights = {"person.role_assigned", "person.suspended", "person.fact_withdrawn"}
    assert managing - reading == of_rights
    await execute(system, ReinstatePerson(knew.person_id))
    assert (await who(other)) == knew
    nobody = in_role(partner.tenant_id, f"token-{uuid4()}", Role.OPERATOR)
    assert (await other.as_now(nobody)).rights == {}


async def test_of_many_who_ask_at_once_what_somebody_may_do_one_looks(
    app: App, partner: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    about: Any = {"name": "李小龙", "role": "training_manager", "partner": partner.code}
    email = f"{uuid4().hex}@partner.example"
    user = await app.accounts.create_user(email=email, password=PASSWORD, **about)
    asked = in_role(partner.tenant_id, f"user-{user}", Role.TRAINING_MANAGER)
    naming, looked = app.log.naming, list[str]()

    def noting(tenant_id: UUID, field: str, person_id: str) -> Any:
        looked.append(person_id)
        return naming(tenant_id, field, person_id)

    monkeypatch.setattr(app.log, "naming", noting)
    monkeypatch.setattr(resolving, "RESOLVED_SECONDS", 60.0)
    found = await asyncio.gather(*(app.as_now(asked) for _ in range(20)))
    assert all(one == found[0] and one.rights for one in found)
    assert len(looked) == 1


async def test_of_many_who_ask_at_once_what_cannot_be_looked_up_one_waits_for_it(
    app: App, partner: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    about: Any = {"name": "李小龙", "role": "training_manager", "partner": partner.code}
    email = f"{uuid4().hex}@partner.example"
    user = await app.accounts.create_user(email=email, password=PASSWORD, **about)
    asked, looked = in_role(partner.tenant_id, f"user-{user}", Role.TRAINING_MANAGER), list[str]()

    async def away(tenant_id: UUID, field: str, person_id: str) -> Any:
        looked.append(person_id)
        raise DatabaseAwayError

    monkeypatch.setattr(app.log, "naming", away)
    monkeypatch.setattr(resolving, "RESOLVED_SECONDS", 60.0)
    found = await asyncio.gather(*(app.as_now(asked) for _ in range(20)), return_exceptions=True)
    assert all(isinstance(one, DatabaseAwayError) for one in found)
    assert len(looked) == 1


async def test_a_new_log_in_ends_the_session_that_the_browser_had(
    processes: tuple[App, App], mail: str
) -> None:
    one, other = processes
    before = await one.accounts.log_in(mail, PASSWORD)
    after = await one.accounts.log_in(mail, PASSWORD, replaced=before.secret)
    assert [await is_open(other, a) for a in (before, after)] == [False, True]
