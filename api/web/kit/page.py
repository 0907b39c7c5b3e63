"""A request for a page by a signed-in person: the person, the form, and the rendering."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from hashlib import blake2b
from typing import Any, ClassVar, Final, cast, overload
from uuid import UUID
from zoneinfo import ZoneInfo

from litestar import Request, Response
from litestar.datastructures import FormMultiDict
from litestar.di import NamedDependency
from litestar.params import SkipValidation
from litestar.response import Redirect
from litestar.status_codes import HTTP_200_OK, HTTP_303_SEE_OTHER

from api.auth import system
from api.errors import sentence
from api.needs import ask_needs
from api.web.kit.cookies import (
    CSRF_FIELD,
    csrf_token,
    is_own_form,
    owner_here,
    require_csrf,
    session_token,
)
from api.web.kit.filters import Filters, PersonKeys, parse_times
from api.web.kit.menu import MenuLink, MenuPlace, menu
from api.web.kit.renderer import SAFE, PageRequest, Renderer, came_from
from api.web.kit.seal import AddressSeal
from api.web.kit.unsaved import sealed_form
from api.web.kit.wording import Wording
from domain.kernel.errors import NotFoundError, PermissionRefusedError, Refusal
from infra.bootstrap import App
from projections.kernel.paging import LARGEST_PAGE, Paging
from projections.teaching.cohorts import COHORT_LIST
from projections.trainees.cohort_roster import TRAINEE_LIST
from services.importing.mending import menders
from services.jobs.jobs import Job, own_job
from services.kernel.context import Principal
from services.kernel.permissions import Permission
from services.people.access import LoginSession
from services.people.sessions import is_recent
from services.reading.head_office import require_head_office
from services.reading.lists import Reader
from services.reading.moment import Moment
from services.reading.purviews import may_find
from services.reading.tables import TableReader

REDRAWS: Final = "redraws"
"""A handler's option: it shows a form again that was drawn in an earlier session of the person,
and asks `PageContext.require_current_form` before it carries anything out. What it was sent while
the database was away is brought back by the page that says so."""


CHANGES_NOTHING: Final = "changes_nothing"
"""A handler's option: it only leads to what was asked for, also by a form that was drawn in an
earlier session of the person."""


HELPS_ALONG: Final = "helps_along"
"""A handler's option: it helps with a page that stays as it is, so that it answers nothing where
the session is over, and leads nowhere."""


OF_VISIT: Final = "of_visit"
"""A handler's option: its form may have been drawn before a log-in in another tab, so that the
handler itself requires the token of the visit."""


RECENT: Final = "recent"
"""A handler's option: it takes a log-in of the last minutes (services' require_recent), which is
asked for anew where it is older. Of a handler of several commands the option names those that do,
as the address does."""


OWN: Final = "own"
"""A handler's option: it is about how oneself logs in, all that whoever owes codes reaches."""


class NotLoggedInError(Exception):
    """There is no session, or no longer: the person is sent to the log-in.

    unsaved: the form that was sent, sealed; empty where none is kept. old: the session that there
    is, where it began too long ago for what is asked.
    """

    def __init__(self, unsaved: str = "", old: LoginSession | None = None) -> None:
        super().__init__()
        self.unsaved, self.old = unsaved, old


class CodesOwedError(Exception):
    """Somebody has to set up one-time codes before anything else."""


class OthersPageError(Exception):
    """A part is asked for by a page of somebody else, who was logged in when it was drawn."""


