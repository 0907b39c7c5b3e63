"""Passkeys: a person's own are listed, added and removed; anybody logs in by one."""

import webauthn  # noqa: F401 - loaded before anybody asks, while nobody waits for anything else
from litestar import Response, get, post
from litestar.enums import MediaType

from api.auth import system
from api.needs import needs
from api.web.kit.cookies import (
    CSRF_FIELD,
    local_path,
    require_csrf,
    session_token,
    visit_cookie,
    visit_token,
)
from api.web.kit.form_state import sent_texts
from api.web.kit.page import OF_VISIT, OWN, RECENT, REDRAWS, PageHere, redirect
from api.web.kit.passkey_site import passkey_site
from api.web.kit.renderer import HEADERS, PageRequest
from api.web.kit.unsaved import UNSAVED
from api.web.pages.login import LARGEST_LOG_IN, RendererHere, entered, login_form
from api.web.pages.myself import PLACE as MYSELF
from api.web.pages.myself import shown
from domain.kernel.errors import Refusal
from services.people.passkeys import Site

PLACE = f"{MYSELF}/passkeys"


@get(f"{PLACE}/challenge", opt=needs())
async def new_passkey_challenge(page: PageHere) -> Response[bytes]:
    """What the browser makes a passkey by."""
    asked = await page.app.passkeys.ask_for_new(_site(page.request), page.session)
    return _json(asked)


@post(PLACE, opt=needs() | {RECENT: True, REDRAWS: True})
async def add_passkey(page: PageHere) -> Response[str]:
    """Keeps what the browser has made."""
    sent = sent_texts(await page.form())
    name = sent.get("passkey_name", "")
    try:
        page.require_current_form()
        await page.app.passkeys.add(_site(page.request), page.session, sent.get("answer", ""), name)
    except Refusal as refusal:
        return await shown(page, refusal, passkey_name=name)
    return redirect(MYSELF)


@post(f"{PLACE}/remove", opt=needs() | {OWN: True, RECENT: True})
async def remove_passkey(page: PageHere) -> Response[str]:
    """Has a passkey log in nobody any more."""
    sent = sent_texts(await page.form())
    try:
        credential_id = bytes.fromhex(sent.get("passkey", ""))
    except ValueError:
        return redirect(MYSELF)
    try:
        await page.app.passkeys.remove(page.session, credential_id)
    except Refusal as refusal:
        return await shown(page, refusal)
    return redirect(MYSELF)


@get("/login/passkey")
async def passkey_challenge(request: PageRequest) -> Response[bytes]:
    """What the browser asks passkeys by."""
    visit = visit_cookie(request)
    asked = system(request).passkeys.ask_to_log_in(_site(request), visit.value or "")
    response = _json(asked)
    response.set_cookie(visit)
    return response


@post("/login/passkey", request_max_body_size=LARGEST_LOG_IN, opt={OF_VISIT: True})
async def log_in_by_passkey(request: PageRequest, renderer: RendererHere) -> Response[str]:
    """Opens a session for what a passkey answered."""
    sent = sent_texts(await request.form())
    following, unsaved = local_path(sent.get("next")), sent.get(UNSAVED, "")
    try:
        require_csrf(request, sent.get(CSRF_FIELD), of_visit=True)
        opened = await system(request).passkeys.log_in(
            _site(request),
            sent.get("answer", ""),
            visit=visit_token(request) or "",
            agent=request.headers.get("user-agent", ""),
            replaced=session_token(request),
        )
    except Refusal as refusal:
        return login_form(request, renderer, following, refusal=refusal, unsaved=unsaved)
    return entered(request, renderer, opened, following, unsaved)


def _site(request: PageRequest) -> Site:
    site = passkey_site(request)
    if site is None:
        raise Refusal("passkey_refused", field="answer")
    return site


def _json(content: str) -> Response[bytes]:
    return Response(content.encode(), media_type=MediaType.JSON, headers=HEADERS)
