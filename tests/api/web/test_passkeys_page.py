"""Passkeys on the pages: added under one's account, and a log-in by one, in one browser."""

import httpx
import pytest

from infra.bootstrap import App
from services.people.passkeys import Site
from tests.api.web.visiting import SESSION, hidden, log_in
from tests.browser.story import join
from tests.services.people.authenticator import Authenticator

LOCAL = Site("http://localhost", "localhost")


@pytest.fixture
def local(http: httpx.AsyncClient) -> httpx.AsyncClient:
    """The pages as they are read at localhost."""
    http.base_url = "http://localhost"
    http.cookies.clear()
    return http


async def test_one_is_added_logs_in_and_is_removed(local: httpx.AsyncClient, app: App) -> None:
    told, device = await join(app, "PASSKEYS"), Authenticator(LOCAL)
    await log_in(local, told.email)
    page = (await local.get("/myself")).text
    asked = (await local.get("/myself/passkeys/challenge")).text
    form = {"csrf": hidden(page, "csrf"), "passkey_name": "随身密钥", "answer": device.make(asked)}
    refused = await local.post("/myself/passkeys", data=form | {"passkey_name": " "})
    assert (refused.status_code, "请为通行密钥填写名称" in refused.text) == (422, True)
    assert (await local.post("/myself/passkeys", data=form)).status_code == 303
    page = (await local.get("/myself")).text
    assert "随身密钥" in page and "尚未使用" in page

    first = local.cookies[SESSION]
    local.cookies.delete(SESSION)
    page = (await local.get("/login?next=/orders")).text
    assert 'data-passkey="/login/passkey"' in page
    answer = device.answer((await local.get("/login/passkey")).text)
    entry = {"csrf": hidden(page, "csrf"), "next": "/orders", "answer": answer}
    forged = await local.post("/login/passkey", data=entry | {"csrf": "0" * 256})
    assert (forged.status_code, SESSION in local.cookies) == (422, False)
    # Another browser has another visit, whatever it was told.
    visit = local.cookies["chudan_visit"]
    local.cookies.clear()
    token = hidden((await local.get("/login")).text, "csrf")
    stolen = await local.post("/login/passkey", data=entry | {"csrf": token})
    assert (stolen.status_code, "通行密钥未通过验证" in stolen.text) == (422, True)
    own = {"cookie": f"chudan_visit={visit}; {SESSION}={first}"}
    entered = await local.post("/login/passkey", data=entry, headers=own)
    assert (entered.status_code, entered.headers["location"]) == (303, "/orders")
    assert local.cookies[SESSION] != first
    assert await app.accounts.principal_of_session(first) is None
    replayed = await local.post("/login/passkey", data=entry, headers=own)
    assert replayed.status_code == 422

    page = (await local.get("/myself")).text
    gone = {"csrf": hidden(page, "csrf"), "passkey": hidden(page, "passkey")}
    assert (await local.post("/myself/passkeys/remove", data=gone)).status_code == 303
    assert "随身密钥" not in (await local.get("/myself")).text
    local.cookies.clear()


async def test_at_a_bare_address_it_is_said_where_they_work(
    http: httpx.AsyncClient, app: App
) -> None:
    told = await join(app, "PASSKEYS2")
    await log_in(http, told.email)
    page = (await http.get("/myself")).text
    assert "请改用 http://localhost:8000 打开本页" in page
    assert "data-passkey" not in page
    assert (await http.get("/myself/passkeys/challenge")).status_code == 422
    http.cookies.clear()
    assert "data-passkey" not in (await http.get("/login")).text
