"""What a browser is answered when there is nothing to show: a page, the menu, and a way on."""

import re

import pytest
import structlog
from litestar import Litestar, get
from litestar._parsers import parse_url_encoded_form_data
from litestar.testing import AsyncTestClient

from api.app import RENDERER, failed
from api.requests import LARGEST_BODY, MOST_INPUTS
from api.web.kit.assets import Assets
from api.web.kit.renderer import Renderer
from api.web.pages.places import PLACES
from infra.bootstrap import App
from infra.readside.projector import catch_up
from services.kernel.context import Role
from tests.api.web import test_pages as pages
from tests.api.web.test_pages import Client
from tests.api.web.visiting import ask_to_log_in, log_in
from tests.browser.story import PASSWORD, Told, tell

served, client = pages.served, pages.client
BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
HEAD_OFFICE = "office@chudan.example"
TRAINEE = "trainee@partner.example"


@pytest.fixture(scope="module")
async def told(app: App) -> Told:
    """A partner, with somebody who may see little of it, and somebody of no partner."""
    told = await tell(app, "REFUSALS")
    await catch_up(app, told.principal.tenant)
    for email, role, partner in (
        (HEAD_OFFICE, Role.HEAD_OFFICE, None),
        (TRAINEE, Role.TRAINEE, "REFUSALS"),
    ):
        await app.accounts.create_user(
            email=email, name="周主任", role=role, password=PASSWORD, partner=partner
        )
    return told


def ways(page: str) -> list[str]:
    """The addresses that the page leads on to."""
    (part,) = re.findall(r'<div class="ways">(.*?)</div>', page, re.DOTALL)
    return re.findall(r'(?:href|action)="([^"]+)"', part)


@pytest.mark.parametrize("path", ["/nothing", "/trainees/nothing/here", "/import/not-a-job"])
async def test_an_unknown_address_keeps_the_menu_of_who_is_signed_in(
    client: Client, told: Told, path: str
) -> None:
    await log_in(client, told.email)
    answer = await client.get(path, headers=BROWSER)
    assert answer.status_code == 404
    assert "<h1>页面不存在</h1>" in answer.text
    assert 'id="places"' in answer.text and told.name in answer.text
    assert ways(answer.text) == ["/"]


async def test_an_unknown_address_leads_who_is_not_signed_in_to_the_log_in(client: Client) -> None:
    answer = await client.get("/nothing?month=2026-06", headers=BROWSER)
    assert answer.status_code == 404
    assert 'id="places"' not in answer.text
    assert ways(answer.text) == ["/login?next=%2Fnothing%3Fmonth%3D2026-06"]


@pytest.mark.parametrize("path", ["/login", "/trainees", "/cohorts/new", "/import"])
@pytest.mark.parametrize(
    "fields",
    [{"name": "x" * LARGEST_BODY}, {f"name{n}": "x" for n in range(MOST_INPUTS + 1)}],
    ids=["one long text", "many short ones"],
)
async def test_a_form_larger_than_any_of_ours_is_refused_in_words(
    client: Client, told: Told, path: str, fields: dict[str, str]
) -> None:
    await log_in(client, told.email)
    answer = await client.post(path, data=fields, headers=BROWSER)
    assert answer.status_code == 413
    assert "请求太大" in answer.text and 'id="places"' in answer.text


