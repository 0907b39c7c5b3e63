"""Every page, without what keeps people out of it: by axe's rules, on a desktop and on a phone."""

from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest
from playwright.async_api import expect

from infra.bootstrap import App
from services.kernel.context import Role
from tests.api.web.visiting import hidden, log_in
from tests.api.web.walking import FORMS_OF_STAFF, OF_HEAD_OFFICE, complete, page_routes, walk
from tests.browser.accessibility import barriers, cut, overhang
from tests.browser.conftest import Opens
from tests.browser.hands import PHONE
from tests.browser.story import PASSWORD, Told, tell

NARROW = {"width": 320, "height": 568}

STATES = (
    "/?by=manager&on={day}",
    "/figures/members?by=month&month={month}&kpi=order_rate",
    "/figures/members?by=month&month={month}&kpi=days_to_first_order",
    "/scorecard?month={month}",
    "/what-if?month={month}&leaver_rule=counted",
    "/trainees?status=left",
    "/cohorts?on={day}",
)
"""Addresses of pages that look otherwise there."""
OPEN = ("/welcome", "/no-account", "/login")
"""Pages for whoever is not logged in."""
ELSEWHERE = {
    *OPEN,
    *FORMS_OF_STAFF,
    *OF_HEAD_OFFICE,
    "/import/{job_id:uuid}",
    "/import/{job_id:uuid}/undo",
    "/submissions/reports/{job_id:uuid}",
}
"""Kinds of pages that no link leads to: the first are looked at below, a job's beside its story."""
HEAD_OFFICE = "office@open.example"
REFUSED = ("/no-such-page", "/trainees/nobody", "/?month=2026-13")
"""Addresses that are answered with what is wrong with them."""


@dataclass(frozen=True)
class Places:
    """found: a page of each kind, by its route."""

    told: Told
    found: dict[str, str]


@pytest.fixture(scope="module")
async def places(app: App, site: str) -> Places:
    told = await tell(app, "OPEN")
    cause = await complete(told)
    await app.accounts.create_user(
        email=HEAD_OFFICE, name="总部", role=Role.HEAD_OFFICE, password=PASSWORD
    )
    async with httpx.AsyncClient(base_url=site) as client:
        own = hidden((await (await log_in(client, told.email)).get("/myself")).text, "csrf")
        await client.post("/myself/codes/begin", data={"csrf": own})
        found = await walk(client, ["/", cause, "/myself/codes"])
    return Places(told, {route: next(iter(pages)) for route, pages in found.items()})


def test_a_page_of_every_kind_is_looked_at(places: Places) -> None:
    # A link leads to a report for as long as it waits to be submitted.
    waiting = {"/submissions/reports/{job_id:uuid}"} & set(places.found)
    assert set(page_routes()) - set(places.found) == ELSEWHERE - waiting


@pytest.mark.parametrize(
    "window",
    [
        {},
        {"locale": "en-GB", "color_scheme": "dark"},
        {"viewport": PHONE, "has_touch": True, "is_mobile": True},
        {"viewport": NARROW, "has_touch": True, "is_mobile": True, "locale": "en-GB"},
    ],
    ids=["a desktop", "English, and in the dark", "a phone", "English, on a narrow phone"],
)
async def test_every_page_is_open_to_everybody(
    visit: Opens, places: Places, window: dict[str, Any]
) -> None:
    told = places.told
    visitor = await visit(errors_expected=True, **window)
    page = visitor.page
    found = {}
    for place in OPEN:
        await page.goto(f"{visitor.site}{place}")
        found[place] = await barriers(page)
    await visitor.log_in(told)
    for place in (*places.found.values(), *STATES, *REFUSED):
        address = place.format(month=told.month, day=told.live_on)
        answer = await page.goto(f"{visitor.site}{address}")
        assert answer and answer.ok == (place not in REFUSED), address
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        found[place] = await barriers(page) + [["wide"]] * (await overhang(page) > 0)
        found[place] += await cut(page)
    await visitor.page.context.clear_cookies()
    await visitor.log_in(replace(told, email=HEAD_OFFICE))
    for place in ("/head-office", "/head-office/OPEN"):
        await page.goto(f"{visitor.site}{place}")
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        found[place] = await barriers(page) + [["wide"]] * (await overhang(page) > 0)
    assert {place: amiss for place, amiss in found.items() if amiss} == {}
    assert all("the server responded with a status of 4" in said for said in visitor.errors)
