"""GraphiQL in a real browser: with the session of who is logged in, and no foreign host."""

from playwright.async_api import expect

from tests.browser.conftest import Opens
from tests.browser.story import Told


async def test_asks_with_the_session_of_who_is_logged_in(visit: Opens, told: Told) -> None:
    visitor = await visit()
    await visitor.log_in(told)
    await expect(visitor.page).to_have_url(f"{visitor.site}/")
    await visitor.page.goto(f"{visitor.site}/graphql")
    await visitor.page.locator(".graphiql-execute-button").click()
    answer = visitor.page.locator(".result-window")
    await expect(answer).to_contain_text('"role": "TRAINING_MANAGER"')
    await expect(answer).to_contain_text("BROWSER")


async def test_a_subscription_tells_the_figures(visit: Opens, told: Told) -> None:
    visitor = await visit()
    await visitor.log_in(told)
    await expect(visitor.page).to_have_url(f"{visitor.site}/")
    await visitor.page.goto(f"{visitor.site}/graphql")
    await visitor.page.locator(".graphiql-query-editor .CodeMirror").click()
    await visitor.page.keyboard.press("Control+A")
    await visitor.page.keyboard.insert_text("subscription { figuresChanged { entered } }")
    await visitor.page.locator(".graphiql-execute-button").click()
    await expect(visitor.page.locator(".result-window")).to_contain_text("figuresChanged")
