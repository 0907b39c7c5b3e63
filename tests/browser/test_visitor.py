"""The windows of the tests themselves: nothing that goes wrong in one is missed."""

import pytest
from playwright.async_api import Error

from tests.browser.conftest import Opens

FOREIGN = "http://elsewhere.invalid/"


async def test_what_goes_wrong_in_a_window_that_a_page_opens_is_taken_down(visit: Opens) -> None:
    visitor = await visit()
    await visitor.page.goto(f"{visitor.site}/login")
    async with visitor.page.expect_popup() as popup:
        await visitor.page.evaluate("() => { window.open('/login') }")
    opened = await popup.value
    await opened.wait_for_load_state()
    async with visitor.page.context.expect_event("weberror"):
        await opened.evaluate("() => { setTimeout(() => { throw new Error('uncaught') }) }")
    await opened.evaluate("() => console.error('logged')")
    with pytest.raises(Error):
        await opened.goto(FOREIGN)
    assert (visitor.foreign, visitor.errors[:2]) == ([FOREIGN], ["uncaught", "logged"])
    visitor.foreign.clear()
    visitor.errors.clear()
