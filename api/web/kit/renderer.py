"""Renders pages: one template environment, one set of sentences, one set of security headers.

Every page has a Content-Security-Policy of its own with a fresh nonce: no inline handler, no
foreign host, nothing framed.
"""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Response
from litestar.enums import MediaType
from litestar_htmx import HTMXRequest

from api.auth import language_of
from api.errors import status_of
from api.requests import FormRequest
from api.web.kit.addresses import list_address, named_address, thing_address
from api.web.kit.assets import HERE, Assets
from api.web.kit.cookies import local_path
from api.web.kit.days import LONGEST
from api.web.kit.menu import MenuPlace
from api.web.kit.wording import Wording
from domain.kernel.bounds import Days
from domain.kernel.errors import Refusal
from domain.people.partner import DEFAULT_ZONE
from infra.bootstrap import DemoAccount
from services.words.texts import LOCALES, read_texts

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'nonce-{nonce}'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS: Mapping[str, str] = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
    "Vary": "Cookie, Accept-Language, HX-Request",
    "X-Content-Type-Options": "nosniff",
}


SAFE = ("GET", "HEAD")
"""Methods of requests that change nothing."""


class PageRequest(FormRequest, HTMXRequest):
    """A request for a page, or by htmx for a part of one.

    is_stale: it brings a form that was drawn in an earlier session of the same person; nothing of
    it may be carried out.
    """

    is_stale = False

    @property
    def asks_for_part(self) -> bool:
        """Whether htmx puts the answer into a part of the page, and not, as the answer to a form,
        in the whole page's place."""
        return bool(self.htmx) and not self.htmx.boosted


class Renderer:
    """Turns a template and its values into a response in the reader's language."""

    def __init__(
        self,
        assets: Assets,
        places: Sequence[MenuPlace],
        demo_accounts: Sequence[DemoAccount] = (),
    ) -> None:
        """places: of the menu. demo_accounts: what the log-in page offers."""
        self.places = places
        self.demo_accounts = demo_accounts
        self._environment = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals["asset"] = assets.url
        for one in (list_address, named_address, thing_address):
            self._environment.globals[one.__name__] = one
        self._environment.globals["languages"] = tuple(LOCALES)
        self._environment.globals["earliest"] = Days().since
        self._environment.globals["longest_time"] = LONGEST

    def wording(self, request: PageRequest, zone: str = DEFAULT_ZONE) -> Wording:
        """How the reader of this request sees sentences and figures."""
        return Wording(read_texts(language_of(request)), zone)

    def render(
        self,
        request: PageRequest,
        template: str,
        *,
        zone: str = DEFAULT_ZONE,
        refusal: Refusal | None = None,
        status: int | None = None,
        **values: Any,
    ) -> Response[str]:
        """The page, or the fragment (template named `_…`).

        refusal: what the template says of it is its sentence. status: default the refusal's. Raises
        jinja2.UndefinedError when the template uses a value that it was not given.
        """
        nonce = secrets.token_urlsafe(16)
        wording = self.wording(request, zone)
        html = self._environment.get_template(template).render(
            w=wording,
            t=wording.t,
            nonce=nonce,
            here=here(request),
            refusal=wording.refusal(refusal) if refusal else None,
            **values,
        )
        return Response(
            html,
            media_type=MediaType.HTML,
            status_code=status or (status_of(refusal) if refusal else 200),
            headers={**HEADERS, "Content-Security-Policy": POLICY.format(nonce=nonce)},
        )


def came_from(request: PageRequest) -> str | None:
    """The address, on this host, of the page from which this one was asked for; None where that
    was on another, or its path says another. Of what a script asks for, that of the page now."""
    said = request.headers.get("hx-current-url") or request.headers.get("referer", "")
    try:
        before = urlsplit(said)
    except ValueError:
        return None
    if before.netloc != request.headers.get("host") or not before.netloc:
        return None
    address = urlunsplit(("", "", before.path or "/", before.query, ""))
    return address if local_path(address) == address else None


def here(request: PageRequest) -> str:
    """The address at which this page is read, on this host, with its query. The answer to a form
    whose address shows nothing is read where the form was."""
    if request.method not in SAFE and not _shows_something(request):
        return came_from(request) or "/"
    return asked_address(request)


def asked_address(request: PageRequest) -> str:
    """The address that was asked for, on this host, with its query."""
    query = request.url.query
    return f"{request.url.path}?{query}" if query else request.url.path


def _shows_something(request: PageRequest) -> bool:
    path = request.scope.get("path_template")
    routes = (one for one in request.app.routes if one.path_format == path)
    return any("GET" in route.methods for route in routes)
