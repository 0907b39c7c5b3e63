"""Where a one-time link leads: somebody chooses a password, the very first with name and mail."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from litestar import Response, get, post

from api.auth import system
from api.web.kit.cookies import CSRF_FIELD, csrf_token, require_csrf, visit_cookie
from api.web.kit.form_state import sent_texts
from api.web.kit.page import OF_VISIT
from api.web.kit.renderer import PageRequest, Renderer
from api.web.pages.login import RendererHere, by_password, login_form
from domain.kernel.errors import Refusal
from services.people.links import PLACE
from services.people.passwords import SHORTEST_PASSWORD

FIELDS = ("link", "password")
OF_FIRST = ("link", "name", "email", "password")
"""Of the first account of the installation, which no link names."""


@get(PLACE)
async def welcome_page(request: PageRequest, renderer: RendererHere) -> Response[str]:
    """The form. Whose link it is stands behind the #, which no server sees before it is sent."""
    is_first = await system(request).first_start.is_open()
    return welcome_form(request, renderer, is_first=is_first)


@post(PLACE, opt={OF_VISIT: True})
async def choose_password(request: PageRequest, renderer: RendererHere) -> Response[str]:
    """Gives the account its password, and goes on to the log-in; who made the first is in."""
    sent = sent_texts(await request.form())
    is_first = await system(request).first_start.is_open()
    fields = OF_FIRST if is_first else FIELDS
    if missing := [name for name in fields if not sent.get(name, "").strip()]:
        return welcome_form(request, renderer, sent, missing=missing, is_first=is_first)
    # Pasted, it may be the whole address.
    secret, password = sent["link"].strip().rpartition("#")[2], sent["password"]
    try:
        require_csrf(request, sent.get(CSRF_FIELD), of_visit=True)
        if is_first:
            email = await system(request).first_start.make_account(
                secret, name=sent["name"], email=sent["email"], password=password
            )
            return await by_password(request, renderer, email, password)
        account = await system(request).links.choose_password(secret, password)
    except Refusal as refusal:
        return welcome_form(request, renderer, sent, refusal, is_first=is_first)
    return login_form(request, renderer, "/", account.email, is_chosen=True)


def welcome_form(
    request: PageRequest,
    renderer: Renderer,
    sent: Mapping[str, str] = MappingProxyType({}),
    refusal: Refusal | None = None,
    *,
    missing: Sequence[str] = (),
    is_first: bool = False,
) -> Response[str]:
    """sent: what was typed. missing: what was left empty. is_first: there is no account yet."""
    visit, field = visit_cookie(request), refusal.field if refusal else None
    response = renderer.render(
        request,
        "welcome.html",
        refusal=refusal,
        missing=missing,
        status=422 if refusal or missing else None,
        csrf=csrf_token(visit.value or ""),
        sent=sent,
        is_first=is_first,
        fields=OF_FIRST if is_first else FIELDS,
        least=SHORTEST_PASSWORD,
        providers=() if is_first else system(request).sign_ins.providers,
        field=field,
        focused=next(iter(missing), field or ("name" if is_first else "password")),
    )
    response.set_cookie(visit)
    return response
