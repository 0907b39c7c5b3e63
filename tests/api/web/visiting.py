"""A person with a browser, without one: logs in and reads what a form hides."""

import re
from datetime import date
from uuid import uuid4

import httpx

from api.web.kit.figures_view import FiguresView, of_group
from api.web.kit.filters import Filters
from domain.kpi.evidence import Basis, Evidence
from domain.kpi.group import Group
from domain.kpi.subjects.newcomers import managers_of
from services.reading.names import Named
from tests.browser.story import PASSWORD

SESSION = "chudan_session"


def view_of(evidence: Evidence, filters: Filters, today: date) -> FiguresView:
    """What a page shows of evidence, without a server."""
    whole = Basis(evidence, filters.on or today, Group(), today)
    people = {one: Named(f"钱{one}", f"钱{one}") for one in managers_of(whole)}
    basis = of_group(whole, filters.group(people))
    return FiguresView(filters, basis, people, today, 0)


def fresh(code: str) -> str:
    """A partner's code that nobody has yet."""
    return f"{code}-{uuid4().hex[:12]}"


async def log_in(http: httpx.AsyncClient, email: str, *, anew: bool = True) -> httpx.AsyncClient:
    """The client, logged in as the person of an address. anew: as a browser that never was here."""
    if anew:
        http.cookies.clear()
    http.cookies.delete(SESSION)
    assert (await ask_to_log_in(http, email)).status_code == 303
    return http


async def ask_to_log_in(http: httpx.AsyncClient, email: str, **changed: str) -> httpx.Response:
    """The answer to the form of the log-in. changed: what is sent otherwise."""
    page = await http.get("/login")
    form = {"email": email, "password": PASSWORD, "csrf": hidden(page.text, "csrf"), "next": "/"}
    return await http.post("/login", data=form | changed, follow_redirects=False)


def hidden(page: str, name: str) -> str:
    """The value of a hidden input."""
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found, page[:2000]
    return found[1]
