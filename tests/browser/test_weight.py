"""What every page weighs on its way to somebody who was never here, and to somebody who was.

Pages are found as people find them: by the links of others. One of each kind is enough, looked at
by somebody who may.
"""

import asyncio
from dataclasses import replace
from typing import Any

from playwright.async_api import CDPSession, Page, expect

from api.web.pages.head_office import PLACE as HEAD_OFFICE
from api.web.pages.tokens import PLACE as TOKENS
from infra.bootstrap import App
from services.kernel.context import Role
from tests.api.web.walking import complete, kinds
from tests.browser.conftest import Opens, Visitor
from tests.browser.story import PASSWORD, Told, tell
from tests.browser.test_board import board_of
from tests.browser.test_importing import check
from tests.browser.test_submissions import report_of
from tests.place import ROSTER

FIRST, LATER = 400_000, 60_000
"""Bytes, headers and all."""

IDE, LOG_IN, LINKED, NOBODY = "/graphql", "/login", "/welcome", "/no-account"
CAUSE = "/submissions/{submission_id:str}/{number:str}/{kpi:str}"
STAFF = ("/people", "/departments")
PERSON = "/people/{thing:str}"
"""Whose pages lead to forms that only who manages people opens."""
PARTNER, NAME = "WEIGHS", "何经理"


class Scale:
    """What a window receives, in bytes as they travel; a stream is not waited for."""

    def __init__(self, page: Page, session: CDPSession) -> None:
        self._page = page
        self._session = session
        self._asked: set[str] = set()
        self._all_came = asyncio.Event()
        self._bytes = 0
        session.on("Network.requestWillBeSent", self._ask)
        session.on("Network.loadingFinished", self._come)
        session.on("Network.loadingFailed", self._come)

    async def weigh(self, address: str) -> tuple[int, int]:
        """A first visit, by a browser that has kept nothing, and a later one."""
        await self._session.send("Network.enable")
        await self._session.send("Network.clearBrowserCache")
        return await self._visit(address), await self._visit(address)

    async def _visit(self, address: str) -> int:
        self._bytes = 0
        await self._page.goto(address)
        await expect(self._page.locator("[data-chart]:not([data-drawn])")).to_have_count(0)
        if address.endswith(IDE):
            await expect(self._page.locator(".graphiql-execute-button")).to_be_visible()
        await self._all_came.wait()
        return self._bytes

    def _ask(self, event: dict[str, Any]) -> None:
        if event["type"] != "EventSource":
            self._asked.add(event["requestId"])
            self._all_came.clear()

    def _come(self, event: dict[str, Any]) -> None:
        self._bytes += int(event.get("encodedDataLength", 0))
        self._asked.discard(event["requestId"])
        if not self._asked:
            self._all_came.set()


async def begun(page: Page, told: Told) -> dict[str, str]:
    """The pages to which no link leads: a job's after it was asked for, and of one-time codes."""
    await page.locator(".who").click()
    await page.get_by_role("button", name="设置一次性验证码").click()
    await expect(page.locator(".qr")).to_be_visible()
    codes = page.url
    await check(page, ROSTER)
    checked = page.url
    await page.get_by_role("link", name="上报").click()
    await report_of(page, told)
    return {
        "/import/{job_id:uuid}": checked,
        "/import/{job_id:uuid}/undo": f"{checked}/undo",
        "/submissions/reports/{job_id:uuid}": page.url,
        "/myself/codes": codes,
    }


async def weigh_all(
    scale: Scale, visitor: Visitor, found: dict[str, str], weights: dict[str, tuple[int, int]]
) -> None:
    """Weighs a page of each kind that has no weight yet: of those that were found, and of those to
    which their links lead, which are added."""
    known, seen = kinds(), set[str]()
    while waiting := [kind for kind in found if kind not in seen]:
        for kind in waiting:
            seen.add(kind)
            if kind in weights:
                await visitor.page.goto(found[kind])
            else:
                weights[kind] = await scale.weigh(found[kind])
            links = visitor.page.locator("a")
            for address in await links.evaluate_all("all => all.map(a => a.href)"):
                path = address.removeprefix(visitor.site).partition("?")[0].partition("#")[0]
                of = next((one for one, look in known.items() if look.fullmatch(path)), None)
                if of is not None and of not in weights:
                    found.setdefault(of, address)


async def log_in_as(visitor: Visitor, told: Told, role: Role, partner: str | None) -> None:
    """Goes on as somebody of another role."""
    email = f"{role}@weighs.example"
    await told.app.accounts.create_user(
        email=email, name=NAME, role=role, password=PASSWORD, partner=partner
    )
    await visitor.page.context.clear_cookies()
    await visitor.log_in(replace(told, email=email))
    await expect(visitor.page.locator(".who")).to_have_text(NAME)


async def test_no_page_is_heavy_at_a_first_visit_or_at_a_later_one(visit: Opens, app: App) -> None:
    visitor = await visit()
    page, site = visitor.page, visitor.site
    scale = Scale(page, await page.context.new_cdp_session(page))
    weights = {LOG_IN: await scale.weigh(f"{site}{LOG_IN}")}
    told = await tell(app, PARTNER)
    await board_of(visitor, told)
    found = {path: f"{site}{path}" for path in ("/", IDE, LINKED, NOBODY)} | await begun(page, told)
    found[CAUSE] = site + await complete(told)
    await weigh_all(scale, visitor, found, weights)
    await log_in_as(visitor, told, Role.ADMINISTRATOR, PARTNER)
    staff = {kind: at for kind, at in found.items() if kind.startswith(STAFF)}
    staff[TOKENS] = f"{site}{TOKENS}"
    # Of somebody who cannot log in, who can be invited.
    await page.goto(f"{site}/people?confirmed=false")
    unknown = page.locator("tbody a[href*='/people/person-']").first
    staff[PERSON] = f"{site}{await unknown.get_attribute('href')}"
    await weigh_all(scale, visitor, staff, weights)
    await log_in_as(visitor, told, Role.HEAD_OFFICE, None)
    await weigh_all(scale, visitor, {HEAD_OFFICE: f"{site}{HEAD_OFFICE}"}, weights)
    assert set(kinds()) - set(weights) == set()
    heavy = {kind: both for kind, both in weights.items() if both[0] > FIRST or both[1] > LATER}
    assert heavy == {}, weights
