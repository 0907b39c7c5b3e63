"""Every page, found as people find it: by the links of others, one of each kind; and a partner in
which there is something of every kind."""

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from functools import cache
from html import unescape

import httpx
from litestar import Router
from litestar.routes import HTTPRoute

from api.web.kit.assets import Assets
from api.web.kit.page import RECENT, REDRAWS
from api.web.kit.renderer import Renderer
from api.web.pages.head_office import PLACE as HEAD_OFFICE
from api.web.pages.places import PLACES
from api.web.pages.resources import RESOURCES
from api.web.routes import routes
from infra.readside.projector import catch_up
from projections.kernel.paging import Paging
from projections.reporting.submissions import SUBMISSION_LIST
from services.kernel.permissions import Permission
from services.registry import COMMANDS
from tests.browser.story import COHORT, WITHOUT_AN_ORDER, Told
from tests.follow_ups import follow_up_opened
from tests.situation import (
    class_closed,
    class_opened,
    class_planned,
    class_summed_up,
    ordered,
)
from tests.staff import department_changed, department_opened, registered, went_away
from tests.submitting import react, submit

LONG_TEXT = "".join(chr(0x4E00 + n * 7919 % 20_000) for n in range(20_000))
"""As long as a summary may be, and hardly to be packed."""

FILES = ("list.csv", "list.xlsx")
NO_PAGES = {
    f"{HEAD_OFFICE}/list.xlsx",
    f"{HEAD_OFFICE}/{{code:str}}/series.xlsx",
    "/figures/events",
    "/language/{language:str}",
    "/sign-in/{provider:str}/back",
    *("/login/passkey", "/myself/passkeys/challenge"),
    *(f"{one.path}/{name}" for one in RESOURCES.all for name in ("named", *FILES)),
    *(f"{one.path}/{{thing:str}}" for one in RESOURCES.all if one.home),
}
"""A stream that does not end, what leads to another page, what scripts ask for, and files."""

LEADS_OUT = ("/language/{language:str}", "/sign-in/{provider:str}/back", "/login")
"""What makes somebody another visitor."""

FORMS_OF_STAFF = {
    f"{one.path}{form}"
    for one in RESOURCES.all
    if COMMANDS[one.opening].permission is Permission.MANAGE_PEOPLE
    for form in ("/new", "/{thing:str}/{command:str}")
} | {"/people/{thing:str}/invite", "/tokens"}
"""Forms that no training manager may open, which are drawn as all others are."""

OF_HEAD_OFFICE = {HEAD_OFFICE, f"{HEAD_OFFICE}/{{code:str}}"}
"""Pages that no link of a partner's leads to."""

_LINK = re.compile(r'<a [^>]*?href="([^"#?]+)(\?[^"#]*)?')


async def complete(told: Told) -> str:
    """Adds a class with a long summary, a follow-up, staff, and a month that was submitted and then
    moved; answers the page of one cause, to which a link leads only where there are many."""
    on, tenant = told.live_on, told.principal.tenant
    await told.does(
        class_planned("K1", cohort=COHORT, on=on),
        class_opened("K1", on=on),
        class_closed("K1", on=on),
        class_summed_up("K1", on=on, text=LONG_TEXT),
        follow_up_opened("T01", "F1", on=on),
        registered("M8", name="钱主管", on=on),
        registered("M9", name="孙主管", on=on),
        department_opened("XS", on=on, head="M8"),
        department_opened("XS1", on=on),
        department_changed("XS1", on=on, head="M9", whole="XS"),
        went_away("M9", on=on, deputy="M8"),
    )
    await submit(told.app, told.principal, str(told.month))
    await told.does(ordered(WITHOUT_AN_ORDER, "N-1", on=on + timedelta(days=1)))
    await react(told.app, told.principal)
    await catch_up(told.app, tenant)
    (submitted,) = (await told.app.lists(told.principal).page(SUBMISSION_LIST, Paging(1))).rows
    return f"/submissions/{submitted.submission_id}/1/order_rate"


def page_routes(method: str = "GET") -> list[str]:
    """The paths of the pages' routes that answer this method; those of pages, if it is GET."""
    found = [one.path for one in routes_of_pages() if method in one.methods]
    return [path for path in found if method != "GET" or path not in NO_PAGES]


def redrawn_routes() -> set[str]:
    """The paths of the routes that show a form of an earlier session again."""
    return _with_option(REDRAWS)


def recent_routes() -> set[str]:
    """The paths of the routes that take a log-in of the last minutes."""
    return _with_option(RECENT)


def _with_option(option: str) -> set[str]:
    return {
        one.path
        for one in routes_of_pages()
        if any(handler.opt.get(option) for handler in one.route_handlers)
    }


def is_redrawn(address: str) -> bool:
    """Whether a form that is sent to an address is shown again after its session."""
    path, routes = address.partition("?")[0], redrawn_routes()
    return any(re.fullmatch(re.sub(r"{[^}]+}", "[^/]+", one), path) for one in routes)


@cache
def routes_of_pages() -> tuple[HTTPRoute, ...]:
    """All that the pages answer."""
    assets = Assets.load()
    (pages, *_) = routes(assets, Renderer(assets, PLACES))
    assert isinstance(pages, Router)
    return tuple(one for one in pages.routes if isinstance(one, HTTPRoute))


def kinds() -> Mapping[str, re.Pattern[str]]:
    """The pages' routes and how their addresses look, the plainest first."""
    return {
        path: re.compile(re.sub(r"{[^}]+}", "[^/]+", path))
        for path in sorted(page_routes(), key=lambda path: path.count("{"))
    }


async def walk(client: httpx.AsyncClient, start: Iterable[str]) -> dict[str, dict[str, str]]:
    """A page of each kind by its address, by route; of a thing's forms each command's."""
    found = dict[str, dict[str, str]]()
    known, seen, waiting = kinds(), set[tuple[str, str]](), list(start)
    while waiting:
        address = waiting.pop(0)
        path = address.partition("?")[0]
        route = next((one for one, look in known.items() if look.fullmatch(path)), None)
        if route is None:
            continue
        command = path.rpartition("/")[2] if "{command" in route else ""
        if (route, command) in seen:
            continue
        seen.add((route, command))
        answer = await client.get(address)
        assert answer.status_code == 200, address
        found.setdefault(route, {})[address] = answer.text
        waiting += ["".join(map(unescape, parts)) for parts in _LINK.findall(answer.text)]
    return found


async def amiss(client: httpx.AsyncClient) -> dict[str, int]:
    """The links of somebody's pages that lead to no page, each with what it answers. One of each
    kind is followed, and no form about a thing: what is asked of it is that of its command."""
    known = {
        one.path: re.compile(re.sub(r"{[^}]+}", "[^/]+", one.path))
        for one in routes_of_pages()
        if "{command" not in one.path and one.path not in ("/figures/events", *LEADS_OUT)
    }
    found, seen, waiting = dict[str, int](), set[str](), ["/"]
    while waiting:
        address = waiting.pop(0)
        path = address.partition("?")[0]
        plainest = sorted(known, key=lambda one: one.count("{"))
        route = next((one for one in plainest if known[one].fullmatch(path)), None)
        if route is None or route in seen:
            continue
        seen.add(route)
        answer = await client.get(address)
        if answer.status_code == 303:
            waiting.insert(0, answer.headers["location"].partition("#")[0])
        elif answer.status_code != 200:
            found[address] = answer.status_code
        elif answer.headers["content-type"].startswith("text/html"):
            waiting += ["".join(map(unescape, parts)) for parts in _LINK.findall(answer.text)]
    return found
