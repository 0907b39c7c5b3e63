"""One-time links: good once, for their time, until the next; and what a new password ends."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from domain.kernel.errors import Refusal
from infra.access.accounts import PostgresAccess
from infra.access.attempts import PostgresAttempts
from infra.bootstrap import App
from infra.settings import Settings
from services.people.access import Accounts, Tenant, hashed_secret, new_session
from services.people.guessing import account_key, limits_of
from services.people.links import Issuing, Links
from tests.services.people.test_guessing import Clock

WAITING = "select exists (select from pg_locks where not granted)"
CHOSEN, ANOTHER = "three ducks at a brook", "four geese on a pond"


@pytest.fixture
def mail() -> str:
    return f"{uuid4().hex}@partner.example"


async def invited(links: Links, of: Tenant, mail: str, **how: Any) -> Issuing:
    about: Any = {"name": "李小龙", "role": "training_manager", "partner": of.code}
    return await links.invite(email=mail, **about | {"by_mail": False} | how)


def secret(issued: Issuing) -> str:
    return issued.url.removeprefix("https://chudan.example/welcome#")


async def refusal(links: Links, issued: Issuing, password: str = ANOTHER) -> str:
    with pytest.raises(Refusal) as refused:
        await links.choose_password(secret(issued), password)
    return refused.value.code


async def test_who_is_invited_logs_in_with_the_chosen_password_and_not_before(
    links: Links, accounts: Accounts, partner: Tenant, mail: str
) -> None:
    issued = await invited(links, partner, f" {mail.upper()}")
    with pytest.raises(Refusal, match="login_refused"):
        await accounts.log_in(mail, "")
    account = await links.choose_password(secret(issued), CHOSEN)
    assert (account.email, account.organisation) == (mail, partner.name)
    opened = await accounts.log_in(mail, CHOSEN)
    assert opened.session.principal.tenant == partner.tenant_id
    assert await refusal(links, issued) == "link_over"


async def test_a_reset_ends_the_sessions_the_lock_and_the_link_before(
    links: Links, accounts: Accounts, app: App, clock: Clock, partner: Tenant, mail: str
) -> None:
    await links.choose_password(secret(await invited(links, partner, mail)), CHOSEN)
    opened = await accounts.log_in(mail, CHOSEN)
    attempts = PostgresAttempts(app.db)
    for _ in range(5):
        await attempts.begin(limits_of(account_key(mail), None), clock())
    first = await links.reset(email=mail, partner=partner.code, by_mail=False)
    second = await links.reset(email=mail, partner=partner.code, by_mail=False)
    assert await refusal(links, first) == "link_over"
    await links.choose_password(secret(second), ANOTHER)
    assert await accounts.principal_of_session(opened.secret) is None
    assert not await attempts.forget(account_key(mail))
    with pytest.raises(Refusal, match="login_refused"):
        await accounts.log_in(mail, CHOSEN)
    await accounts.log_in(mail, ANOTHER)


async def test_a_link_is_good_for_its_time_and_a_refused_password_does_not_use_it(
    links: Links, clock: Clock, partner: Tenant, mail: str
) -> None:
    issued = await invited(links, partner, mail)
    clock.now += timedelta(days=7, seconds=-1)
    assert await refusal(links, issued, f"{mail.partition('@')[0]}1") == "password_guessable"
    clock.now += timedelta(seconds=1)
    assert await refusal(links, issued) == "link_over"
    lost = await links.reset(email=mail, partner=partner.code, by_mail=False)
    assert lost.expires_at - clock() == timedelta(days=1)
    assert (await links.choose_password(secret(lost), CHOSEN)).email == mail


async def test_an_invitation_goes_to_another_address_until_it_is_accepted(
    links: Links, accounts: Accounts, partner: Tenant, mail: str
) -> None:
    async def readdress(email: str, to: str) -> Issuing:
        return await links.reinvite(email=email, to=to, partner=partner.code, by_mail=False)

    first, near, right = await invited(links, partner, mail), f"near-{mail}", f"right-{mail}"
    for address, to, code in (
        (right, mail, "account_unknown"),
        (mail, "right", "email_invalid"),
    ):
        with pytest.raises(Refusal, match=code):
            await readdress(address, to)
    await links.readdress(partner, mail, near, by_mail=False)
    assert await refusal(links, first) == "link_over"
    second = await readdress(near, right)
    assert (await links.choose_password(secret(second), CHOSEN)).email == right
    lost = await links.reset(email=right, partner=partner.code, by_mail=False)
    with pytest.raises(Refusal, match="log_in_there"):
        await readdress(right, mail)
    await links.choose_password(secret(lost), ANOTHER)
    await accounts.log_in(right, ANOTHER)


async def test_of_two_who_use_a_link_at_once_one_chooses_the_password(
    links: Links, accounts: Accounts, partner: Tenant, mail: str
) -> None:
    issued, passwords = await invited(links, partner, mail), (CHOSEN, ANOTHER)
    answers = await asyncio.gather(
        *(links.choose_password(secret(issued), one) for one in passwords), return_exceptions=True
    )
    (refused,) = [one for one in answers if isinstance(one, Refusal)]
    assert refused.code == "link_over"
    good = [one for one, answer in zip(passwords, answers, strict=True) if answer is not refused]
    await accounts.log_in(mail, *good)


async def test_who_logs_in_while_the_password_is_changed_comes_in_by_the_new_one_alone(
    links: Links, app: App, accounts: Accounts, clock: Clock, partner: Tenant, mail: str
) -> None:
    await links.choose_password(secret(await invited(links, partner, mail)), CHOSEN)
    rows = PostgresAccess(app.db, str, app.log)
    (login,) = await rows.logins(mail)
    before = (await accounts.log_in(mail, CHOSEN)).session
    opened = new_session(login, mail, clock())
    opening = rows.open_session(login, hashed_secret(opened.secret), opened.session, "")
    async with app.db.untenanted() as connection:
        statement = "select change_password($1, $2, $3, $4)"
        its = (login.user_id, before.session_id, "another hash", clock())
        assert await connection.fetchval(statement, *its)
        late = asyncio.ensure_future(opening)
        while not (late.done() or await connection.fetchval(WAITING)):
            pass
    with pytest.raises(Refusal, match="login_refused"):
        await late


async def test_a_link_that_is_mailed_stands_in_the_mail_alone(
    links: Links, app: App, partner: Tenant, mail: str, database: Settings
) -> None:
    issued = await invited(links, partner, mail, by_mail=True)
    assert issued.mail_id is not None
    stored = await app.mails.get(partner.tenant_id, issued.mail_id)
    assert stored is not None
    sent = app.mails.open(stored)
    assert (sent.to, stored.until) == (mail, issued.expires_at)
    assert sent.text.count(issued.url) == 2
    assert partner.name in sent.subject
    owner = await asyncpg.connect(database.dsn("owner"))
    kept = [str(await owner.fetch(f"select * from {one}")) for one in ("mails", "one_time_links")]
    await owner.close()
    assert secret(issued) not in "".join(kept)


@pytest.mark.parametrize(
    ("stated", "code"),
    [
        ({"partner": None}, "role_needs_partner"),
        ({"mail": "nobody"}, "email_invalid"),
    ],
)
async def test_refuses_an_invitation_that_makes_no_sense(
    links: Links, partner: Tenant, mail: str, stated: Any, code: str
) -> None:
    with pytest.raises(Refusal, match=code):
        await invited(links, partner, **{"mail": mail} | stated)


async def test_nobody_gets_an_account_by_a_mail_that_cannot_be_sent(
    links: Links, partner: Tenant, mail: str
) -> None:
    with pytest.raises(Refusal, match="email_invalid"):
        await invited(links, partner, f"李娜{mail}", by_mail=True)
    await invited(links, partner, f"李娜{mail}")
    with pytest.raises(Refusal, match="email_invalid"):
        await links.reset(email=f"李娜{mail}", partner=partner.code, by_mail=True)


async def test_nobody_is_sent_a_link_who_has_no_account(links: Links, partner: Tenant) -> None:
    with pytest.raises(Refusal, match="account_unknown"):
        await links.reset(email="nobody@partner.example", partner=partner.code, by_mail=False)
