"""One-time codes of a person: set up, confirmed, their recovery codes made anew, turned off."""

import segno
from litestar import Response, get, post
from markupsafe import Markup

from api.needs import needs
from api.web.kit.page import OWN, RECENT, PageContext, PageHere, redirect
from api.web.pages.myself import PLACE as MYSELF
from api.web.pages.myself import sent_alone, shown
from domain.kernel.errors import Refusal

PLACE = f"{MYSELF}/codes"
GROUP = 4


@post(f"{PLACE}/begin", opt=needs() | {OWN: True, RECENT: True})
async def begin_codes(page: PageHere) -> Response[str]:
    """Makes what codes are made of."""
    try:
        await page.app.second_factor.begin(page.session)
    except Refusal as refusal:
        return await shown(page, refusal)
    return redirect(PLACE)


@get(PLACE, opt=needs() | {OWN: True, RECENT: True})
async def codes_page(page: PageHere) -> Response[str]:
    """The QR code, until a first code shows that it was scanned."""
    return await _codes_page(page)


@post(PLACE, opt=needs() | {OWN: True, RECENT: True})
async def confirm_codes(page: PageHere) -> Response[str]:
    """Has codes asked from now on."""
    try:
        made = await page.app.second_factor.confirm(page.session, await sent_alone(page, "code"))
    except Refusal as refusal:
        return await _codes_page(page, refusal)
    return page.render("recovery_codes.html", codes=made)


@post(f"{PLACE}/recovery", opt=needs() | {RECENT: True})
async def renew_recovery_codes(page: PageHere) -> Response[str]:
    """Other recovery codes in the place of those before."""
    try:
        made = await page.app.second_factor.renew_recovery(
            page.session, await sent_alone(page, "code"), page.client
        )
    except Refusal as refusal:
        return await shown(page, refusal, at="code")
    return page.render("recovery_codes.html", codes=made)


@post(f"{PLACE}/off", opt=needs() | {RECENT: True})
async def turn_codes_off(page: PageHere) -> Response[str]:
    """Has codes asked no more."""
    try:
        await page.app.second_factor.turn_off(
            page.session, await sent_alone(page, "code"), page.client
        )
    except Refusal as refusal:
        return await shown(page, refusal, at="code")
    return redirect(MYSELF)


async def _codes_page(page: PageContext, refusal: Refusal | None = None) -> Response[str]:
    try:
        codes = await page.app.second_factor.unconfirmed(page.session)
    except Refusal as late:
        return await shown(page, late)
    if codes is None:
        return await shown(page, refusal) if refusal else redirect(MYSELF)
    picture = segno.make_qr(codes.provisioning_uri()).svg_inline(scale=5, light="#fff")
    drawn = Markup(picture)  # noqa: S704 - squares, and nobody's text
    groups = [codes.secret[at : at + GROUP] for at in range(0, len(codes.secret), GROUP)]
    return page.render("codes.html", refusal=refusal, picture=drawn, secret=" ".join(groups))
