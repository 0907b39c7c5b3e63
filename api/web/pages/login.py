"""Logging in and out, and the choice of language."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime

from litestar import Response, get, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.params import FromPath, SkipValidation
from litestar.status_codes import HTTP_401_UNAUTHORIZED

from api.auth import system
from api.requests import TAKES_ADDRESS
from api.web.kit.cookies import (
    CSRF_FIELD,
    csrf_token,
    is_own_form,
    language_cookie,
    local_path,
    require_csrf,
    session_cookie,
    session_token,
    visit_cookie,
    visit_token,
)
from api.web.kit.form_state import sent_texts
from api.web.kit.page import OF_VISIT, redirect
from api.web.kit.passkey_site import passkey_site
from api.web.kit.renderer import SAFE, PageRequest, Renderer, came_from, here
from api.web.kit.unsaved import LARGEST_UNSAVED, UNSAVED, opened_form
from domain.kernel.errors import Refusal
from services.people.access import LoginSession, NewSession, NewStep
from services.people.sessions import RECENT, is_recent
from services.words.texts import LOCALES

LARGEST_LOG_IN = LARGEST_UNSAVED + (16 << 10)
"""Bytes: what anybody may send, without an account."""

AMISS = (
    *("identity_taken", "link_of_password", "link_over", "sign_in_cancelled", "sign_in_later"),
    *("sign_in_over", "sign_in_refused", "sign_in_unavailable", "too_busy"),
)
"""What the address of a page may say, as `amiss`, of a way to a provider that led nowhere."""
ANEW = {"anew": "yes"}
"""In the address of the log-in: whoever is logged in does so once more."""
AGAIN = ("log_in_step_over", "csrf_refused")
"""After which a log-in begins anew."""

RendererHere = NamedDependency[SkipValidation[Renderer]]


@get("/login", opt={TAKES_ADDRESS: True})
async def login_page(request: PageRequest, renderer: RendererHere) -> Response[str]:
    """The form; who is signed in already goes on."""
    following = request.query_params.get("next")
    session: LoginSession | None = request.scope.get("auth")
    old = session if "anew" in request.query_params else None
    if old and is_recent(old, system(request).clock()):
        old = None
    if session is None or old:
        amiss = amiss_in(request.query_params)
        return login_form(request, renderer, local_path(following), amiss=amiss, old=old)
    return redirect(local_path(following))


@post("/login", request_max_body_size=LARGEST_LOG_IN, opt={OF_VISIT: True})
async def log_in(request: PageRequest, renderer: RendererHere) -> Response[str]:
    """Opens a session for the right password; the refusal does not say which part was wrong.

    A form that was sent meanwhile is shown again to whose it is.
    """
    sent = sent_texts(await request.form())
    email, following = sent.get("email", ""), local_path(sent.get("next"))
    unsaved = sent.get(UNSAVED, "")
    missing = [name for name in ("email", "password") if not sent.get(name, "").strip()]
    if missing:
        return login_form(request, renderer, following, email, unsaved=unsaved, missing=missing)
    try:
        require_csrf(request, sent.get(CSRF_FIELD), of_visit=True)
        return await by_password(
            request, renderer, email, sent.get("password", ""), following, unsaved
        )
    except Refusal as refusal:
        return login_form(request, renderer, following, email, refusal, unsaved)


async def by_password(
    request: PageRequest,
    renderer: Renderer,
    email: str,
    password: str,
    following: str = "/",
    unsaved: str = "",
) -> Response[str]:
    """In by a password, or on to the code that follows it. Refuses what Accounts.log_in does."""
    opened = await system(request).accounts.log_in(
        email,
        password,
        client=request.client and request.client.host,
        agent=request.headers.get("user-agent", ""),
        replaced=session_token(request),
        visit=visit_token(request) or "",
    )
    if isinstance(opened, NewStep):
        return _code_form(request, renderer, opened.secret, following, unsaved)
    return entered(request, renderer, opened, following, unsaved)


@post("/login/code", request_max_body_size=LARGEST_LOG_IN, opt={OF_VISIT: True})
async def log_in_by_code(request: PageRequest, renderer: RendererHere) -> Response[str]:
    """Opens a session for the code that follows the password."""
    sent = sent_texts(await request.form())
    step, following = sent.get("step", ""), local_path(sent.get("next"))
    unsaved = sent.get(UNSAVED, "")
    try:
        require_csrf(request, sent.get(CSRF_FIELD), of_visit=True)
        opened = await system(request).second_factor.log_in(
            step,
            sent.get("code", ""),
            visit=visit_token(request) or "",
            client=request.client and request.client.host,
            agent=request.headers.get("user-agent", ""),
            replaced=session_token(request),
        )
    except Refusal as refusal:
        if refusal.code in AGAIN:
            return login_form(request, renderer, following, refusal=refusal, unsaved=unsaved)
        return _code_form(request, renderer, step, following, unsaved, refusal)
    return entered(request, renderer, opened, following, unsaved)


def entered(
    request: PageRequest, renderer: Renderer, opened: NewSession, following: str, unsaved: str
) -> Response[str]:
    """On to the page that was asked for, or to the form that was sent meanwhile."""
    form = opened_form(request, unsaved)
    if form and is_own_form(request, form.token, opened.session.principal.actor):
        response = renderer.render(request, "unsaved.html", form=form)
    else:
        response = redirect(following)
    response.set_cookie(opened_cookie(request, opened))
    return response


@post("/logout")
async def log_out(request: PageRequest) -> Response[str]:
    """Ends the session."""
    if token := session_token(request):
        await system(request).accounts.log_out(token)
    response = redirect("/login")
    response.set_cookie(session_cookie(request, "", 0))
    return response


@get("/language/{language:str}", opt={TAKES_ADDRESS: True})
async def choose_language_page(request: PageRequest, language: FromPath[str]) -> Response[str]:
    """Keeps the language in a cookie and goes back to where the reader was.

    A filter changes the page's address after the link was drawn: of the same page, the address
    that the browser says it comes from is the newer one.
    """
    back, before = local_path(request.query_params.get("back")), came_from(request) or ""
    is_newer = before.partition("?")[0] == back.partition("?")[0]
    response = redirect(local_path(before if is_newer else back))
    if language in LOCALES:
        response.set_cookie(language_cookie(request, language))
    return response


def opened_cookie(request: PageRequest, opened: NewSession) -> Cookie:
    """The cookie of a new session, which goes with it."""
    seconds = int((opened.session.expires_at - datetime.now(UTC)).total_seconds())
    return session_cookie(request, opened.secret, seconds)


def amiss_in(query: Mapping[str, str]) -> Refusal | None:
    """What an address says of a way that led nowhere."""
    code = query.get("amiss", "")
    return Refusal(code) if code in AMISS else None


def _code_form(
    request: PageRequest,
    renderer: Renderer,
    step: str,
    following: str,
    unsaved: str,
    refusal: Refusal | None = None,
) -> Response[str]:
    return renderer.render(
        request,
        "login_code.html",
        refusal=refusal,
        csrf=csrf_token(visit_token(request) or ""),
        next=following,
        unsaved=unsaved,
        step=step,
    )


def log_in_again(
    request: PageRequest, renderer: Renderer, unsaved: str, old: LoginSession | None
) -> Response[str]:
    """The log-in page in the place of a form that was sent after the session, or too late after the
    log-in. unsaved: the form. old: the session, where there is one."""
    page = login_form(request, renderer, here(request), unsaved=unsaved, is_over=True, old=old)
    if request.htmx.boosted:
        # In the whole page's place: the header above the form says who was logged in.
        whole = {"HX-Retarget": "body", "HX-Reselect": "unset", "HX-Reswap": "innerHTML"}
        page.headers.update(whole)
    else:
        page.status_code = HTTP_401_UNAUTHORIZED
    return page


def login_form(
    request: PageRequest,
    renderer: Renderer,
    following: str,
    email: str = "",
    refusal: Refusal | None = None,
    unsaved: str = "",
    *,
    missing: Collection[str] = (),
    amiss: Refusal | None = None,
    is_over: bool = False,
    is_chosen: bool = False,
    old: LoginSession | None = None,
) -> Response[str]:
    """missing: what was left empty. amiss: why one does not sign in otherwise. is_over: a form was
    sent after the session. is_chosen: the password was chosen just now. old: the session, which is
    too old for what is asked."""
    visit = visit_cookie(request)
    response = renderer.render(
        request,
        "login.html",
        refusal=refusal,
        missing=missing,
        amiss=amiss,
        status=422 if refusal or missing or (amiss and request.method not in SAFE) else None,
        csrf=csrf_token(visit.value or ""),
        next=following,
        email=old.email if old else email,
        unsaved=unsaved,
        is_over=is_over,
        anew=old and int(RECENT.total_seconds()) // 60,
        is_chosen=is_chosen,
        providers=system(request).sign_ins.providers,
        demo_accounts=renderer.demo_accounts,
        has_passkeys=passkey_site(request) is not None,
    )
    response.set_cookie(visit)
    return response
