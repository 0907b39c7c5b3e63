"""Who reads a page: a person with a session, found by the credentials' middleware (api/auth.py)."""

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from api.auth import system
from api.web.kit.cookies import csrf_token, session_token
from api.web.kit.pages import PageRequest
from domain.kernel.errors import PermissionRefusedError
from infra.bootstrap import App
from services.kernel.context import Principal, Role
from services.kernel.permissions import Permission, may
from services.people.access import LoginSession


class NotLoggedInError(Exception):
    """There is no session, or no longer: the reader is sent to the log-in."""


@dataclass(frozen=True)
class Reader:
    """The person behind a request, for the page's frame and for what it may show.

    partner: the partner's name. csrf: what the page's forms carry.
    """

    app: App
    session: LoginSession
    partner: str
    csrf: str

    @property
    def principal(self) -> Principal:
        return self.session.principal

    @property
    def name(self) -> str:
        return self.session.name

    @property
    def role(self) -> Role:
        return self.principal.role

    @property
    def may_import(self) -> bool:
        return may(self.principal, Permission.IMPORT_FILES)

    @property
    def today(self) -> date:
        """The partner's local day."""
        return self.app.clock().astimezone(ZoneInfo(self.principal.zone)).date()


async def provide_reader(request: PageRequest) -> Reader:
    """A partner's reader. Raises NotLoggedInError, and PermissionRefusedError `pages_are_partners`
    for accounts that belong to no partner."""
    session: LoginSession | None = request.scope.get("auth")
    secret = session_token(request)
    if session is None or secret is None:
        raise NotLoggedInError
    if session.principal.tenant_id is None:
        raise PermissionRefusedError("pages_are_partners")
    app = system(request)
    partner = await app.accounts.partner_of(session.principal.tenant)
    return Reader(app, session, partner.name if partner else "", csrf_token(secret))
