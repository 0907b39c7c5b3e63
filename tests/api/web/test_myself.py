"""A person's own page: where they are logged in, and ending it."""

import httpx
import pytest

from api.web.pages.myself import browser_of
from infra.bootstrap import App
from tests.api.web.visiting import SESSION, hidden, log_in
from tests.browser.story import tell

EDGE = "Mozilla/5.0 (Windows NT 10.0) Chrome/130.0 Safari/537.36 Edg/130.0"


async def test_a_log_in_elsewhere_is_listed_and_ended_and_the_own_one_goes_on(
    http: httpx.AsyncClient, app: App
) -> None:
    told = await tell(app, "MYSELF")
    http.headers["user-agent"] = EDGE
    await log_in(http, told.email)
    elsewhere = http.cookies[SESSION]
    await log_in(http, told.email)
    page = (await http.get("/myself")).text
    assert page.count("Edge · Windows") == 2
    assert page.count(">当前<") == 1
    assert told.email in page
    token = hidden(page, "csrf")
    own = {"csrf": token, "session": "no id"}
    assert (await http.post("/myself/sessions/end", data=own)).status_code == 303
    one = {"csrf": token, "session": hidden(page, "session")}
    answer = await http.post("/myself/sessions/end", data=one)
    assert answer.headers["location"] == "/myself?ended=1"
    page = (await http.get("/myself?ended=1")).text
    assert (page.count("Edge · Windows"), "已结束" in page) == (1, True)
    http.cookies.set(SESSION, elsewhere)
    forged = await http.post("/myself/sessions/end", data={"csrf": "0"})
    assert forged.status_code in (401, 403)
    http.cookies.clear()


@pytest.mark.parametrize(
    ("agent", "browser"),
    [
        (EDGE, "Edge · Windows"),
        ("Mozilla/5.0 (iPhone; like Mac OS X) Safari/604.1 MicroMessenger/8.0", "微信 · iPhone"),
        ("curl/8.0", ""),
    ],
)
def test_a_browser_is_called_as_people_call_it(agent: str, browser: str) -> None:
    assert browser_of(agent) == browser
