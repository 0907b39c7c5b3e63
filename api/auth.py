"""From a credential to a principal, before any handler runs.

A bearer token speaks for an integration, a session cookie for a person. The tenant comes from the
credential and from nowhere else. Handlers read `request.user` (Principal or None) and
`request.auth` (LoginSession or None).
"""

from litestar.types import ASGIApp, Receive, Scope, Send

from api.needs import ask_needs
from api.web.kit.cookies import (
    CSRF_HEADER,
    LANGUAGE_COOKIE,
    HttpConnection,
    require_csrf,
    session_token,
)
from api.web.kit.languages import choose_language
from domain.kernel.errors import Refusal
from infra.bootstrap import App
from services.kernel.context import Principal
from services.people.access import LoginSession

SYSTEM = "system"
"""Where the application's state keeps the composition root's App."""

BEARER = "bearer "

OPEN = "open"
"""A handler's option: it asks for no credential and looks none up."""


class Credentials:
    """ASGI middleware: fills `scope["user"]` and `scope["auth"]`.

    Raises Refusal `credential_refused` for a bearer token that stands for nobody; a cookie that
    does is as good as none.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        principal, session = None, None
        if not scope["route_handler"].opt.get(OPEN):
            connection = HttpConnection(scope)
            principal, session = await authenticate(connection)
            if session is not None:
                await system(connection).accounts.see(session_token(connection) or "", session)
        scope["user"] = principal
        scope["auth"] = session
        await self._app(scope, receive, send)


async def authenticate(
    connection: HttpConnection, given: str | None = None
) -> tuple[Principal | None, LoginSession | None]:
    """The principal and the session of a credential. Raises Refusal `credential_refused`.

    given: an `Authorization` value that came otherwise than as the header.
    """
    given = given or connection.headers.get("authorization")
    if given is not None:
        return await _bearer(connection, given), None
    secret = session_token(connection)
    if secret is None:
        return None, None
    session = await system(connection).accounts.principal_of_session(secret)
    return (session.principal, session) if session else (None, None)


async def _bearer(connection: HttpConnection, given: str) -> Principal:
    if given[: len(BEARER)].lower() == BEARER:
        token = given[len(BEARER) :].strip()
        principal = await system(connection).accounts.principal_of_token(token)
        if principal is not None:
            return principal
    raise Refusal("credential_refused")


def system(connection: HttpConnection) -> App:
    """Everything that runs behind the doors."""
    app: App = connection.app.state[SYSTEM]
    return app


def signed_in(connection: HttpConnection) -> Principal:
    """The principal. Raises Refusal `not_signed_in`."""
    principal: Principal | None = connection.scope.get("user")
    if principal is None:
        raise Refusal("not_signed_in")
    return principal


def tenant_member(connection: HttpConnection) -> Principal:
    """A partner's principal, who has what the handler needs.

    Raises Refusal `not_signed_in`, PermissionRefusedError `permission_refused` for head office,
    which sees nothing of a partner, and what `ask_needs` refuses.
    """
    principal = signed_in(connection)
    if principal.is_of_head_office:
        raise principal.refused("partner_data")
    ask_needs(principal, connection.scope["route_handler"].opt)
    return principal


def guard_change(connection: HttpConnection) -> None:
    """Checks the form token of a change that a session cookie authorises (CSRF).

    Raises PermissionRefusedError `csrf_refused`.
    """
    if connection.scope.get("auth") is not None:
        require_csrf(connection, connection.headers.get(CSRF_HEADER))


def is_same_origin(connection: HttpConnection) -> bool:
    """Whether no page of another site asks, as browsers say of a WebSocket."""
    origin = connection.headers.get("origin")
    return origin is None or origin.partition("://")[2] == connection.headers.get("host")


def language_of(connection: HttpConnection) -> str:
    """`zh-CN` or `en`: chosen by cookie, else accepted, else the first language."""
    chosen = connection.cookies.get(LANGUAGE_COOKIE)
    return choose_language(chosen, connection.headers.get("accept-language"))
