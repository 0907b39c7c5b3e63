"""What holds of every page, by the pages' own routes: no list of addresses can fall behind."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
import pytest

from domain.kernel.values import Month
from infra.bootstrap import App
from projections.kernel.paging import Paging
from projections.people.people import PERSON_LIST
from services.execute import execute
from services.kernel.context import Principal, Role
from services.kernel.permissions import Permission
from services.kernel.roles import ROLES, in_role
from services.kernel.scopes import Scope
from services.people.log_ins import roles_to_give
from services.people.person import AssignRole, RegisterPerson
from services.teaching.cohort import OpenCohort
from tests.api.web.visiting import fresh, log_in
from tests.api.web.walking import (
    FORMS_OF_STAFF,
    OF_HEAD_OFFICE,
    amiss,
    complete,
    is_redrawn,
    page_routes,
    redrawn_routes,
    walk,
)
from tests.browser.story import COHORT, PASSWORD, Told, tell
from tests.situation import enrolled, passed_gate, went_live
from tests.submitting import rendered_by_worker, report

OPEN_TO_ALL = ("/login", "/welcome", "/no-account")
FORM = re.compile(
    r'<form(?=[^>]*method="post")(?:[^>]*?action="([^"]+)")?[^>]*>(.*?)</form>', re.DOTALL
)
DUMMIES = {"uuid": str(UUID(int=1)), "int": "1", "str": "x"}


@dataclass(frozen=True)
class Place:
    """told: the partner. cause: the page of one cause of a change. report: of one that is made."""

    told: Told
    cause: str
    report: str


@pytest.fixture(scope="module")
async def place(app: App) -> Place:
    told = await tell(app, "EVERY")
    cause = await complete(told)
    today = datetime.now(ZoneInfo(told.principal.zone)).date()
    await told.does(
        enrolled("NOW", cohort=COHORT, on=today),
        passed_gate("NOW", on=today),
        went_live("NOW", on=today),
    )
    made = await report(app, told.principal, str(Month.of(today)))
    return Place(told, cause, await rendered_by_worker(app, told.principal, made))


@pytest.fixture
async def client(http: httpx.AsyncClient, place: Place) -> AsyncIterator[httpx.AsyncClient]:
    """Logged in as the partner's training manager."""
    await _log_in(http, place.told.email)
    yield http
    http.cookies.clear()


async def _log_in(http: httpx.AsyncClient, email: str) -> None:
    http.cookies.clear()
    page = await http.get("/login")
    form = {"email": email, "password": PASSWORD, **_hidden(page.text)}
    assert (await http.post("/login", data=form)).status_code == 303


def _hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))


async def _begun(client: httpx.AsyncClient, told: Told) -> list[str]:
    """The pages of what is begun and not over: jobs that nobody works on, and one-time codes."""
    own = _hidden((await client.get("/myself")).text)
    codes = (await client.post("/myself/codes/begin", data=own)).headers["location"]
    checked = await client.post(
        "/import",
        data=_hidden((await client.get("/import")).text),
        files={"file": ("名单.csv", "工号,姓名,批次,入职日期\n".encode())},
    )
    asked = await client.post(
        "/submissions/reports",
        data=_hidden((await client.get("/submissions")).text) | {"month": str(told.month)},
    )
    job, report = (answer.headers["location"] for answer in (checked, asked))
    its = told.app.context(told.principal, causation_id=UUID(job.rpartition("/")[2]))
    await execute(its, OpenCohort(fresh("BY-IMPORT"), "本期", told.live_on))
    return [job, f"{job}/undo", report, codes]


async def _forms(client: httpx.AsyncClient, place: Place) -> dict[str, str]:
    """The forms that are filled in, of things one for each command that a page leads to, by their
    addresses; without those that stand on other pages."""
    found = await walk(client, ["/", place.report, *await _begun(client, place.told)])
    own = redrawn_routes() & set(page_routes())
    assert len(redrawn_routes() - own) == 8
    own -= FORMS_OF_STAFF
    assert set(found) >= own
    return {address: page for route in own for address, page in found[route].items()}


def _amiss(page: str) -> list[str]:
    return [
        *re.findall(r"\s(?:on\w+|style|hx-on[\w:-]*)=", page),
        *re.findall(r"(?:src|href|action)=[\"'](?:https?:)?//", page),
    ]


async def test_no_page_has_an_inline_handler_style_or_foreign_address(
    client: httpx.AsyncClient, place: Place
) -> None:
    found = await walk(client, ["/", place.cause, place.report, *await _begun(client, place.told)])
    client.cookies.clear()
    found |= {one: {one: (await client.get(one)).text} for one in OPEN_TO_ALL}
    assert set(page_routes()) - set(found) == FORMS_OF_STAFF | OF_HEAD_OFFICE
    pages = {address: page for one in found.values() for address, page in one.items()}
    assert {address for address, page in pages.items() if _amiss(page)} == set()


