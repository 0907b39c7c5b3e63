"""Ways in: the tokens of programs, listed, made, replaced, revoked; and what is asked of people."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

from litestar import Response, get, post

from api.needs import needs
from api.web.kit.days import day_typed
from api.web.kit.form_state import sent_text, sent_texts
from api.web.kit.page import RECENT, REDRAWS, PageContext, PageHere, redirect
from domain.kernel.errors import NotFoundError, PermissionRefusedError, Refusal
from domain.kernel.values import number_of
from services.execute import execute
from services.kernel.permissions import Permission
from services.people.access import Issued
from services.people.access_rules import LeaveCodes, RequireCodes, rules_of
from services.people.partner_tokens import permissions_to_give

PLACE = "/tokens"
DAYS, OVERLAP_DAYS = "365", "7"
"""What the forms begin with."""


@get(PLACE, opt=needs(Permission.MANAGE_ACCESS))
async def tokens_page(page: PageHere) -> Response[str]:
    """The partner's tokens, and the form of a new one."""
    return await _shown(page)


@post(PLACE, opt=needs(Permission.MANAGE_ACCESS) | {RECENT: True, REDRAWS: True})
async def issue_token(page: PageHere) -> Response[str]:
    """Makes a token, and shows it once."""
    sent = await page.form()
    scopes = [one for one in sent.getall("scopes", []) if isinstance(one, str)]
    label, days = sent_text(sent, "label") or "", sent_text(sent, "days")

    async def issue() -> Issued:
        page.require_current_form()
        return await page.app.partner_tokens.issue(
            page.session, label=label, scopes=scopes, days=_number(days, "days")
        )

    return await _made(page, issue, {"label": label, "days": days, "scopes": scopes})


@post(f"{PLACE}/rotate", opt=needs(Permission.MANAGE_ACCESS) | {RECENT: True})
async def rotate_token(page: PageHere) -> Response[str]:
    """Makes another in the place of a token, and shows it once."""
    sent = sent_texts(await page.form())

    async def rotate() -> Issued:
        return await page.app.partner_tokens.rotate(
            page.session,
            _id(sent),
            days=_number(sent.get("days"), "days"),
            overlap_days=_number(sent.get("overlap_days"), "overlap_days"),
        )

    return await _made(page, rotate, {})


@post(f"{PLACE}/revoke", opt=needs(Permission.MANAGE_ACCESS))
async def revoke_token(page: PageHere) -> Response[str]:
    """Ends a token at once."""
    await page.app.partner_tokens.revoke(page.principal, _id(sent_texts(await page.form())))
    return redirect(f"{PLACE}?revoked")


@post(f"{PLACE}/codes", opt=needs(Permission.MANAGE_ACCESS) | {RECENT: True})
async def require_codes(page: PageHere) -> Response[str]:
    """Requires one-time codes of everybody from a day on; at once where none is given."""
    try:
        on = day_typed(sent_text(await page.form(), "on")) or page.today
        await execute(page.app.context(page.principal), RequireCodes(on))
    except PermissionRefusedError:
        raise
    except Refusal as refusal:
        return await _shown(page, refusal)
    return redirect(PLACE)


@post(f"{PLACE}/codes/leave", opt=needs(Permission.MANAGE_ACCESS) | {RECENT: True})
async def leave_codes(page: PageHere) -> Response[str]:
    """Leaves it to everybody again whether a code is asked of them."""
    await execute(page.app.context(page.principal), LeaveCodes())
    return redirect(PLACE)


async def _made(
    page: PageContext, make: Callable[[], Awaitable[Issued]], typed: Mapping[str, Any]
) -> Response[str]:
    try:
        issued = await make()
    except PermissionRefusedError:
        raise
    except Refusal as refusal:
        return await _shown(page, refusal, typed)
    return page.render("token_made.html", issued=issued)


async def _shown(
    page: PageContext, refusal: Refusal | None = None, typed: Mapping[str, Any] | None = None
) -> Response[str]:
    known = await page.app.partner_tokens.list_tokens(page.principal)
    rules = await rules_of(page.app.log, page.tenant)
    return page.render(
        "tokens.html",
        refusal=refusal,
        typed={"label": "", "days": DAYS, "scopes": (), **(typed or {})},
        overlap_days=OVERLAP_DAYS,
        good=[one for one in known if one.is_good(page.now)],
        over=[one for one in known if not one.is_good(page.now)],
        permissions=sorted(permissions_to_give(page.principal)),
        codes_from=rules and rules.codes_from,
        revoked="revoked" in page.request.query_params,
    )


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
