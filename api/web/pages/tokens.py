"""The tokens of programs, one's own and services': listed, made, replaced, revoked.

Beside those of services: what is asked of people who log in.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final
from uuid import UUID

from litestar import Response, get, post

from api.needs import needs
from api.web.kit.days import day_typed
from api.web.kit.form_state import sent_text, sent_texts
from api.web.kit.page import RECENT, REDRAWS, PageContext, PageHere, redirect
from api.web.pages.myself import PLACE as MYSELF
from domain.kernel.errors import NotFoundError, PermissionRefusedError, Refusal
from domain.kernel.values import number_of
from services.execute import execute
from services.kernel.permissions import Permission
from services.people.access_rules import LeaveCodes, RequireCodes, rules_of
from services.people.program_tokens import ProgramTokens
from services.people.tokens import Issued

PLACE, OWN_PLACE = "/tokens", f"{MYSELF}/tokens"
MANAGES: Final = needs(Permission.MANAGE_ACCESS, everything=True)
BEGUN = {"days": "365", "overlap_days": "7"}
"""What the forms begin with."""


@get(PLACE, opt=MANAGES)
async def tokens_page(page: PageHere) -> Response[str]:
    """The organisation's tokens, and the form of a new one."""
    return await _shown(page)


@get(OWN_PLACE, opt=needs())
async def own_tokens_page(page: PageHere) -> Response[str]:
    """One's own tokens, and the form of a new one."""
    return await _shown(page)


@post(PLACE, opt=MANAGES | {RECENT: True, REDRAWS: True})
async def issue_token(page: PageHere) -> Response[str]:
    """Makes a service's token, and shows it once."""
    return await _issued(page)


@post(OWN_PLACE, opt=needs() | {RECENT: True, REDRAWS: True})
async def issue_own_token(page: PageHere) -> Response[str]:
    """Makes a token of one's own, and shows it once."""
    return await _issued(page)


@post(f"{PLACE}/rotate", opt=MANAGES | {RECENT: True, REDRAWS: True})
async def rotate_token(page: PageHere) -> Response[str]:
    """Makes another in the place of a service's token, and shows it once."""
    return await _rotated(page)


@post(f"{OWN_PLACE}/rotate", opt=needs() | {RECENT: True, REDRAWS: True})
async def rotate_own_token(page: PageHere) -> Response[str]:
    """Makes another in the place of a token of one's own, and shows it once."""
    return await _rotated(page)


@post(f"{PLACE}/revoke", opt=MANAGES)
async def revoke_token(page: PageHere) -> Response[str]:
    """Ends a token at once, whosever it is."""
    return await _revoked(page)


@post(f"{OWN_PLACE}/revoke", opt=needs())
async def revoke_own_token(page: PageHere) -> Response[str]:
    """Ends a token of one's own at once."""
    return await _revoked(page)


@post(f"{PLACE}/codes", opt=MANAGES | {RECENT: True, REDRAWS: True})
async def require_codes(page: PageHere) -> Response[str]:
    """Requires one-time codes of everybody from a day on; at once where none is given."""
    typed = sent_text(await page.form(), "on") or ""
    try:
        page.require_current_form()
        on = day_typed(typed) or page.today
        await execute(page.app.context(page.principal), RequireCodes(on))
    except PermissionRefusedError:
        raise
    except Refusal as refusal:
        return await _shown(page, refusal, {"on": typed})
    return redirect(PLACE)


@post(f"{PLACE}/codes/leave", opt=MANAGES | {RECENT: True})
async def leave_codes(page: PageHere) -> Response[str]:
    """Leaves it to everybody again whether a code is asked of them."""
    await execute(page.app.context(page.principal), LeaveCodes())
    return redirect(PLACE)


async def _issued(page: PageContext) -> Response[str]:
    sent = await page.form()
    scopes = [one for one in sent.getall("scopes", []) if isinstance(one, str)]
    label, days = sent_text(sent, "label") or "", sent_text(sent, "days")

    async def issue() -> Issued:
        return await _of(page).issue(
            page.session, label=label, scopes=scopes, days=_number(days, "days")
        )

    return await _made(page, issue, {"label": label, "days": days, "scopes": scopes})


async def _rotated(page: PageContext) -> Response[str]:
    sent = sent_texts(await page.form())

    async def rotate() -> Issued:
        return await _of(page).rotate(
            page.session,
            _id(sent),
            days=_number(sent.get("days"), "days"),
            overlap_days=_number(sent.get("overlap_days"), "overlap_days"),
        )

    return await _made(page, rotate, {"rotated": BEGUN | sent})


async def _revoked(page: PageContext) -> Response[str]:
    await _of(page).revoke(page.principal, _id(sent_texts(await page.form())))
    return redirect(f"{_place(page)}?revoked")


async def _made(
    page: PageContext, make: Callable[[], Awaitable[Issued]], typed: Mapping[str, Any]
) -> Response[str]:
    try:
        page.require_current_form()
        issued = await make()
    except PermissionRefusedError:
        raise
    except Refusal as refusal:
        return await _shown(page, refusal, typed)
    return page.render("token_made.html", issued=issued, place=_place(page))


async def _shown(
    page: PageContext, refusal: Refusal | None = None, typed: Mapping[str, Any] | None = None
) -> Response[str]:
    tokens = _of(page)
    known = await tokens.list_tokens(page.principal)
    makers = {one.maker for one in known}
    rules = await rules_of(page.app.log, page.tenant)
    return page.render(
        "tokens.html",
        refusal=refusal,
        begun=BEGUN,
        typed={"label": "", **BEGUN, "scopes": (), "rotated": {}, "on": "", **(typed or {})},
        good=[one for one in known if one.is_good(page.now)],
        over=[one for one in known if not one.is_good(page.now)],
        place=_place(page),
        is_own=_is_own(page),
        who=await page.app.accounts.called(page.tenant, makers, page.wording.t),
        left_alone=await page.app.tokens.left_alone(known),
        permissions=sorted(tokens.permissions_to_give(page.principal)),
        codes_from=rules and rules.codes_from,
        revoked="revoked" in page.request.query_params,
    )


def _is_own(page: PageContext) -> bool:
    return page.request.url.path.startswith(OWN_PLACE)


def _place(page: PageContext) -> str:
    return OWN_PLACE if _is_own(page) else PLACE


def _of(page: PageContext) -> ProgramTokens:
    return page.app.personal_tokens if _is_own(page) else page.app.service_tokens


def _number(text: str | None, field: str) -> int:
    number = number_of(text or "")
    if number is None or number != number.to_integral_value():
        raise Refusal("not_a_number", field=field, value=(text or "")[:100])
    return int(number)


def _id(sent: Mapping[str, str]) -> UUID:
    given = sent.get("token", "")
    try:
        return UUID(given)
    except ValueError:
        raise NotFoundError("token_unknown", field="id", id=given[:100]) from None
