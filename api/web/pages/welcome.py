"""Where a one-time link leads: somebody chooses a password."""

from litestar import Response, get, post

from api.auth import system
from api.web.kit.cookies import CSRF_FIELD, csrf_token, require_csrf, visit_cookie
from api.web.kit.form_state import sent_texts
from api.web.kit.page import OF_VISIT
from api.web.kit.renderer import PageRequest, Renderer
from api.web.pages.login import RendererHere, login_form
from domain.kernel.errors import Refusal
from services.people.links import PLACE
from services.people.passwords import SHORTEST_PASSWORD

FIELDS = ("link", "password")


@get(PLACE)
async def welcome_page(request: PageRequest, renderer: RendererHere) -> Response[str]:
    """The form. Whose link it is stands behind the #, which no server sees before it is sent."""
    return welcome_form(request, renderer)


@post(PLACE, opt={OF_VISIT: True})
async def choose_password(request: PageRequest, renderer: RendererHere) -> Response[str]:
    """Gives the account its password, and goes on to the log-in."""
    sent = sent_texts(await request.form())
    link = sent.get("link", "").strip()
    missing = [name for name in FIELDS if not sent.get(name, "").strip()]
    if missing:
        return welcome_form(request, renderer, link, missing=missing)
    try:
        require_csrf(request, sent.get(CSRF_FIELD), of_visit=True)
        # Pasted, it may be the whole address.
        account = await system(request).links.choose_password(
            link.rpartition("#")[2], sent.get("password", "")
        )
    except Refusal as refusal:
        return welcome_form(request, renderer, link, refusal)
    return login_form(request, renderer, "/", account.email, is_chosen=True)


def welcome_form(
    request: PageRequest,
    renderer: Renderer,
    link: str = "",
    refusal: Refusal | None = None,
    *,
    missing: list[str] | None = None,
) -> Response[str]:
    """missing: what was left empty."""
    visit = visit_cookie(request)
    response = renderer.render(
        request,
        "welcome.html",
        refusal=refusal,
        missing=missing or [],
        status=422 if refusal or missing else None,
        csrf=csrf_token(visit.value or ""),
        link=link,
        least=SHORTEST_PASSWORD,
        providers=system(request).sign_ins.providers,
        field=refusal.field if refusal else None,
    )
    response.set_cookie(visit)
    return response
