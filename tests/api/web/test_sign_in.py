"""The pages of signing in by a provider: what is offered, the way there and back, and its end."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar

from api.auth import SYSTEM
from infra.access.dingtalk import DingTalkProvider
from infra.access.oidc import OidcProvider
from infra.access.registrations import ClientRegistration
from infra.bootstrap import App
from services.people.access import Tenant
from tests.api.web.visiting import SESSION, fresh, hidden, log_in
from tests.browser.story import tell
from tests.stand_ins.issuer import CLIENT, SECRET, Issuer, issuing


@pytest.fixture(scope="module")
def running() -> Iterator[Issuer]:
    with issuing() as issuer:
        yield issuer


@pytest.fixture
def issuer(
    running: Issuer, web: Litestar, http: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> Issuer:
    """By which people may sign in, and who vouches for one that nobody knows yet."""
    running.be_honest()
    running.claims = {"sub": uuid4().hex}
    registered = ClientRegistration(CLIENT, SECRET, running.address)
    providers = {"oidc": OidcProvider(registered, lambda: datetime.now(UTC))}
    monkeypatch.setattr(web.state[SYSTEM].sign_ins, "providers", providers)
    http.cookies.clear()
    return running


def brought(issuer: Issuer, page: httpx.Response) -> dict[str, str]:
    """What a browser brings back that a page led to the issuer."""
    assert page.status_code == 200
    (address,) = set(re.findall(r'(?:href="|url=)(http://localhost:[^"]+)"', page.text))
    return issuer.visited(unescape(address))


async def back(http: httpx.AsyncClient, brought: dict[str, str]) -> str:
    """Where the way back leads."""
    answer = await http.get("/sign-in/oidc/back", params=brought)
    assert answer.status_code == 303
    return answer.headers["location"]


async def started(http: httpx.AsyncClient, **form: str) -> httpx.Response:
    token = hidden((await http.get("/login")).text, "csrf")
    return await http.post("/sign-in/oidc", data={"csrf": token, "next": "/orders"} | form)


async def test_an_invitation_is_taken_up_without_a_password(
    http: httpx.AsyncClient, app: App, partner: Tenant, issuer: Issuer
) -> None:
    mail = f"{uuid4().hex}@partner.example"
    issued = await app.links.invite(
        email=mail, name="李小龙", role="training_manager", partner=partner.code, by_mail=False
    )
    page = await http.get("/welcome")
    assert 'formaction="/welcome/oidc"' in page.text
    form = {"csrf": hidden(page.text, "csrf"), "password": ""}
    for link, said in ((" ", "请填写链接。"), ("nobody's", "链接无效")):
        refused = await http.post("/welcome/oidc", data=form | {"link": link})
        assert (refused.status_code, said in refused.text) == (422, True)
    leaving = await http.post("/welcome/oidc", data=form | {"link": issued.url})
    assert await back(http, brought(issuer, leaving)) == "/"
    assert mail in (await http.get("/myself")).text
    before = http.cookies[SESSION]
    http.cookies.delete(SESSION)
    assert await back(http, brought(issuer, await started(http))) == "/orders"
    assert http.cookies[SESSION] != before
    http.cookies.clear()


async def test_who_is_logged_in_links_an_identity_and_takes_it_off(
    http: httpx.AsyncClient, app: App, issuer: Issuer
) -> None:
    told = await tell(app, fresh("LINKS"))
    await log_in(http, told.email)
    form = {"csrf": hidden((await http.get("/myself")).text, "csrf")}
    leaving = await http.post("/myself/link/oidc", data=form)
    place = await back(http, brought(issuer, leaving))
    page = (await http.get(place)).text
    assert "已关联" in page
    its = form | {"identity": hidden(page, "identity")}
    http.cookies.delete(SESSION)
    assert await back(http, brought(issuer, await started(http))) == "/orders"
    its["csrf"] = hidden((await http.get("/myself")).text, "csrf")
    assert (await http.post("/myself/unlink", data=its)).status_code == 303
    assert "取消关联" not in (await http.get("/myself")).text
    http.cookies.clear()
    assert await back(http, brought(issuer, await started(http))) == "/no-account"
    nobody = await http.get("/no-account")
    assert "请联系所在单位的系统管理员" in nobody.text


async def test_a_way_that_leads_nowhere_ends_at_the_log_in_which_says_why(
    http: httpx.AsyncClient, issuer: Issuer
) -> None:
    forged = await started(http, csrf="0" * 256)
    assert (forged.status_code, 'role="alert"' in forged.text) == (422, True)
    denied = brought(issuer, await started(http)) | {"code": "", "error": "access_denied"}
    place = await back(http, denied)
    assert place == "/login?amiss=sign_in_cancelled"
    page = await http.get(place)
    assert (page.status_code, "登录已取消。" in page.text) == (200, True)
    other = await http.get("/login?amiss=internal_error")
    assert 'role="alert"' not in other.text
    issuer.claims["nonce"] = "another"
    refused = brought(issuer, await started(http))
    assert await back(http, refused) == "/login?amiss=sign_in_refused"
    http.cookies.clear()
    assert await back(http, refused) == "/login?amiss=sign_in_over"
    assert (await http.get("/sign-in/wecom/back")).status_code == 404


async def test_the_log_in_offers_what_is_set_up_and_says_what_is_untried(
    http: httpx.AsyncClient, web: Litestar, issuer: Issuer
) -> None:
    providers = web.state[SYSTEM].sign_ins.providers
    page = (await http.get("/login")).text
    assert re.findall(r'action="/sign-in/(\w+)"', page) == ["oidc"]
    assert "尚未与真实服务联调" not in page
    providers["dingtalk"] = DingTalkProvider(ClientRegistration("its id", "its secret"))
    page = (await http.get("/login")).text
    assert re.findall(r'action="/sign-in/(\w+)"', page) == ["oidc", "dingtalk"]
    assert "尚未与真实服务联调" in page
    providers.clear()
    assert "/sign-in/" not in (await http.get("/login")).text
