"""The pages of log-ins and tokens, in a real browser."""

from dataclasses import replace
from typing import Any

import pytest
from playwright.async_api import expect

from infra.bootstrap import App
from services.kernel.context import Role
from services.kernel.permissions import Permission
from services.people.passkeys import Site
from tests.browser.conftest import Opens
from tests.browser.hands import PHONE
from tests.browser.story import PASSWORD, Told, join
from tests.services.people.authenticator import Authenticator

LONG = "每日对账与报表程序（数据中台，正式环境，由华东运维组维护）"
WIDE = "all => all.filter(one => one.scrollWidth > one.clientWidth + 1).length"


async def administrator(app: App, told: Told) -> Told:
    """Whoever manages a partner's access."""
    email = f"administrator-{told.email}"
    partner = await app.accounts.organisation_of(told.principal.tenant)
    await app.accounts.create_user(
        email=email, name="韩薇", role=Role.ADMINISTRATOR, password=PASSWORD, partner=partner.code
    )
    return replace(told, email=email)


async def gets_in(app: App, told: Told) -> None:
    """Gives somebody another log-in and a passkey, and makes tokens, of which one is over."""
    opened: Any = await app.accounts.log_in(told.email, PASSWORD)
    session: Any = await app.accounts.principal_of_session(opened.secret)
    site = Site("http://localhost", "localhost")
    made = Authenticator(site).make(await app.passkeys.ask_for_new(site, session))
    await app.passkeys.add(site, session, made, LONG)
    is_manager = session.principal.may(Permission.MANAGE_ACCESS)
    tokens = app.service_tokens if is_manager else app.personal_tokens
    scopes = sorted(tokens.permissions_to_give(session.principal))
    for _ in range(2):
        issued = await tokens.issue(session, label=LONG, scopes=scopes, days=30)
    await tokens.revoke(session.principal, issued.token_id)


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
async def test_on_a_phone_every_way_in_is_read_whole(visit: Opens, app: App, locale: str) -> None:
    told = await join(app, f"NARROW-{locale}".upper())
    visitors = ((told, "/myself/tokens"), (await administrator(app, told), "/tokens"))
    for one, tokens in visitors:
        await gets_in(app, one)
        visitor = await visit(viewport=PHONE, has_touch=True, is_mobile=True, locale=locale)
        await visitor.log_in(one)
        await expect(visitor.page.locator("header .folding").first).to_be_visible()
        for place in ("/myself", tokens):
            await visitor.page.goto(f"{visitor.site}{place}")
            found = visitor.page.locator(".table")
            await expect(found).to_have_count(2)
            assert await found.evaluate_all(WIDE) == 0, place
