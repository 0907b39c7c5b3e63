"""The pages of log-ins and tokens, in a real browser."""

from dataclasses import replace
from typing import Any

import pytest
from playwright.async_api import expect
from pyotp import TOTP

from infra.bootstrap import App
from services.kernel.context import Role
from services.kernel.permissions import Permission
from services.people.passkeys import Site
from tests.browser.conftest import Opens, Visitor
from tests.browser.hands import PHONE, Keyboard
from tests.browser.story import PASSWORD, Told, join
from tests.browser.test_login import AUTHENTICATOR
from tests.browser.test_unsaved import log_in_there
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


@pytest.mark.parametrize(
    ("locale", "copy", "copied"),
    [("zh-CN", "复制", "已复制。"), ("en-GB", "Copy", "Copied.")],
)
async def test_what_is_shown_once_is_copied_by_the_keyboard_and_that_is_said(
    visit: Opens, app: App, locale: str, copy: str, copied: str
) -> None:
    told = await join(app, f"COPIES-{locale}".upper())
    visitor = await visit(locale=locale, permissions=["clipboard-read", "clipboard-write"])
    page, hand = visitor.page, Keyboard(visitor.page)

    async def by_copying() -> str:
        await hand.press(page.get_by_role("button", name=copy, exact=True))
        await expect(page.locator("main copy-field").get_by_role("status")).to_have_text(copied)
        text: str = await page.evaluate("navigator.clipboard.readText()")
        return text

    await begins_codes(visitor, told)
    await hand.fill(code=TOTP(await by_copying()).now())
    await page.keyboard.press("Enter")
    codes = page.locator(".recovery code")
    await expect(codes).to_have_count(10)
    assert await by_copying() == "\n".join(await codes.all_inner_texts())
    await makes_token(visitor)
    assert await by_copying() == await page.locator("[data-token]").inner_text()


async def test_where_there_is_no_clipboard_what_is_shown_once_is_selected(
    visit: Opens, app: App
) -> None:
    visitor = await visit()
    page = visitor.page
    await page.add_init_script("delete Navigator.prototype.clipboard")
    await begins_codes(visitor, await join(app, "NO-CLIPBOARD"))
    await makes_token(visitor)
    await page.get_by_role("button", name="复制", exact=True).click()
    await expect(page.locator("main copy-field").get_by_role("status")).to_contain_text("已选中")
    selected = await page.evaluate("getSelection().toString().trim()")
    assert selected == await page.locator("[data-token]").inner_text()


async def test_without_scripts_nothing_is_offered_that_would_copy(visit: Opens, app: App) -> None:
    visitor = await visit(java_script_enabled=False)
    await begins_codes(visitor, await join(app, "PLAIN-COPY"))
    await expect(visitor.page.locator("main copy-field code")).to_be_visible()
    await expect(visitor.page.locator("main copy-field button")).to_be_hidden()


async def test_a_passkey_whose_session_is_over_keeps_its_name_through_the_log_in(
    visit: Opens, app: App
) -> None:
    told = await join(app, "LATE-PASSKEY")
    visitor = await visit(errors_expected=True)
    page, visitor.site = visitor.page, visitor.site.replace("127.0.0.1", "localhost")
    devtools = await page.context.new_cdp_session(page)
    await devtools.send("WebAuthn.enable")
    await devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    await visitor.log_in(told)
    await page.locator("header .who").click()
    await page.get_by_label("名称").fill("随身密钥")
    await page.context.clear_cookies(name="chudan_session")
    await page.keyboard.press("Enter")
    await log_in_there(page, told)
    await expect(page.get_by_role("alert").first).to_contain_text("尚未保存")
    await expect(page.get_by_label("名称")).to_have_value("随身密钥")
    await page.get_by_role("button", name="添加通行密钥").click()
    await expect(page.get_by_role("row", name="随身密钥")).to_be_visible()


async def begins_codes(visitor: Visitor, told: Told) -> None:
    """Logs in, and goes as far as the key of one-time codes."""
    await visitor.log_in(told)
    await visitor.page.locator("header .who").click()
    await visitor.page.locator('form[action="/myself/codes/begin"] button').click()
    await expect(visitor.page.locator(".qr")).to_be_visible()


async def makes_token(visitor: Visitor) -> None:
    """Makes a token of one's own."""
    await visitor.page.goto(f"{visitor.site}/myself/tokens")
    await visitor.page.fill("main [name=label]", "日报")
    await visitor.page.locator("main [name=scopes]").first.check()
    await visitor.page.locator("main .next button").click()
    await expect(visitor.page.locator("[data-token]")).to_be_visible()
