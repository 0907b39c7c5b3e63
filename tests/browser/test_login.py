"""Coming in and going out, in a real browser."""

from playwright.async_api import expect

from tests.browser.conftest import Opens
from tests.browser.story import Told

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
"""A device that keeps passkeys, and whose owner is there and says yes."""


async def test_refuses_a_wrong_password_without_saying_what_was_wrong(
    visit: Opens, told: Told
) -> None:
    visitor = await visit(errors_expected=True)
    await visitor.log_in(told, password="not-the-password")
    await expect(visitor.page.get_by_role("alert")).to_have_text("邮箱或密码不对。")
    await expect(visitor.page.locator("main [name=email]")).to_have_value(told.email)


async def test_leads_back_to_the_page_that_was_asked_for(visit: Opens, told: Told) -> None:
    visitor = await visit()
    await visitor.page.goto(f"{visitor.site}/?by=cohort")
    await visitor.page.fill("main [name=email]", told.email)
    await visitor.page.fill("main [name=password]", "a-long-password")
    await visitor.page.click("main button[type=submit]")
    await expect(visitor.page).to_have_url(f"{visitor.site}/?by=cohort")


async def test_a_one_time_link_lasts_through_another_language_and_a_form_shown_again(
    visit: Opens, site: str
) -> None:
    visitor = await visit(errors_expected=True)
    page, link = visitor.page, visitor.page.locator("[name=link]")
    await page.goto(f"{site}/welcome#secret")
    await expect(link).to_be_hidden()
    await page.get_by_role("link", name="English").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Choose a password")
    await expect(page).to_have_url(f"{site}/welcome")
    await page.click("main button[type=submit]")
    await expect(page.locator("#password-error")).to_be_visible()
    await expect(link).to_have_value("secret")
    await expect(link).to_be_hidden()
    await page.fill("[name=password]", "three ducks at a brook")
    await page.click("main button[type=submit]")
    await expect(page.locator("#link-error")).to_be_visible()
    await expect(link).to_be_visible()


async def test_ends_the_session_on_leaving(visit: Opens, told: Told) -> None:
    visitor = await visit()
    await visitor.log_in(told)
    await expect(visitor.page).to_have_url(f"{visitor.site}/")
    await visitor.page.get_by_role("button", name="退出").click()
    await expect(visitor.page).to_have_url(f"{visitor.site}/login")
    await visitor.page.goto(f"{visitor.site}/")
    await expect(visitor.page.get_by_role("heading", level=1)).to_have_text("登录")


async def test_notices_by_itself_that_the_session_was_ended_elsewhere(
    visit: Opens, told: Told
) -> None:
    visitor = await visit(errors_expected=True)
    await visitor.log_in(told)
    await expect(visitor.page.get_by_role("heading", level=1)).to_have_text("新人出单看板")
    await visitor.page.wait_for_function("() => window.htmx")
    await visitor.page.context.clear_cookies()
    await visitor.page.evaluate("() => htmx.trigger('[hx-trigger=\"sse:ended\"]', 'sse:ended')")
    await expect(visitor.page.get_by_role("heading", level=1)).to_have_text("登录")


async def test_a_passkey_is_added_and_logs_in_by_keyboard(visit: Opens, told: Told) -> None:
    visitor = await visit()
    page, visitor.site = visitor.page, visitor.site.replace("127.0.0.1", "localhost")
    devtools = await page.context.new_cdp_session(page)
    await devtools.send("WebAuthn.enable")
    await devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    await visitor.log_in(told)
    await expect(page).to_have_url(f"{visitor.site}/")
    await page.goto(f"{visitor.site}/myself")
    await page.get_by_label("名称").fill("随身密钥")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("row", name="随身密钥")).to_be_visible()
    await page.get_by_role("button", name="退出").click()
    await page.get_by_role("button", name="用通行密钥登录").focus()
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(f"{visitor.site}/")
    await page.goto(f"{visitor.site}/myself")
    await page.get_by_role("button", name="移除 随身密钥").click()
    await expect(page.get_by_role("row", name="随身密钥")).to_have_count(0)
