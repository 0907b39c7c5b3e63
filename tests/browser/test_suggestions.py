"""Who is meant is found by typing: by keyboard, on a phone, and in a list's filter."""

from typing import Any

import pytest
from playwright.async_api import Page, expect

from api.web.kit.suggestions import MOST_SUGGESTED
from infra.bootstrap import App
from tests.browser.accessibility import barriers
from tests.browser.conftest import Opens
from tests.browser.story import Told, join
from tests.situation import batch_opened, enrolled, passed_gate, went_live

PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
}


@pytest.fixture(scope="module")
async def told(app: App) -> Told:
    told = await join(app, "SUGGESTED")
    on = told.live_on
    await told.does(
        batch_opened("A1", on=on),
        *(enrolled(f"E{n:02}", on=on, name=f"张小{n}") for n in range(MOST_SUGGESTED)),
        enrolled("Z9", on=on, name="卓伟"),
        *(passed_gate("Z9", on=on), went_live("Z9", on=on)),
    )
    return told


@pytest.mark.parametrize("window", [{}, PHONE], ids=["desk", "phone"])
async def test_who_is_not_among_the_first_is_offered_as_one_types(
    visit: Opens, told: Told, window: dict[str, Any]
) -> None:
    visitor = await visit(**window)
    page = visitor.page
    await visitor.log_in(told)
    await expect(page.locator("main")).to_be_visible()
    await page.goto(f"{visitor.site}/follow-ups/new")
    field = page.locator('[name="employee_no"]')
    await expect(known(page).locator('[value="Z9"]')).to_have_count(0)
    await field.press_sequentially("卓")
    await expect(known(page).locator("option")).to_have_count(1)
    await expect(known(page).locator('[value="Z9"]')).to_contain_text("卓伟")
    assert "suggestions" not in page.url
    assert await barriers(page) == []
    await field.fill("Z9")
    await page.locator('main [type="submit"]').first.click()
    await expect(page).to_have_url(f"{visitor.site}/follow-ups/new")
    await expect(field).to_have_value("Z9")


def known(page: Page) -> Any:
    return page.locator("#field-employee_no-known")
