"""What somebody is called who has an account is what the person is called, and nowhere else."""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import asyncpg
import pytest

from domain.kernel.aggregate import Aggregate
from domain.kernel.whose import person_of
from infra.bootstrap import App
from services.execute import execute
from services.kernel.context import Role
from services.kernel.permissions import Permission
from services.people.access import NewSession, Tenant
from services.people.person import RenamePerson
from services.words.texts import read_texts

PASSWORD = "correct horse battery"


class Account(NamedTuple):
    """Of somebody who manages the people of a partner."""

    app: App
    partner: Tenant
    email: str
    actor: str
    person_id: str

    async def names(self) -> set[str]:
        """What the doors call who logs in now, from whatever they read it."""
        app, its = self.app, self.partner
        opened = await app.accounts.log_in(self.email, PASSWORD)
        assert isinstance(opened, NewSession)
        session = await app.accounts.principal_of_session(opened.secret)
        called = await app.accounts.called(its.tenant_id, [self.actor], read_texts("en"))
        holders = await app.holders.of(its.operator, Permission.MANAGE_PEOPLE)
        issued = await app.links.reset(email=self.email, partner=its.code, by_mail=False)
        linked = await app.links.account_of(issued.url.partition("#")[2])
        assert session is not None
        return {session.name, linked.name, called[self.actor], *holders}


@pytest.fixture
async def account(app: App, partner: Tenant) -> Account:
    email = f"{uuid4().hex}@partner.example"
    about = {"name": "杜玉璇", "role": Role.ADMINISTRATOR, "partner": partner.code}
    user_id = await app.accounts.create_user(email=email, password=PASSWORD, **about)
    opened = await app.accounts.log_in(email, PASSWORD)
    assert isinstance(opened, NewSession)
    session = await app.accounts.principal_of_session(opened.secret)
    assert session is not None and session.principal.person_id is not None
    return Account(app, partner, email, f"user-{user_id}", session.principal.person_id)


async def test_whose_person_takes_another_name_has_it_wherever_the_account_is_named(
    app: App, partner: Tenant, account: Account
) -> None:
    assert await account.names() == {"杜玉璇"}
    ctx = app.context(partner.operator)
    await execute(ctx, RenamePerson(account.person_id, ctx.today, "杜鹃"))
    assert await account.names() == {"杜鹃"}


async def test_whoever_asks_with_a_session_is_read_once_for_rights_and_name(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, read = account.app, list[str]()
    opened = await app.accounts.log_in(account.email, PASSWORD)
    aggregate = app.log.aggregate

    async def noted(tenant_id: UUID, stream_id: str, **how: Any) -> Aggregate | None:
        read.append(stream_id)
        return await aggregate(tenant_id, stream_id, **how)

    monkeypatch.setattr(app.log, "aggregate", noted)
    session = await app.accounts.principal_of_session(opened.secret)
    assert session is not None and session.name == "杜玉璇"
    assert read.count(account.person_id) == 1


async def test_an_account_has_no_name_of_its_own(
    account: Account, owner: Callable[[], Awaitable[asyncpg.Connection]]
) -> None:
    kept = await (await owner()).fetchval(
        "select users::text from users where tenant_id = $1", account.partner.tenant_id
    )
    assert account.email in kept and "杜玉璇" not in kept


async def test_the_name_of_an_account_is_gone_for_good_with_the_persons_key(
    account: Account, owner: Callable[[], Awaitable[asyncpg.Connection]]
) -> None:
    connection = await owner()
    await connection.execute("alter table person_keys no force row level security")
    whose = person_of(account.person_id)
    await connection.execute("delete from person_keys where person_id = $1", whose)
    await connection.execute("alter table person_keys force row level security")
    assert await account.names() == {account.email, account.actor}
