"""A person's own page: who they are here, and where they are logged in."""

from uuid import UUID

from litestar import Response, get, post

from api.web.kit.page import PageHere, redirect

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


@get(PLACE)
async def myself_page(page: PageHere) -> Response[str]:
    """The person, and the sessions that are open."""
    sessions = await page.app.sessions.list_own(page.session)
    return page.render(
        "myself.html",
        sessions=[(one, browser_of(one.agent)) for one in sessions],
        ended=page.request.query_params.get("ended", ""),
    )


@post(f"{PLACE}/sessions/end")
async def end_sessions(page: PageHere) -> Response[str]:
    """Ends one session, or all but this one."""
    chosen = (await page.form()).get("session")
    try:
        session_id = UUID(chosen) if isinstance(chosen, str) and chosen else None
    except ValueError:
        return redirect(PLACE)
    ended = await page.app.sessions.end_own(page.session, session_id)
    return redirect(f"{PLACE}?ended={ended}")


def browser_of(agent: str) -> str:
    """A browser as people call it; empty where it is none that is known."""
    program = next((name for word, name in PROGRAMS.items() if word in agent), "")
    system = next((name for word, name in SYSTEMS.items() if word in agent), "")
    return " · ".join(one for one in (program, system) if one)
