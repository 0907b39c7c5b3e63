"""The page of a refusal: what was refused, and the ways on that fit it.

Whoever is signed in keeps the menu. The session is looked up here where the refusal came before
any handler, as for an address that leads nowhere.
"""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response
from litestar.response.base import ASGIResponse
from litestar.status_codes import HTTP_503_SERVICE_UNAVAILABLE
from litestar.types import Receive, Scope, Send
from structlog.contextvars import get_contextvars

from api.auth import authenticate
from api.web.kit.cookies import csrf_token, session_token
from api.web.kit.menu import menu
from api.web.kit.page import (
    REDRAWS,
    CodesOwedError,
    NotLoggedInError,
    PageContext,
    page_of,
)
from api.web.kit.renderer import SAFE, PageRequest, Renderer, came_from, here
from api.web.kit.unsaved import UnsavedForm, sent_form
from domain.kernel.errors import Refusal
from infra.bootstrap import DATABASE_ERRORS

TITLES = {401: "trouble.forbidden", 403: "trouble.forbidden", 404: "trouble.missing"}
OF_THE_ACCOUNT = "permission_refused"
"""A refusal that another account may not meet."""
OF_THE_FORM = "csrf_refused"
"""A refusal of a form alone, which the same person may send from a page of today."""
OF_ONESELF = "one_time_codes_owed"
"""A refusal until one has set up codes, beside this page."""
LOG_OUT, MYSELF = "/logout", "/myself"


class RefusalPage(Response[None]):
    """The answer to a browser: a page, or for htmx the sentence alone."""

    def __init__(self, renderer: Renderer, refusal: Refusal, status: int) -> None:
        super().__init__(None, status_code=status)
        self._drawn = _Drawn(renderer, refusal, status)

    def to_asgi_response(self, *_: Any, **__: Any) -> ASGIResponse:
        return self._drawn


class _Drawn(ASGIResponse):
    """The same, drawn when it is sent: only then may a session be looked up."""

    def __init__(self, renderer: Renderer, refusal: Refusal, status: int) -> None:
        super().__init__(status_code=status)
        self._renderer, self._refusal, self._status = renderer, refusal, status

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = PageRequest(scope, receive)
        answer = self._sentence(request) if request.asks_for_part else await self._page(request)
        await answer.to_asgi_response(None, request)(scope, receive, send)

    def _sentence(self, request: PageRequest) -> Response[str]:
        answer = self._renderer.render(
            request, "_error.html", refusal=self._refusal, status=self._status
        )
        if request.htmx.target == "board":
            # Into the part that was to be replaced, so that the next filter finds it.
            answer.headers["HX-Reswap"] = "innerHTML"
        return answer

    async def _page(self, request: PageRequest) -> Response[str]:
        is_away = self._refusal.code == "database_gone"
        page = None if is_away else await _page_of(request, self._renderer)
        secret = session_token(request) if request.scope.get("auth") else None
        return self._renderer.render(
            request,
            "error.html",
            refusal=self._refusal,
            status=self._status,
            title=self._title(),
            ways=list(self._ways(request, page)),
            page=page,
            menu=menu(self._renderer.places, page.leads_to) if page else [],
            log_out=csrf_token(secret) if secret else None,
            leaving=self._leaving(request) if secret else None,
            sent=await self._sent(request),
            is_beside=self._refusal.code == OF_ONESELF,
            request_id=get_contextvars().get("request_id") if self._status >= 500 else None,
        )

    async def _sent(self, request: PageRequest) -> UnsavedForm | None:
        """The form to be sent again as it was, where this is of use: it outlives its session, so
        that it does the same, and once."""
        passes = self._status == HTTP_503_SERVICE_UNAVAILABLE or self._refusal.code == OF_ONESELF
        return await sent_form(request) if passes and is_redrawn(request) else None

    def _title(self) -> str:
        of_the_form = self._refusal.code == OF_THE_FORM
        return "trouble.failed" if of_the_form else TITLES.get(self._status, "trouble.failed")

    def _leaving(self, request: PageRequest) -> str | None:
        """The words with which the page offers to log out, where it does."""
        if self._refusal.code == OF_THE_ACCOUNT:
            return "trouble.other_account"
        asked = self._refusal.code == OF_THE_FORM and request.url.path == LOG_OUT
        return "login.out" if asked else None

    def _ways(self, request: PageRequest, page: PageContext | None) -> Iterator[tuple[str, str]]:
        """Message ids and addresses, the best way first."""
        if self._refusal.code == OF_ONESELF:
            yield "codes.begin", MYSELF
            return
        is_read, before = request.method in SAFE, came_from(request)
        if is_read and self._status >= 500:
            yield "trouble.again", here(request)
        if before and not (is_read and before == here(request)):
            yield "trouble.back", before
        if is_read and request.url.query and self._status in (400, 422):
            yield "trouble.without_filters", request.url.path
        # Who may not see the board is led on to another page, if there is one.
        is_led = page is not None and bool(menu(self._renderer.places, page.leads_to))
        if is_led and "/" not in (before, here(request)):
            yield "trouble.to_board", "/"
        if request.scope.get("auth") is None:
            yield "login.submit", f"/login?{urlencode({'next': here(request)})}"


def is_redrawn(request: PageRequest) -> bool:
    """Whether what was sent is a form that outlives its session."""
    return request.method not in SAFE and bool(request.scope["route_handler"].opt.get(REDRAWS))


def is_for_people(request: Request[Any, Any, Any], machine_doors: frozenset[str]) -> bool:
    """Whether a browser asks for a page. machine_doors: first parts of paths that have none."""
    _, first, *_ = f"{request.url.path}/".split("/")
    asked = request.headers.get("accept", "")
    return first not in machine_doors and ("text/html" in asked or "hx-request" in request.headers)


async def _page_of(request: PageRequest, renderer: Renderer) -> PageContext | None:
    """The page of who is signed in; None for others, or while the database cannot be asked."""
    try:
        if "auth" not in request.scope:
            request.scope["user"], request.scope["auth"] = await authenticate(request)
        return await page_of(request, renderer)
    except (NotLoggedInError, CodesOwedError, Refusal, *DATABASE_ERRORS):
        return None
