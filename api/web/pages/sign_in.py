"""Signing in by a provider: the way there, the way back, and where nobody is known.

The way back ends in a redirect whatever comes of it, so that its code and state stand in no address
that is shown.
"""

from urllib.parse import urlencode

from litestar import Response, get, post
from litestar.params import FromPath

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
from api.web.kit.page import OF_VISIT, RECENT, PageHere, redirect
from api.web.kit.renderer import PageRequest, Renderer
from api.web.pages import myself, welcome
from api.web.pages.login import AMISS, RendererHere, login_form, opened_cookie
from domain.kernel.errors import NotFoundError, Refusal
from services.people import links
from services.people.access import LoginSession
from services.people.sign_in import PLACE

NOBODY = "/no-account"


@post(f"{PLACE}/{{provider:str}}", opt={OF_VISIT: True})
async def sign_in(
    request: PageRequest, renderer: RendererHere, provider: FromPath[str]
) -> Response[str]:
    """Sends somebody to a provider, to log in."""
    sent = sent_texts(await request.form())
    following = local_path(sent.get("next"))
    try:
        require_csrf(request, sent.get(CSRF_FIELD), of_visit=True)
        return await _leave(request, renderer, provider, following)
    except NotFoundError:
        raise
    except Refusal as refusal:
        return login_form(request, renderer, following, amiss=refusal)


@post(f"{links.PLACE}/{{provider:str}}", opt={OF_VISIT: True})
async def accept_by_identity(
    request: PageRequest, renderer: RendererHere, provider: FromPath[str]
) -> Response[str]:
    """Sends somebody with a one-time link to a provider, to be known by it instead of by a
    password."""
    sent = sent_texts(await request.form())
    link = sent.get("link", "").strip().rpartition("#")[2]
    if not link:
        return welcome.welcome_form(request, renderer, missing=["link"])
    try:
        require_csrf(request, sent.get(CSRF_FIELD), of_visit=True)
        await system(request).links.account_of(link)
        return await _leave(request, renderer, provider, "/", link=link)
    except NotFoundError:
        raise
    except Refusal as refusal:
        return welcome.welcome_form(request, renderer, {"link": link}, refusal)


@post(f"{myself.PLACE}/link/{{provider:str}}", opt=needs() | {RECENT: True})
async def link_identity(page: PageHere, provider: FromPath[str]) -> Response[str]:
    """Sends somebody to a provider, to be known by it from then on."""
    following = f"{myself.PLACE}?linked=yes"
    try:
        return await _leave(page.request, page.renderer, provider, following, session=page.session)
    except NotFoundError:
        raise
    except Refusal as refusal:
        return await myself.shown(page, refusal)


@get(f"{PLACE}/{{provider:str}}/back")
async def come_back(request: PageRequest, provider: FromPath[str]) -> Response[str]:
    """Opens a session, or links an identity with the account of the one that there is."""
    session: LoginSession | None = request.scope.get("auth")
    sign_ins, asked = system(request).sign_ins, request.query_params
    code = sign_ins.providers[provider].code if provider in sign_ins.providers else ""
    try:
        entered = await sign_ins.finish(
            provider,
            visit_token(request),
            asked.get("state", ""),
            asked.get(code, ""),
            client=request.client and request.client.host,
            agent=request.headers.get("user-agent", ""),
            session=session,
            replaced=session_token(request),
        )
    except Refusal as refusal:
        return _ended(refusal, session)
    response = redirect(entered.following)
    if entered.opened:
        response.set_cookie(opened_cookie(request, entered.opened))
    return response


@get(NOBODY)
async def nobody_page(request: PageRequest, renderer: RendererHere) -> Response[str]:
    """Says whom to ask for an account."""
    return renderer.render(request, "no_account.html")


async def _leave(
    request: PageRequest,
    renderer: Renderer,
    provider: str,
    following: str,
    *,
    session: LoginSession | None = None,
    link: str | None = None,
) -> Response[str]:
    """Leads to the provider by a page: that the answer to a form redirects there is stopped by the
    policy that forms are sent nowhere else."""
    visit = visit_cookie(request)
    address = await system(request).sign_ins.start(
        provider,
        visit.value or "",
        following,
        client=request.client and request.client.host,
        session=session,
        link=link,
    )
    response = renderer.render(request, "leaving.html", provider=provider, address=address)
    response.set_cookie(visit)
    return response


def _ended(refusal: Refusal, session: LoginSession | None) -> Response[str]:
    """Where a way ends that led nowhere."""
    if refusal.code == "identity_unknown":
        return redirect(NOBODY)
    code = "sign_in_later" if refusal.code == "log_in_later" else refusal.code
    if code not in AMISS:
        raise refusal
    place = myself.PLACE if session else "/login"
    return redirect(f"{place}?{urlencode({'amiss': code})}")
