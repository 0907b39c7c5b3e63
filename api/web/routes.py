"""All pages, wired for api/app.py.

The application keeps its composition root in the state (api/auth.py, SYSTEM) and runs the
credentials' middleware before these handlers.
"""

from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, Router
from litestar.di import Provide
from litestar.handlers import HTTPRouteHandler
from litestar.status_codes import HTTP_403_FORBIDDEN

from api.errors import status_of
from api.web.kit.assets import Assets, asset_route
from api.web.kit.page import (
    HELPS_ALONG,
    CodesOwedError,
    NotLoggedInError,
    OthersPageError,
    provide_head_office,
    provide_page,
    redirect,
    refuse_forgery,
)
from api.web.kit.refusal_page import OF_ONESELF, RefusalPage, is_redrawn
from api.web.kit.renderer import SAFE, PageRequest, Renderer, came_from, here
from api.web.kit.resource_pages import ResourcePages
from api.web.pages.acknowledging import acknowledge, acknowledge_page
from api.web.pages.all_figures import all_figures_page
from api.web.pages.board import ENDED, board_page, events
from api.web.pages.head_office import (
    create_partner,
    head_office_file,
    head_office_page,
    partner_file,
    partner_page,
)
from api.web.pages.import_words import forget_word
from api.web.pages.importing import (
    cancel,
    carry_out,
    check_again,
    check_files,
    import_job_page,
    import_page,
)
from api.web.pages.inviting import invite, invite_page, reset, unlock
from api.web.pages.login import (
    ANEW,
    choose_language_page,
    log_in,
    log_in_again,
    log_in_by_code,
    log_out,
    login_page,
)
from api.web.pages.members import facts_page, find_members, members_page
from api.web.pages.myself import PLACE as MYSELF
from api.web.pages.myself import (
    choose_own_password,
    end_sessions,
    myself_page,
    unlink_identity,
)
from api.web.pages.one_time_codes import (
    begin_codes,
    codes_page,
    confirm_codes,
    renew_recovery_codes,
    turn_codes_off,
)
from api.web.pages.passkeys import (
    add_passkey,
    log_in_by_passkey,
    new_passkey_challenge,
    passkey_challenge,
    remove_passkey,
)
from api.web.pages.resources import RESOURCES
from api.web.pages.scheme import scheme_page, version_page
from api.web.pages.scheme_draft import draft_version, new_version_page
from api.web.pages.scorecard import scorecard_page
from api.web.pages.sign_in import (
    accept_by_identity,
    come_back,
    link_identity,
    nobody_page,
    sign_in,
)
from api.web.pages.submissions import (
    causes_page,
    report_page,
    request_report,
    submissions_page,
    submit,
)
from api.web.pages.suggesting import suggestions_page
from api.web.pages.tokens import (
    issue_own_token,
    issue_token,
    leave_codes,
    own_tokens_page,
    require_codes,
    revoke_own_token,
    revoke_token,
    rotate_own_token,
    rotate_token,
    tokens_page,
)
from api.web.pages.undoing import cancel_undo, undo, undo_page
from api.web.pages.welcome import choose_password, welcome_page
from api.web.pages.what_if import what_if_page
from domain.kernel.errors import Refusal
from services.people.access import LoginSession


def routes(assets: Assets, renderer: Renderer) -> list[HTTPRouteHandler | Router]:
    """The handlers."""

    def refused(_: Request[Any, Any, Any], refusal: Refusal) -> RefusalPage:
        return RefusalPage(renderer, refusal, status_of(refusal))

    def not_logged_in(plain: Request[Any, Any, Any], error: NotLoggedInError) -> Response[Any]:
        request = PageRequest(plain.scope)
        if request.scope["route_handler"].opt.get(HELPS_ALONG):
            return Response(None, status_code=204)
        if request.method in SAFE or request.asks_for_part:
            return _to_login(request, error.old)
        return log_in_again(request, renderer, error.unsaved, error.old)

    def owes_codes(plain: Request[Any, Any, Any], _: CodesOwedError) -> Response[Any]:
        request = PageRequest(plain.scope)
        if is_redrawn(request) and not request.asks_for_part:
            return RefusalPage(renderer, Refusal(OF_ONESELF), HTTP_403_FORBIDDEN)
        if request.htmx:
            # The whole page goes there: else it would stand in the place of a part.
            return Response(None, status_code=200, headers={"HX-Redirect": MYSELF})
        return redirect(MYSELF)

    router = Router(
        path="/",
        route_handlers=[
            board_page,
            head_office_page,
            create_partner,
            head_office_file,
            partner_page,
            partner_file,
            all_figures_page,
            scorecard_page,
            scheme_page,
            version_page,
            new_version_page,
            draft_version,
            what_if_page,
            submissions_page,
            request_report,
            report_page,
            submit,
            acknowledge_page,
            acknowledge,
            causes_page,
            members_page,
            find_members,
            facts_page,
            suggestions_page,
            events,
            import_page,
            check_files,
            check_again,
            import_job_page,
            carry_out,
            cancel,
            forget_word,
            undo_page,
            undo,
            cancel_undo,
            login_page,
            log_in,
            log_in_by_code,
            log_out,
            myself_page,
            end_sessions,
            choose_own_password,
            begin_codes,
            codes_page,
            confirm_codes,
            renew_recovery_codes,
            turn_codes_off,
            welcome_page,
            choose_password,
            accept_by_identity,
            sign_in,
            come_back,
            link_identity,
            unlink_identity,
            nobody_page,
            choose_language_page,
            new_passkey_challenge,
            add_passkey,
            remove_passkey,
            passkey_challenge,
            log_in_by_passkey,
            invite_page,
            invite,
            reset,
            unlock,
            tokens_page,
            own_tokens_page,
            issue_own_token,
            rotate_own_token,
            revoke_own_token,
            issue_token,
            rotate_token,
            revoke_token,
            require_codes,
            leave_codes,
            *(ResourcePages(one, RESOURCES).router() for one in RESOURCES.all),
        ],
        request_class=PageRequest,
        before_request=refuse_forgery,
        dependencies={
            "head": Provide(provide_head_office),
            "renderer": Provide(lambda: renderer, sync_to_thread=False),
            "page": Provide(provide_page),
        },
        exception_handlers={
            NotLoggedInError: not_logged_in,
            OthersPageError: _anew,
            CodesOwedError: owes_codes,
            Refusal: refused,
        },
    )
    return [router, asset_route(assets)]


def _anew(_: Request[Any, Any, Any], __: OthersPageError) -> Response[Any]:
    """Has the browser load the page anew: else it would show one partner's figures under the name
    of another."""
    return Response("", media_type="text/html", status_code=200, headers={"HX-Refresh": "true"})


def _to_login(request: PageRequest, old: LoginSession | None) -> Response[Any]:
    """To the log-in and back to the page; a stream tells its page that the session ended. old: the
    session, where there is one."""
    if request.url.path == "/figures/events":
        return Response(f"event: {ENDED}\ndata: {ENDED}\n\n", media_type="text/event-stream")
    back = came_from(request) if request.htmx else here(request)
    address = f"/login?{urlencode({'next': back or '/', **(ANEW if old else {})})}"
    if request.htmx:
        return Response(None, status_code=200, headers={"HX-Redirect": address})
    return redirect(address)