@dataclass(frozen=True)
class PageContext:
    """One request for a page, with the application behind it.

    partner: the name of the organisation. csrf: what the page's forms carry. seal: for words in
    addresses. lacking: what is to be said of read models that show less than was recorded, if any
    do.
    """

    request: PageRequest
    renderer: Renderer
    app: App
    session: LoginSession
    partner: str
    csrf: str
    seal: AddressSeal
    lacking: Refusal | None = None

    @property
    def principal(self) -> Principal:
        return self.session.principal

    @property
    def tenant(self) -> UUID:
        return self.principal.tenant

    @cached_property
    def wording(self) -> Wording:
        """How the person reads sentences, days and figures."""
        return self.renderer.wording(self.request, self.principal.zone)

    WHOSE: ClassVar[str] = "chudan-page-of"
    """The header in which a page that asks for a part of itself says whose it is."""

    @property
    def whose(self) -> str:
        """Tells people apart; a person who logs in again is the same."""
        return blake2b(self.principal.actor.encode(), digest_size=8).hexdigest()

    @cached_property
    def people(self) -> PersonKeys:
        """The keys of the partner's people in addresses: made by the secret key in force, and
        understood by each at hand, since links outlive a rotation."""
        settings = self.app.log.secret_keys.settings
        return PersonKeys(settings.secret_key, self.tenant, settings.secret_keys)

    @property
    def before(self) -> str | None:
        """The address of the page from which this one was asked for, where that was ours."""
        return came_from(self.request)

    @property
    def client(self) -> str | None:
        """The address of who asks."""
        return self.request.client.host if self.request.client else None

    @property
    def now(self) -> datetime:
        """The instant at which the page is drawn."""
        return self.app.clock()

    @property
    def today(self) -> date:
        """The partner's local day."""
        return self.now.astimezone(ZoneInfo(self.principal.zone)).date()

    def read_times(self, query: Mapping[str, str]) -> Filters:
        """The two times of an address's query. Refuses what `parse_times` refuses."""
        return parse_times(query, self.today, self.principal.zone)

    @property
    def roles(self) -> str:
        """What one's roles are called; blank without one."""
        return " · ".join(self.wording.t(f"role.{role}") for role in self.principal.roles)

    def may(self, permission: Permission, *, everything: bool = False) -> bool:
        return self.principal.may(permission, everything=everything)

    def require(self, permission: Permission) -> None:
        """Raises PermissionRefusedError `permission_refused`."""
        self.principal.require(permission)

    async def form(self) -> FormMultiDict:
        """The submitted form; its token was checked before the handler ran."""
        return await self.request.form()

    @property
    def is_answer(self) -> bool:
        """Whether it answers a form: what it says of it is saved nowhere yet."""
        return self.request.method not in SAFE

    @property
    def unsaved(self) -> Refusal | None:
        """Why a form is drawn again and not carried out: `form_unsaved` where it was drawn in an
        earlier session."""
        return Refusal("form_unsaved") if self.request.is_stale else None

    def require_current_form(self) -> None:
        """Raises what is `unsaved`."""
        if self.unsaved:
            raise self.unsaved

    async def job(self, job_id: UUID, kind: str) -> Job:
        """The job of this kind that may be followed. Raises NotFoundError `job_unknown`."""
        job = await own_job(self.principal, self.app.jobs, job_id)
        if job.kind != kind:
            raise NotFoundError("job_unknown", id=str(job_id))
        return job

    @overload
    def lists(self) -> TableReader: ...
    @overload
    def lists(self, moment: Moment | None) -> Reader: ...
    def lists(self, moment: Moment | None = None) -> Reader:
        """The partner's lists as of a moment; None: of today. Of a moment a reader keeps what it
        has read, so it is for all that a page asks of the same lists, not for the page to keep."""
        return self.app.lists(self.principal, moment)

    async def names(self, trainee_ids: Iterable[str]) -> dict[str, str]:
        """Trainees' names by id; empty where the person may not see them."""
        if not self.may(Permission.READ_TRAINEES):
            return {}
        found = await self.lists().by_id(TRAINEE_LIST, list(trainee_ids))
        return {trainee_id: row.name for trainee_id, row in found.items() if row.name}

    async def cohorts(self, codes: Iterable[str]) -> Collection[str]:
        """Of batches by their codes those whose pages the person may see."""
        if not self.may(Permission.READ_TRAINEES):
            return ()
        lists = self.lists()
        if await lists.reads_everything(COHORT_LIST):
            return {*codes}
        own = await lists.page(COHORT_LIST, Paging(LARGEST_PAGE))
        return {row.code for row in own.rows}

    async def recorders(self, rows: Iterable[Any]) -> dict[str, str]:
        """What those are called who recorded these rows, or mended them in an import, by their
        `actor`."""
        who = {actor for row in rows for actor in (row.actor, *menders(getattr(row, "source", {})))}
        return await self.app.accounts.called(self.tenant, who, self.wording.t)

    def failure(self, job: Job) -> str | None:
        """The sentence of the error that a job ended with."""
        return sentence(job.error, job.error_params, self.wording.language) if job.error else None

    def render(
        self,
        template: str,
        *,
        is_refused: bool = False,
        status: int | None = None,
        **values: Any,
    ) -> Response[str]:
        """The page. values: also the `refusal` for which a form is shown again. is_refused: it is
        shown again for what stands beside its fields alone.

        The status says that it was refused; not to scripts that put the page in its place, as
        browsers log that as the page's error.
        """
        is_refused = self.is_answer and (is_refused or values.get("refusal") is not None)
        refused = 200 if self.request.htmx.boosted else 422
        status = status or (refused if is_refused else 200)
        links = self.menu(values.get("amiss", ()))
        own: dict[str, Any] = {"zone": self.principal.zone, "page": self, "menu": links}
        return self.renderer.render(self.request, template, status=status, **own | values)

    def menu(self, amiss: Collection[str] = ()) -> list[MenuLink]:
        """The links of the menu. amiss: filters of the address that none of them takes over."""
        asked = self.request.query_params
        kept = {name: text for name, text in asked.items() if name not in amiss}
        return menu(self.renderer.places, self.leads_to, self.request.url.path, kept)

    def leads_to(self, place: MenuPlace) -> bool:
        """Whether the menu has it for whoever asks: a list only where something may be theirs."""
        if place.listing is not None:
            return may_find(self.principal, place.listing)
        return self.may(place.permission, everything=place.everything)

    def place_of(self, address: str) -> str | None:
        """The message id of the menu's page that an address leads to, if it leads to one."""
        path = address.partition("?")[0]
        return next((one.words for one in self.renderer.places if one.path == path), None)

    def render_part(self, template: str, **values: Any) -> Response[str]:
        """The page, or for htmx its changing part alone, the template named `_…`."""
        return self.render(f"_{template}" if self.request.asks_for_part else template, **values)


