"""One-time codes on the pages: set up on one's own, asked after the password, and no way round."""

import re

import httpx
from litestar import Litestar
from pyotp import TOTP

from api.auth import SYSTEM
from infra.bootstrap import App
from services.people.second_factor import STEP_SECONDS
from tests.api.web.visiting import SESSION, ask_to_log_in, hidden, log_in
from tests.browser.story import PASSWORD, join

RECOVERY = re.compile(r"<li><code>([A-Z2-7-]{19})</code></li>")


async def test_they_are_set_up_asked_for_and_turned_off(
    http: httpx.AsyncClient, web: Litestar, app: App
) -> None:
    told = await join(app, "CODES")
    await log_in(http, told.email)
    page = (await http.get("/myself")).text
    assert "未开启" in page
    own = {"csrf": hidden(page, "csrf")}
    assert (await http.get("/myself/codes")).headers["location"] == "/myself"
    assert (await http.post("/myself/codes/begin", data=own)).headers["location"] == (
        "/myself/codes"
    )
    page = (await http.get("/myself/codes")).text
    assert "<svg" in page
    shown = re.search(r"<code>([A-Z2-7 ]{39})</code>", page)
    assert shown is not None
    codes = TOTP(shown[1].replace(" ", ""))
    at = int(web.state[SYSTEM].clock().timestamp())
    now, after = codes.at(at), codes.at(at + STEP_SECONDS)
    for code, said in (("", "请输入验证码"), ("000000", "验证码不对")):
        refused = await http.post("/myself/codes", data=own | {"code": code})
        assert (refused.status_code, said in refused.text) == (422, True)
    page = (await http.post("/myself/codes", data=own | {"code": now})).text
    recovery = RECOVERY.findall(page)
    assert len(recovery) == 10
    page = (await http.get("/myself")).text
    assert "已开启" in page and "10 个" in page and codes.secret not in page

    first = http.cookies[SESSION]
    http.cookies.delete(SESSION)
    asked = await ask_to_log_in(http, told.email, next="/orders")
    assert (asked.status_code, SESSION in http.cookies) == (200, False)
    form = {name: hidden(asked.text, name) for name in ("csrf", "next", "step")}
    for changed, status, said in (
        ({"code": ""}, 422, "请输入验证码"),
        ({"code": now}, 422, "验证码不对"),
        ({"code": after, "csrf": "0" * 256}, 422, 'name="password"'),
        ({"code": after, "step": "made-up"}, 422, "登录已超时"),
    ):
        answer = await http.post("/login/code", data=form | changed)
        assert (answer.status_code, said in answer.text) == (status, True), changed
        assert SESSION not in http.cookies
    # A session that was put there before goes no further.
    cookies = f"chudan_visit={http.cookies['chudan_visit']}; {SESSION}={first}"
    before = {"cookie": cookies}
    entered = await http.post("/login/code", data=form | {"code": after}, headers=before)
    assert (entered.status_code, entered.headers["location"]) == (303, "/orders")
    assert http.cookies[SESSION] != first
    assert await app.accounts.principal_of_session(first) is None
    page = (await http.get("/myself")).text
    own = {"csrf": hidden(page, "csrf")}
    again = {"csrf": own["csrf"], "code": after}
    assert (await http.post("/myself/codes/off", data=again)).status_code == 422
    renewed = await http.post("/myself/codes/recovery", data=own | {"code": recovery[0]})
    (code, *_) = RECOVERY.findall(renewed.text)
    assert code not in recovery
    assert (await http.post("/myself/codes/off", data=own | {"code": code})).status_code == 303
    assert "未开启" in (await http.get("/myself")).text
    http.cookies.delete(SESSION)
    assert (await ask_to_log_in(http, told.email)).status_code == 303
    http.cookies.clear()


async def test_another_browser_does_not_go_on_with_a_step(
    http: httpx.AsyncClient, app: App
) -> None:
    told = await join(app, "CODES2")
    opened = await app.accounts.log_in(told.email, PASSWORD)
    await app.second_factor.begin(opened.session)
    codes = await app.second_factor.unconfirmed(opened.session)
    assert codes is not None
    recovery = await app.second_factor.confirm(opened.session, codes.now())
    http.cookies.clear()
    step = hidden((await ask_to_log_in(http, told.email)).text, "step")
    http.cookies.clear()
    token = hidden((await http.get("/login")).text, "csrf")
    form = {"csrf": token, "next": "/", "step": step, "code": recovery[0]}
    refused = await http.post("/login/code", data=form)
    assert (refused.status_code, "登录已超时" in refused.text) == (422, True)
    assert SESSION not in http.cookies
    http.cookies.clear()
