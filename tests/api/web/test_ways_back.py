"""From the records behind a figure one finds back to it, and to the page where it was seen."""

import re
from html import unescape

import httpx
import pytest

from infra.bootstrap import App
from infra.readside.projector import catch_up
from tests.api.web.visiting import fresh
from tests.browser.story import Told, tell

CRUMBS = re.compile(r'<nav class="crumbs".*?</nav>', re.DOTALL)
LINK = re.compile(r'<a href="([^"]+)">([^<]+)</a>')


@pytest.fixture(scope="module")
async def told(app: App) -> Told:
    told = await tell(app, fresh("WAYS"))
    await catch_up(app, told.principal.tenant)
    return told


def crumbs(page: str) -> list[tuple[str, str]]:
    """The addresses and the words of the way back."""
    found = CRUMBS.search(page)
    assert found, page
    return [(unescape(address), words) for address, words in LINK.findall(found[0])]


@pytest.mark.parametrize(
    ("path", "name"),
    [("/", "看板"), ("/figures/all", "全部指标"), ("/scorecard", "考核表")],
    ids=["board", "all_figures", "scorecard"],
)
async def test_an_opened_figure_leads_back_to_where_it_was_seen_through_its_search_and_records(
    browser: httpx.AsyncClient, told: Told, path: str, name: str
) -> None:
    asked = f"by=month&month={told.month}&on={told.month.last_day}&known=100"
    came = f"{path}?{asked}"
    opened = f"/figures/members?{asked}&kpi=order_rate"
    page = await browser.get(opened, headers={"Referer": f"{browser.base_url}{came}"})
    assert crumbs(page.text) == [(came, name)]
    (again,) = re.findall(r'method="post" action="(/figures/members[^"]+)"', page.text)
    page = await browser.get(unescape(again), headers={"Referer": f"{browser.base_url}{opened}"})
    assert crumbs(page.text) == [(came, name)]

    record = unescape(re.findall(r'class="records" href="([^"]+)"', page.text)[0])
    page = await browser.get(record, headers={"Referer": f"{browser.base_url}{opened}"})
    back, figure = crumbs(page.text)
    assert back == (came, name)
    assert figure[1] == f"出单率 · {told.month.year}年{told.month.month}月"
    assert "known=100" in figure[0] and f"on={told.month.last_day}" in figure[0]
    assert "<h1>出单率 · 背后的记录</h1>" in page.text
    assert crumbs((await browser.get(figure[0])).text) == [(came, name)]


@pytest.mark.parametrize("said", ["https://example.com/", "//example.com", "/figures/facts", "x"])
async def test_a_way_back_that_leads_elsewhere_leads_to_the_board(
    browser: httpx.AsyncClient, told: Told, said: str
) -> None:
    asked = {"by": "month", "month": str(told.month), "kpi": "order_rate", "back": said}
    page = await browser.get("/figures/members", params=asked)
    assert crumbs(page.text) == [(f"/?by=month&month={told.month}", "看板")]