async def test_no_form_that_is_refused_has_them_either(
    client: httpx.AsyncClient, place: Place
) -> None:
    forms = await _forms(client, place)
    assert len(forms) > 20
    for address, page in forms.items():
        answer = await client.post(address, data=_hidden(page))
        assert answer.status_code == 422, address
        assert _amiss(answer.text) == [], address


async def test_no_form_of_an_earlier_session_does_anything_but_come_back(
    client: httpx.AsyncClient, place: Place
) -> None:
    app, tenant = place.told.app, place.told.principal.tenant
    pages = await _forms(client, place)
    drawn = {
        action or address: _hidden(form)
        for address, page in pages.items()
        for action, form in FORM.findall(page)
    }
    checking = {address for address in pages if f"{address}/cancel" in drawn}
    assert checking and set(drawn) > set(pages) - checking
    assert any(one.endswith("/acknowledge") for one in pages)
    before = await app.log.position(tenant)
    await log_in(client, place.told.email, anew=False)
    for address, sent in drawn.items():
        answer = await client.post(address, data=sent | {"confirmed": "yes", "act": "publish"})
        assert answer.status_code == (422 if is_redrawn(address) else 403), address
        assert is_redrawn(address) is ("尚未保存" in answer.text), address
    assert await app.log.position(tenant) == before


@pytest.mark.parametrize("route", sorted({*page_routes()} - {*OPEN_TO_ALL}))
async def test_nothing_is_shown_without_a_session(http: httpx.AsyncClient, route: str) -> None:
    http.cookies.clear()
    path = re.sub(r"{\w+:(\w+)}", lambda found: DUMMIES[found[1]], route)
    answer = await http.get(path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login?next=")


def _covering() -> list[Role]:
    """Roles in which each right to read is had without each other one that anybody with it lacks,
    and both over everything and not, where there are such: whatever a page offers that another
    page refuses, one of these is offered."""
    reading = [one for one in Permission if one.startswith("read_")]
    left = dict[Role, set[Any]]()
    for role in roles_to_give(Principal.of_system(None, "operator")):
        its = {one: scopes for one, scopes in ROLES[role].items() if one in reading}
        left[role] = {(one, other) for one in its for other in reading if other not in its}
        left[role] |= {(one, Scope.ALL in scopes) for one, scopes in its.items()}
    found = list[Role]()
    while any(left.values()):
        found.append(max(left, key=lambda role: len(left[role])))
        met = left.pop(found[-1])
        left = {role: its - met for role, its in left.items()}
    return found


@pytest.mark.parametrize("role", _covering())
async def test_no_link_leads_somebody_to_what_is_refused(
    client: httpx.AsyncClient, place: Place, role: Role
) -> None:
    app, principal = place.told.app, place.told.principal
    ctx, on = (
        app.context(in_role(principal.tenant, "tests", Role.ADMINISTRATOR)),
        place.told.live_on,
    )
    if role is Role.SUPERVISOR:
        people = (await app.lists(principal).page(PERSON_LIST, Paging(50))).rows
        (person_id,) = (one.person_id for one in people if one.name == "M01")
    else:
        person_id = (await execute(ctx, RegisterPerson("某人", on))).stream_id
    await execute(ctx, AssignRole(person_id, on, role, Scope.ALL))
    email = f"{role}@all.example"
    partner = await app.accounts.partner("EVERY")
    await app.accounts.add_account(partner, email, "某人", person_id, PASSWORD)
    await _log_in(client, email)
    assert await amiss(client) == {}
    if role is Role.SUPERVISOR:
        # There are batches, and none of them is hers.
        page = (await client.get("/cohorts")).text
        assert "权限范围内没有记录" in page and "还没有批次" not in page


@pytest.mark.parametrize(
    ("role", "own", "status"),
    [(Role.TRAINING_MANAGER, False, 404), (Role.PROJECT_LEAD, True, 403)],
    ids=["another partner", "who may only read"],
)
async def test_no_form_of_a_thing_is_opened_or_sent_by_others(
    client: httpx.AsyncClient, place: Place, role: Role, own: bool, status: int
) -> None:
    app, tenant = place.told.app, place.told.principal.tenant
    of_all = ("/new", "/import", "/myself/tokens")
    forms = [
        one for one in await _forms(client, place) if not one.partition("?")[0].endswith(of_all)
    ]
    partner = "EVERY" if own else "ELSEWHERE"
    if not own:
        await app.accounts.create_partner(partner, "别处渠道")
    email = f"{role}@others.example"
    await app.accounts.create_user(
        email=email, name="他人", role=role, password=PASSWORD, partner=partner
    )
    before = await app.log.position(tenant)
    await _log_in(client, email)
    sent = _hidden((await client.get("/")).text) | {"confirmed": "yes"}
    assert "csrf" in sent and len(forms) > 15
    for address in forms:
        answers = [await client.get(address), await client.post(address, data=sent)]
        assert {answer.status_code for answer in answers} == {status}, address
    assert await app.log.position(tenant) == before
