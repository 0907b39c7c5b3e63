"""How somebody gets in is changed by who has just logged in alone, and never to no way at all."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from msgspec.structs import replace

from infra.access.passkeys import PostgresPasskeys
from infra.bootstrap import App
from services.kernel.context import Role
from services.people.access import Accounts, LoginSession, Tenant
from services.people.links import Links
from services.people.passkeys import Challenges, Passkeys, Site
from services.people.sessions import RECENT
from services.people.sign_in import SignIns
from tests.browser.story import PASSWORD
from tests.services.people.authenticator import Authenticator
from tests.services.people.conftest import ORIGIN
from tests.services.people.test_guessing import Clock
from tests.services.people.test_sign_in import (
    CHOSEN,
    OFFERED,
    Browser,
    browser,
    logged_in,
    mail,
    refusal,
    secret_of_a_link,
    sign_ins,
    subject,
)

__all__ = ("browser", "logged_in", "mail", "sign_ins", "subject")
SITE = Site(ORIGIN, OFFERED.host)

CHANGES: dict[str, Callable[[App, LoginSession], Awaitable[Any]]] = {
    "a passkey is asked for": lambda app, mine: app.passkeys.ask_for_new(SITE, mine),
    "a passkey is added": lambda app, mine: app.passkeys.add(SITE, mine, "", "手机"),
    "a passkey is removed": lambda app, mine: app.passkeys.remove(mine, b"any"),
    "codes are begun": lambda app, mine: app.second_factor.begin(mine),
    "codes are shown": lambda app, mine: app.second_factor.unconfirmed(mine),
    "codes are confirmed": lambda app, mine: app.second_factor.confirm(mine, "000000"),
    "codes are turned off": lambda app, mine: app.second_factor.turn_off(mine, "000000", None),
    "recovery codes": lambda app, mine: app.second_factor.renew_recovery(mine, "000000", None),
    "an identity is taken off": lambda app, mine: app.sign_ins.unlink(mine, uuid4()),
    "the password is changed": lambda app, mine: app.own_password.choose(mine, CHOSEN),
}


async def test_nothing_is_changed_by_who_logged_in_a_while_ago(
    app: App, logged_in: LoginSession
) -> None:
    begun = timedelta(seconds=1) + RECENT
    old = replace(logged_in, expires_at=logged_in.expires_at - begun)
    answers = {what: await refusal(change(app, old)) for what, change in CHANGES.items()}
    assert answers == dict.fromkeys(CHANGES, "log_in_anew")


async def test_another_password_ends_what_the_one_before_opened_and_the_link_of_somebody(
    app: App, links: Links, accounts: Accounts, partner: Tenant, mail: str, logged_in: LoginSession
) -> None:
    here, there = [await accounts.log_in(mail, PASSWORD) for _ in range(2)]
    link = await secret_of_a_link(links, partner, mail, anew=False)
    assert await refusal(app.own_password.choose(here.session, "short")) == "password_too_short"
    guessable = app.own_password.choose(here.session, f"{partner.name}{partner.name} 2026")
    assert await refusal(guessable) == "password_guessable"
    await app.own_password.choose(here.session, CHOSEN)
    open_here, open_there = [
        await accounts.principal_of_session(one.secret) is not None for one in (here, there)
    ]
    assert (open_here, open_there) == (True, False)
    assert await refusal(accounts.log_in(mail, PASSWORD)) == "login_refused"
    assert await refusal(links.choose_password(link, PASSWORD)) == "link_over"
    await accounts.log_in(mail, CHOSEN)
    assert await refusal(app.own_password.choose(there.session, PASSWORD)) == "not_signed_in"


@pytest.mark.parametrize("chosen", ["a password", "by a link", "an identity by a link"])
async def test_what_takes_the_place_of_a_password_ends_the_persons_own_tokens_and_no_services(
    browser: Browser,
    app: App,
    accounts: Accounts,
    links: Links,
    partner: Tenant,
    mail: str,
    subject: str,
    logged_in: LoginSession,
    chosen: str,
) -> None:
    opened: Any = await accounts.log_in(mail, PASSWORD)
    mine: Any = await accounts.principal_of_session(opened.secret)
    about: Any = {"label": "日报", "scopes": ["read_trainees"], "days": 30}
    own = await app.personal_tokens.issue(mine, **about)
    about["made_by"] = mine.user_id
    service = await app.tokens.add(partner.tenant_id, Role.INTEGRATION, **about)
    link = await secret_of_a_link(links, partner, mail, anew=False)
    if chosen == "a password":
        await app.own_password.choose(mine, CHOSEN)
    elif chosen == "by a link":
        await links.choose_password(link, CHOSEN)
    else:
        await browser.signs_in(subject, link)
    known = await app.tokens.list_tokens(partner.code)
    good = {one.token_id for one in known if one.is_good(app.clock())}
    assert (own.token_id in good, service.token_id in good) == (False, True)


async def test_whoever_has_a_passkey_of_this_host_takes_the_last_identity_off_but_not_both(
    browser: Browser,
    app: App,
    clock: Clock,
    sign_ins: SignIns,
    accounts: Accounts,
    links: Links,
    partner: Tenant,
    mail: str,
    subject: str,
) -> None:
    link = await secret_of_a_link(links, partner, mail)
    mine = (await browser.signs_in(subject, link)).opened.session
    (known,) = await sign_ins.list_own(mine)

    async def added(site: Site) -> bytes:
        asked, device = await passkeys.ask_for_new(site, mine), Authenticator(site)
        await passkeys.add(site, mine, device.make(asked), site.host)
        return device.credential_id

    rows, challenges = PostgresPasskeys(app.db), Challenges(lambda: [b"key"])
    passkeys = Passkeys(rows, challenges, accounts, app.sessions, clock, OFFERED)
    elsewhere = await added(Site("https://before.example", "before.example"))
    assert await refusal(sign_ins.unlink(mine, known.identity_id)) == "last_way_in"
    here = await added(SITE)
    await sign_ins.unlink(mine, known.identity_id)
    assert await refusal(passkeys.remove(mine, here)) == "last_way_in"
    await passkeys.remove(mine, elsewhere)
    assert [one.host for one in await passkeys.list_own(mine)] == [SITE.host]
    await browser.back(await browser.go(session=mine), subject, session=mine)
    await passkeys.remove(mine, here)
    (known,) = await sign_ins.list_own(mine)
    assert await refusal(sign_ins.unlink(mine, known.identity_id)) == "last_way_in"