PageHere = NamedDependency[SkipValidation[PageContext]]


async def provide_page(
    request: PageRequest, renderer: NamedDependency[SkipValidation[Renderer]]
) -> PageContext:
    """The page of who is logged in and has what its handler needs.

    Refuses what `page_of` and `ask_needs` refuse.
    """
    page = await page_of(request, renderer)
    ask_needs(page.principal, request.scope["route_handler"].opt)
    return page


async def page_of(request: PageRequest, renderer: Renderer) -> PageContext:
    """The page of who is logged in. Raises NotLoggedInError, OthersPageError, CodesOwedError."""
    session, secret = _session(request)
    handler = request.scope.get("route_handler")
    if session.owes_codes and not (handler and handler.opt.get(OWN)):
        raise CodesOwedError
    app = system(request)
    if session.principal.is_of_head_office:
        name = renderer.wording(request).t("head_office.name")
    else:
        name = (await app.accounts.organisation_of(session.principal.tenant)).name
    token = csrf_token(secret, owner_here(request, session.principal.actor))
    lacking = await app.incomplete_models.warning(session.principal.tenant)
    page = PageContext(request, renderer, app, session, name, token, AddressSeal(secret), lacking)
    # The token of a form says whose it is: it is refused in so many words, not loaded anew.
    is_read = request.htmx and request.method in SAFE
    if is_read and request.headers.get(PageContext.WHOSE, page.whose) != page.whose:
        raise OthersPageError
    return page


async def provide_head_office(
    request: PageRequest, renderer: NamedDependency[SkipValidation[Renderer]]
) -> PageContext:
    """The page of somebody who sees every partner's figures. Raises NotLoggedInError,
    OthersPageError, and PermissionRefusedError `permission_refused` for others."""
    page = await page_of(request, renderer)
    require_head_office(page.principal)
    return page


def _session(request: PageRequest) -> tuple[LoginSession, str]:
    """Who is logged in, and the secret of the session. Raises NotLoggedInError."""
    session: LoginSession | None = request.scope.get("auth")
    secret = session_token(request)
    if session is None or secret is None:
        raise NotLoggedInError
    return session, secret


async def refuse_forgery(plain: Request[Any, Any, Any]) -> None:
    """Before every handler: a session alone vouches for no change, the form carries its token.

    Where a handler REDRAWS its form or CHANGES_NOTHING, one of an earlier session reaches it as
    stale, and one that comes after the session is kept, as is one that comes too late after the
    log-in. Raises PermissionRefusedError `csrf_refused`, NotLoggedInError.
    """
    request = cast(PageRequest, plain)
    opt = request.scope["route_handler"].opt
    await _refuse_forged(request, opt)
    session: LoginSession | None = request.scope.get("auth")
    takes = opt.get(RECENT) or ()
    takes_recent = takes is True or request.path_params.get("command") in takes
    if takes_recent and session and not is_recent(session, system(request).clock()):
        raise NotLoggedInError(await sealed_form(request) if opt.get(REDRAWS) else "", session)


async def _refuse_forged(request: PageRequest, opt: Mapping[str, Any]) -> None:
    if request.method in SAFE or opt.get(OF_VISIT):
        return
    session: LoginSession | None = request.scope.get("auth")
    outlives = bool(opt.get(REDRAWS) or opt.get(CHANGES_NOTHING))
    if session is None:
        if outlives:
            raise NotLoggedInError(await sealed_form(request))
        return
    token = (await request.form()).get(CSRF_FIELD)
    try:
        require_csrf(request, token)
    except PermissionRefusedError:
        request.is_stale = outlives and is_own_form(request, token, session.principal.actor)
        if not request.is_stale:
            raise


class SeeOther(Redirect):
    """Sends the browser to another page, which it asks for by GET; a form that scripts sent too."""

    def to_asgi_response(self, app: Any, request: Request[Any, Any, Any], **how: Any) -> Any:
        """A redirect; to scripts, which would follow it themselves, the order to go there."""
        if not PageRequest(request.scope).htmx.boosted:
            return super().to_asgi_response(app, request, **how)
        headers = {**self.headers, "HX-Redirect": self.url}
        there = Response(None, status_code=HTTP_200_OK, headers=headers, cookies=self.cookies)
        return there.to_asgi_response(app, request, **how)


def redirect(address: str) -> Response[Any]:
    """Sends the browser to another page, which it asks for by GET."""
    return SeeOther(address, status_code=HTTP_303_SEE_OTHER)