async def test_files_may_be_larger_than_a_form_where_they_are_asked_for(
    client: Client, told: Told
) -> None:
    await log_in(client, told.email)
    page = (await client.get("/import")).text
    (token,) = set(re.findall(r'name="csrf" value="([^"]+)"', page))
    files = {"file": ("名单.csv", b"a,b\n" * (LARGEST_BODY // 2))}
    for path, status in (("/import", 303), ("/cohorts/new", 413)):
        answer = await client.post(
            path, data={"csrf": token}, files=files, headers=BROWSER, follow_redirects=False
        )
        assert answer.status_code == status


async def test_what_was_sent_in_a_form_is_remembered_nowhere(client: Client, told: Told) -> None:
    known = parse_url_encoded_form_data.cache_info().currsize
    assert (await ask_to_log_in(client, told.email)).status_code == 303
    assert (await client.post("/trainees", data={"search": "陈晨"})).status_code == 403
    assert parse_url_encoded_form_data.cache_info().currsize == known


async def test_a_page_that_takes_forms_alone_is_a_page_too(client: Client, told: Told) -> None:
    await log_in(client, told.email)
    answer = await client.get("/logout", headers=BROWSER)
    assert answer.status_code == 405
    assert 'id="places"' in answer.text


@pytest.mark.parametrize(
    "path", ["/files/nothing", "/exports/nothing.csv", "/feed", "/readyz/nothing", "/static/none"]
)
async def test_a_door_for_machines_answers_json_to_whoever_asks(client: Client, path: str) -> None:
    answer = await client.get(path, headers=BROWSER)
    assert answer.status_code in (401, 404)
    assert answer.json()["code"]


async def test_a_machine_is_answered_json_at_an_unknown_address(client: Client) -> None:
    answer = await client.get("/nothing", headers={"accept": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (404, "page_unknown")


async def test_leads_back_to_the_page_that_one_came_from(client: Client, told: Told) -> None:
    await log_in(client, told.email)
    came = BROWSER | {"referer": "http://127.0.0.1/figures/all?month=2026-06"}
    answer = await client.get("/figures/members?kpi=happiness", headers=came)
    assert ways(answer.text) == ["/figures/all?month=2026-06", "/"]


@pytest.mark.parametrize(
    "before",
    [
        "https://evil.example/figures/all",
        "http://127.0.0.1//evil.example/figures/all",
        "http://127.0.0.1/\\evil.example",
    ],
)
async def test_leads_back_to_no_other_host(client: Client, told: Told, before: str) -> None:
    await log_in(client, told.email)
    came = BROWSER | {"referer": before}
    answer = await client.get("/nothing", headers=came)
    assert ways(answer.text) == ["/"]


async def test_a_refused_filter_is_not_carried_on_by_the_menu(client: Client, told: Told) -> None:
    await log_in(client, told.email)
    answer = await client.get("/what-if?window_days=500&month=2026-06", headers=BROWSER)
    assert answer.status_code == 422
    links = re.findall(r'href="(/(?!language)[^"]*)"', answer.text)
    assert 'value="500"' in answer.text and not any("500" in link for link in links)
    assert any("month=2026-06" in link for link in links if link.startswith("/scorecard"))


@pytest.mark.parametrize("who", [TRAINEE, HEAD_OFFICE])
async def test_who_may_not_is_offered_another_account_and_no_forbidden_page(
    client: Client, told: Told, who: str
) -> None:
    await log_in(client, who)
    answer = await client.get("/figures/all", headers=BROWSER)
    assert answer.status_code == 403
    assert "<h1>无权访问</h1>" in answer.text
    assert ways(answer.text) == ["/", "/logout"]
    assert 'href="/scorecard"' not in answer.text
    home = await client.get("/", headers=BROWSER, follow_redirects=True)
    assert home.status_code == 200
    token = re.findall(r'name="csrf" value="([^"]+)"', answer.text)[-1]
    left = await client.post("/logout", data={"csrf": token}, follow_redirects=False)
    assert left.headers["location"] == "/login"


@pytest.mark.parametrize(("query", "where"), [("", "/"), ("?next=/scorecard", "/scorecard")])
async def test_who_is_signed_in_needs_no_log_in(
    client: Client, told: Told, query: str, where: str
) -> None:
    await log_in(client, told.email)
    answer = await client.get(f"/login{query}", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, where)


async def test_what_broke_here_is_said_with_the_number_of_the_request(client: Client) -> None:
    @get("/broken")
    async def broken() -> None:
        raise ValueError

    site = Litestar([broken], exception_handlers={Exception: failed}, openapi_config=None)
    site.state[RENDERER] = Renderer(Assets.load(), PLACES)
    with structlog.contextvars.bound_contextvars(request_id="0123"):
        async with AsyncTestClient(site, raise_server_exceptions=False) as visitor:
            answer = await visitor.get("/broken?month=2026-06", headers=BROWSER)
    assert answer.status_code == 500
    assert "请求编号：0123" in answer.text
    assert ways(answer.text)[0] == "/broken?month=2026-06"


@pytest.mark.parametrize("header", ["referer", "hx-current-url"])
async def test_an_address_that_is_none_is_nowhere_to_go_back_to(
    client: Client, header: str
) -> None:
    said = BROWSER | {header: "http://["}
    assert (await client.get("/nothing", headers=said)).status_code == 404
    moved = await client.get("/language/en", headers=said, follow_redirects=False)
    assert moved.status_code == 303
    part = said | {"hx-request": "true"}
    assert (await client.get("/trainees", headers=part)).headers["hx-redirect"]
