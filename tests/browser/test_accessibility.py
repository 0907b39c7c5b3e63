"""Every page, without what keeps people out of it: by axe's rules, on a desktop and on a phone."""

from typing import Any

import pytest
from playwright.async_api import expect

from tests.browser.accessibility import barriers, overhang
from tests.browser.conftest import Opens
from tests.browser.hands import PHONE
from tests.browser.story import Told
from tests.browser.test_board import board_of

PLACES = (
    "/",
    "/?by=manager&on={day}",
    "/figures/all",
    "/figures/members?by=month&month={month}&kpi=order_rate",
    "/figures/members?by=month&month={month}&kpi=days_to_first_order",
    "/scorecard?month={month}",
    "/scheme",
    "/scheme/new",
    "/submissions",
    "/what-if?month={month}&leaver_rule=counted",
    "/import",
    "/trainees?status=left",
    "/trainees/new",
    "/cohorts",
    "/sessions",
    "/follow-ups/new",
)
"""Addresses of every kind of page."""
REFUSED = ("/no-such-page", "/trainees/nobody", "/?month=2026-13")
"""Addresses that are answered with what is wrong with them."""


@pytest.mark.parametrize(
    "window",
    [
        {},
        {"locale": "en-GB", "color_scheme": "dark"},
        {"viewport": PHONE, "has_touch": True, "is_mobile": True},
    ],
    ids=["a desktop", "English, and in the dark", "a phone"],
)
async def test_every_page_is_open_to_everybody(
    visit: Opens, told: Told, window: dict[str, Any]
) -> None:
    visitor = await visit(errors_expected=True, **window)
    page = visitor.page
    await page.goto(f"{visitor.site}/login")
    found = {"/login": await barriers(page)}
    await board_of(visitor, told)
    for place in PLACES + REFUSED:
        address = place.format(month=told.month, day=told.live_on)
        answer = await page.goto(f"{visitor.site}{address}")
        assert answer and answer.ok == (place not in REFUSED), address
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        found[place] = await barriers(page) + [["wide"]] * (await overhang(page) > 0)
    assert {place: amiss for place, amiss in found.items() if amiss} == {}
    assert all("the server responded with a status of 4" in said for said in visitor.errors)
