"""HEAD is answered as GET is, without a body, and an address may hold no endless parameter."""

import asyncio

import httpx
import pytest

from api.requests import LONGEST_PARAMETER
from infra.bootstrap import App
from tests.api.web.visiting import fresh, hidden
from tests.browser.story import Told, join

BROWSER = {"accept": "text/html"}
TOO_LONG = "x" * (LONGEST_PARAMETER + 1)


@pytest.fixture(scope="module")
async def told(app: App) -> Told:
    return await join(app, fresh("HEADS"))


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/trainees",
        "/trainees/nothing",
        "/trainees?on=tomorrow",
        "/trainees/list.csv",
        "/exports/trainees.xlsx",
        "/exports/nothing.csv",
        "/feed",
        "/healthz",
        "/nothing",
        "/logout",
    ],
)
async def test_a_head_is_that_of_the_same_question_by_get(
    browser: httpx.AsyncClient, path: str
) -> None:
    whole = await browser.get(path, headers=BROWSER)
    head = await browser.head(path, headers=BROWSER)
    assert (head.status_code, head.content) == (whole.status_code, b"")
    names = ("content-type", "content-disposition", "cache-control", "location")
    assert [head.headers.get(name) for name in names] == [whole.headers.get(name) for name in names]


async def test_the_head_of_a_stream_without_end_ends(browser: httpx.AsyncClient) -> None:
    head = await asyncio.wait_for(browser.head("/figures/events"), timeout=20)
    assert head.headers["content-type"].startswith("text/event-stream")
    assert head.content == b""


@pytest.mark.parametrize("query", [{"search": TOO_LONG}, {TOO_LONG: "1"}], ids=["value", "name"])
async def test_a_parameter_longer_than_any_of_ours_is_refused_on_a_page_with_its_layout(
    browser: httpx.AsyncClient, query: dict[str, str]
) -> None:
    answer = await browser.get("/trainees", params=query, headers=BROWSER)
    assert answer.status_code == 400
    assert "太长，最多 4000 个字符" in answer.text and 'id="places"' in answer.text
    assert '<a href="/trainees"' in answer.text


async def test_a_parameter_longer_than_any_of_ours_is_refused_to_a_machine_by_its_code(
    browser: httpx.AsyncClient,
) -> None:
    answer = await browser.get("/exports/trainees.csv", params={"search": TOO_LONG})
    assert (answer.status_code, answer.json()["code"]) == (400, "parameter_too_long")


async def test_many_parameters_may_be_longer_together_and_an_address_within_another_too(
    browser: httpx.AsyncClient,
) -> None:
    many = dict.fromkeys(("status", "search"), "x" * 2_100)
    answer = await browser.get("/trainees", params=many, headers=BROWSER)
    assert answer.status_code == 422
    back = await browser.get("/language/en", params={"back": f"/trainees?search={TOO_LONG}"})
    assert back.status_code == 303
    browser.cookies.delete("chudan_language")


async def test_what_is_too_long_for_an_address_is_none_of_a_forms_business(
    browser: httpx.AsyncClient,
) -> None:
    token = hidden((await browser.get("/trainees")).text, "csrf")
    found = await browser.post("/trainees", data={"csrf": token, "search": TOO_LONG})
    assert found.status_code == 303
