"""Issued tokens: listed, revoked in every process, replaced with time to change over."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from api.http.graphql import RECHECK
from domain.kernel.errors import NotFoundError, Refusal
from infra.access import accounts
from infra.bootstrap import App, bootstrap
from services.execute import execute
from services.kernel.context import Principal, Role
from services.kernel.roles import ROLES
from services.kernel.scopes import Scope
from services.people.access import SESSION_LIFETIME, LoginSession, Tenant
from services.people.acting import as_now
from services.people.person import AssignRole, EndRole, SuspendPerson
from services.words.texts import read_texts

RESOLVED_SECONDS = accounts.RESOLVED_SECONDS
"""Before a test changes it."""


@pytest.fixture
async def other_process(app: App) -> AsyncIterator[App]:
    """Its own connections, its own memory of secrets: as another process has them."""
    async with bootstrap(app.settings) as other:
        yield other


@pytest.fixture(autouse=True)
def looked_up_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "RESOLVED_SECONDS", 0.01)


async def until_refused(app: App, token: str) -> None:
    while await app.accounts.principal_of_token(token) is not None:
        pass


async def test_what_is_revoked_is_refused_by_processes_that_know_it(
    app: App, other_process: App, partner: Tenant
) -> None:
    issued = await app.tokens.issue(
        role="integration", partner=partner.code, label="BI", scopes=["read_figures"]
    )
    for process in (app, other_process):
        assert await process.accounts.principal_of_token(issued.token) is not None
    await app.tokens.revoke(issued.token_id)
    await asyncio.gather(*(until_refused(one, issued.token) for one in (app, other_process)))
    (known,) = await app.tokens.list_tokens(partner.code)
    assert (known.token_id, known.label, known.role) == (issued.token_id, "BI", "integration")
    assert known.last_used_at and known.revoked_at
    await app.tokens.revoke(issued.token_id)
    assert (await app.tokens.list_tokens(partner.code))[0] == known


def test_a_look_up_and_an_open_connection_together_notice_within_a_second() -> None:
    assert RESOLVED_SECONDS + RECHECK < 1


async def test_a_token_that_is_replaced_stays_good_beside_the_new_one_for_a_while(
    app: App, partner: Tenant
) -> None:
    old = await app.tokens.issue(
        role="integration", partner=partner.code, label="BI", scopes=["read_figures"]
    )
    new = await app.tokens.rotate(old.token_id, days=100, overlap_days=7)
    first, second = [await app.accounts.principal_of_token(one.token) for one in (old, new)]
    assert first and second
    same = (second.role, second.rights, second.tenant)
    assert (first.role, first.rights, first.tenant) == same
    assert timedelta(days=92) < new.expires_at - first.expires_at < timedelta(days=94)
    assert [one.label for one in await app.tokens.list_tokens(partner.code)] == ["BI", "BI"]
    at_once = await app.tokens.rotate(new.token_id, days=1, overlap_days=0)
    await until_refused(app, new.token)
    assert await app.accounts.principal_of_token(at_once.token) is not None
    with pytest.raises(NotFoundError, match="token_unknown"):
        await app.tokens.rotate(new.token_id, days=1, overlap_days=0)


async def test_refuses_tokens_and_overlaps_that_make_no_sense(app: App, partner: Tenant) -> None:
    issued = await app.tokens.issue(role="head_office")
    with pytest.raises(NotFoundError, match="token_unknown"):
        await app.tokens.revoke(uuid4())
    for days, overlap, code in ((0, 7, "token_days_invalid"), (1, 91, "token_overlap_invalid")):
        with pytest.raises(Refusal, match=code):
            await app.tokens.rotate(issued.token_id, days=days, overlap_days=overlap)
    assert await app.tokens.list_tokens(partner.code) == []
    assert issued.token_id in {one.token_id for one in await app.tokens.list_tokens(None)}


def session_of(app: App, partner: Tenant, *roles: Role, age: timedelta = timedelta()) -> Any:
    rights: dict[Any, Any] = {}
    for role in roles:
        rights |= ROLES[role]
    principal = Principal(partner.tenant_id, "user-1", roles, rights)
    now = app.clock()
    ends = now - age + SESSION_LIFETIME
    return LoginSession(principal, uuid4(), uuid4(), "w@partner.example", now, ends)


async def test_a_program_may_no_more_than_who_makes_its_token(app: App, partner: Tenant) -> None:
    made: Any = {"label": "BI", "days": 30}
    only = session_of(app, partner, Role.ADMINISTRATOR)
    both = session_of(app, partner, Role.ADMINISTRATOR, Role.TRAINING_MANAGER)
    tokens = app.service_tokens
    with pytest.raises(Refusal, match="right_not_held"):
        await tokens.issue(only, scopes=["read_people", "read_scores"], **made)
    issued = await tokens.issue(both, scopes=["read_people", "read_scores"], **made)
    principal = await app.accounts.principal_of_token(issued.token)
    assert principal is not None and {*principal.rights} == {"read_people", "read_scores"}
    with pytest.raises(Refusal, match="right_not_held"):
        await tokens.rotate(only, issued.token_id, days=30, overlap_days=0)
    await tokens.rotate(both, issued.token_id, days=30, overlap_days=0)
    (new, old) = await tokens.list_tokens(only.principal)
    assert (new.scopes, new.is_good(app.clock()), old.is_good(app.clock())) == (
        ("read_people", "read_scores"),
        True,
        False,
    )
    await tokens.revoke(only.principal, new.token_id)
    assert (await tokens.list_tokens(only.principal))[0].revoked_at is not None


async def logged_in(app: App, partner: Tenant, role: Role, name: str) -> LoginSession:
    email, password = f"{uuid4().hex}@partner.example", "three ducks at a brook"
    await app.accounts.create_user(
        email=email, name=name, role=role, password=password, partner=partner.code
    )
    opened: Any = await app.accounts.log_in(email, password)
    session = await app.accounts.principal_of_session(opened.secret)
    assert session is not None
    return session


async def test_a_persons_own_token_has_what_they_may_by_now_within_its_permissions(
    app: App, other_process: App, partner: Tenant
) -> None:
    supervisor = await logged_in(app, partner, Role.SUPERVISOR, "王芳")
    person_id, system = str(supervisor.principal.person_id), app.context(partner.operator)
    tokens, made = app.personal_tokens, {"label": "日报", "days": 30}
    with pytest.raises(Refusal, match="right_not_held"):
        await tokens.issue(supervisor, scopes=["read_people"], **made)
    scopes = ["read_trainees", "write_follow_ups"]
    issued = await tokens.issue(supervisor, scopes=scopes, **made)

    async def may(process: App) -> Mapping[str, Collection[Scope]] | None:
        principal = await process.accounts.principal_of_token(issued.token)
        return principal and {str(one): {*far} for one, far in principal.rights.items()}

    async def come(expected: Mapping[str, Collection[Scope]] | None) -> None:
        for process in (app, other_process):
            while await may(process) != expected:
                pass

    own = {Scope.OWN_PEOPLE}
    await come(dict.fromkeys(scopes, own))
    principal: Any = await app.accounts.principal_of_token(issued.token)
    assert (principal.person_id, principal.acts_for) == (person_id, {person_id})
    assert principal.rights["read_trainees"][Scope.OWN_PEOPLE] == {person_id}
    called = await app.accounts.called(partner.tenant_id, [principal.actor], read_texts("zh-CN"))
    assert called == {principal.actor: "王芳的程序“日报”"}
    await execute(system, AssignRole(person_id, system.today, Role.GENERAL_MANAGER, Scope.ALL))
    await come({"read_trainees": {Scope.ALL}, "write_follow_ups": own})
    await execute(system, EndRole(person_id, 2, system.today))
    await come({"read_trainees": {Scope.ALL}})
    await execute(system, SuspendPerson(person_id, "离岗"))
    await come({})
    later = await as_now(app._access, principal, app.clock())
    assert later.rights == {}


async def test_a_persons_own_token_is_replaced_by_them_and_revoked_by_who_manages_access_too(
    app: App, partner: Tenant
) -> None:
    mine = await logged_in(app, partner, Role.TRAINING_MANAGER, "林岚")
    administrator = await logged_in(app, partner, Role.ADMINISTRATOR, "马超")
    tokens, services = app.personal_tokens, app.service_tokens
    about: Any = {"label": "BI", "days": 30}
    with pytest.raises(Refusal, match="right_not_held"):
        await tokens.issue(administrator, scopes=["manage_access"], **about)
    old = await tokens.issue(mine, scopes=["read_trainees"], **about)
    replaced: Any = {"days": 30, "overlap_days": 7}
    for others in (
        services.rotate(administrator, old.token_id, **replaced),
        app.tokens.rotate(old.token_id, **replaced),
        tokens.revoke(administrator.principal, old.token_id),
    ):
        with pytest.raises(NotFoundError, match="token_unknown"):
            await others
    new = await tokens.rotate(mine, old.token_id, **replaced)
    both = [await app.accounts.principal_of_token(one.token) for one in (old, new)]
    assert [one and (one.person_id, {*one.rights}) for one in both] == [
        (mine.principal.person_id, {"read_trainees"})
    ] * 2
    assert [one.is_personal for one in await services.list_tokens(administrator.principal)] == [
        True,
        True,
    ]
    await services.revoke(administrator.principal, old.token_id)
    await tokens.revoke(mine.principal, new.token_id)
    await asyncio.gather(*(until_refused(app, one.token) for one in (old, new)))


async def test_a_services_token_outlasts_its_maker_and_says_that_they_manage_access_no_more(
    app: App, partner: Tenant
) -> None:
    maker = await logged_in(app, partner, Role.ADMINISTRATOR, "马超")
    issued = await app.service_tokens.issue(maker, label="BI", scopes=["read_people"], days=1)
    operators = await app.tokens.issue(role="integration", partner=partner.code)
    known = await app.service_tokens.list_tokens(maker.principal)
    assert {one.token_id: one.made_by for one in known} == {
        issued.token_id: maker.user_id,
        operators.token_id: None,
    }
    assert await app.tokens.left_alone(known) == []
    system = app.context(partner.operator)
    await execute(system, SuspendPerson(str(maker.principal.person_id), "离岗"))
    while not (left := await app.tokens.left_alone(known)):
        pass
    assert [one.token_id for one in left] == [issued.token_id]
    principal = await app.accounts.principal_of_token(issued.token)
    assert principal and {*principal.rights} == {"read_people"} and principal.person_id is None


async def test_nobody_reaches_anothers_tokens_or_makes_one_by_an_old_log_in(
    app: App, partner: Tenant
) -> None:
    tokens, both = app.service_tokens, (Role.ADMINISTRATOR, Role.TRAINING_MANAGER)
    issued = await app.tokens.issue(role="head_office")
    mine = session_of(app, partner, *both)
    with pytest.raises(NotFoundError, match="token_unknown"):
        await tokens.revoke(mine.principal, issued.token_id)
    with pytest.raises(NotFoundError, match="token_unknown"):
        await tokens.rotate(mine, issued.token_id, days=1, overlap_days=0)
    old = session_of(app, partner, *both, age=timedelta(minutes=16))
    for session, label, scopes, code in (
        (old, "BI", ["read_people"], "log_in_anew"),
        (mine, " ", ["read_people"], "label_missing"),
        (mine, "BI", [], "scopes_missing"),
        (session_of(app, partner, Role.HR_MANAGER), "BI", ["read_people"], "permission_refused"),
    ):
        with pytest.raises(Refusal, match=code):
            await tokens.issue(session, label=label, scopes=scopes, days=1)
    assert await tokens.list_tokens(mine.principal) == []
