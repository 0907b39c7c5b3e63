"""A page that is still open when somebody else logs in never shows their figures as its own."""

import httpx
import pytest

from api.web.kit.page import PageContext
from infra.bootstrap import App
from tests.api.web.visiting import fresh, log_in
from tests.browser.story import Told, join

HTMX = {"hx-request": "true", "hx-trigger": "board"}


@pytest.fixture(scope="module")
async def told(app: App) -> Told:
    return await join(app, fresh("OPEN"))


def whose(page: str) -> str:
    return page.partition(f'"{PageContext.WHOSE}": "')[2].partition('"')[0]


async def test_a_part_asked_for_by_another_persons_page_has_the_page_loaded_anew(
    browser: httpx.AsyncClient, app: App
) -> None:
    of_first = {PageContext.WHOSE: whose((await browser.get("/")).text)}
    own = await browser.get("/", headers=HTMX | of_first)
    assert 'id="board"' in own.text
    await log_in(browser, (await join(app, fresh("OTHER"))).email)
    others = await browser.get("/", headers=HTMX | of_first)
    assert others.headers["hx-refresh"] == "true"
    assert others.content == b""
