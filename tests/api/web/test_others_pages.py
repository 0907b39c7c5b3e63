"""A page that is still open when somebody else logs in never shows their figures as its own."""

import httpx
import pytest

from api.web.kit.page import PageContext
from infra.bootstrap import App
from tests.api.web.visiting import fresh, hidden, log_in
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


async def test_a_form_that_another_persons_page_sends_says_that_nothing_was_saved(
    browser: httpx.AsyncClient, app: App
) -> None:
    page = (await browser.get("/cohorts/new")).text
    boosted = {"hx-request": "true", "hx-boosted": "true", PageContext.WHOSE: whose(page)}
    await log_in(browser, (await join(app, fresh("OTHER"))).email)
    sent = {"csrf": hidden(page, "csrf"), "name": "一期"}
    answer = await browser.post("/cohorts/new", data=sent, headers=boosted)
    assert answer.status_code == 403 and "内容没有保存" in answer.text
    assert "hx-refresh" not in answer.headers


@pytest.mark.parametrize("address", ["http://[", "http://[::1"])
async def test_an_address_that_is_none_in_a_header_is_no_fault_of_ours(
    browser: httpx.AsyncClient, address: str
) -> None:
    said = {"referer": address, "hx-current-url": address, "accept": "text/html"}
    assert (await browser.get("/nothing", headers=said)).status_code == 404
    assert (await browser.get("/language/en", headers=said)).status_code == 303
    browser.cookies.clear()
    asked = await browser.get("/trainees", headers=said | {"hx-request": "true"})
    assert asked.headers["hx-redirect"].startswith("/login?next=")
