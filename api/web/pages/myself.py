"""A person's own page: who they are here, and where they are logged in."""

from urllib.parse import urlsplit
from uuid import UUID

from litestar import Response, get, post

from api.needs import needs
from api.web.kit.page import OWN, RECENT, PageContext, PageHere, redirect
from api.web.kit.passkey_site import passkey_address, passkey_site
from api.web.pages.login import amiss_in
from domain.kernel.errors import Refusal
from services.people.passwords import SHORTEST_PASSWORD

PLACE = "/myself"

PROGRAMS = {
    "MicroMessenger": "微信",
    "DingTalk": "钉钉",
    "Edg": "Edge",
    "Firefox": "Firefox",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS": "macOS",
    "Linux": "Linux",
}
"""What stands in the name that a browser gives itself, the more telling first."""


@get(PLACE, opt=needs() | {OWN: True})
async def myself_page(page: PageHere) -> Response[str]:
    """The person, how one logs in, and the sessions that are open."""
    return await shown(page, amiss_in(page.request.query_params))


async def shown(
    page: PageContext,
    refusal: Refusal | None = None,
    at: str | None = None,
    passkey_name: str = "",
) -> Response[str]:
    """The page. refusal: of what was asked for on it. at: the field where that is said, if one.
    passkey_name: as it was entered."""
    sessions = await page.app.sessions.list_own(page.session)
    tokens = await page.app.personal_tokens.list_tokens(page.principal)
    return page.render(
        "myself.html",
        refusal=refusal,
        at=at,
        least=SHORTEST_PASSWORD,
        passkey_name=passkey_name,
        passkeys=await page.app.passkeys.list_own(page.session),
        passkey_site=passkey_site(page.request),
        passkey_address=passkey_address(page.request),
        passkey_host=urlsplit(passkey_address(page.request)).hostname,
        codes=await page.app.second_factor.state(page.session),
        sessions=[(one, browser_of(one.agent)) for one in sessions],
        tokens=sum(one.is_good(page.now) for one in tokens),
        identities=await page.app.sign_ins.list_own(page.session),
        providers=page.app.sign_ins.providers,
        ended=page.request.query_params.get("ended", ""),
        changed="changed" in page.request.query_params,
        linked="linked" in page.request.query_params,
    )


@post(f"{PLACE}/sessions/end", opt=needs() | {OWN: True})
async def end_sessions(page: PageHere) -> Response[str]:
    """Ends one session, or all but this one."""
    chosen = (await page.form()).get("session")
    session_id = _id(chosen)
    if chosen and session_id is None:
        return redirect(PLACE)
    ended = await page.app.sessions.end_own(page.session, session_id)
    return redirect(f"{PLACE}?ended={ended}")


@post(f"{PLACE}/password", opt=needs() | {OWN: True, RECENT: True})
async def choose_own_password(page: PageHere) -> Response[str]:
    """Has one log in by another password."""
    try:
        await page.app.own_password.choose(page.session, await sent_alone(page, "password"))
    except Refusal as refusal:
        return await shown(page, refusal, at="password")
    return redirect(f"{PLACE}?changed")


@post(f"{PLACE}/unlink", opt=needs() | {OWN: True, RECENT: True})
async def unlink_identity(page: PageHere) -> Response[str]:
    """Takes off an identity by which one signs in."""
    if (identity_id := _id((await page.form()).get("identity"))) is not None:
        try:
            await page.app.sign_ins.unlink(page.session, identity_id)
        except Refusal as refusal:
            return await shown(page, refusal)
    return redirect(PLACE)


async def sent_alone(page: PageContext, name: str) -> str:
    """The text of the one field of a form; empty where there is none."""
    sent = (await page.form()).get(name)
    return sent if isinstance(sent, str) else ""


def _id(chosen: object) -> UUID | None:
    try:
        return UUID(chosen) if isinstance(chosen, str) else None
    except ValueError:
        return None


def browser_of(agent: str) -> str:
    """A browser as people call it; empty where it is none that is known."""
    program = next((name for word, name in PROGRAMS.items() if word in agent), "")
    system = next((name for word, name in SYSTEMS.items() if word in agent), "")
    return " · ".join(one for one in (program, system) if one)
