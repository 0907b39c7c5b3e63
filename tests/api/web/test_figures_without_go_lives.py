"""Where everybody is in training still, what counts all who entered is shown as it stands."""

import re
from datetime import timedelta

import httpx
import pytest

from infra.bootstrap import App
from tests.api.web.visiting import fresh
from tests.browser.story import Told, join
from tests.situation import batch_opened, enrolled, examined


@pytest.fixture
async def told(app: App) -> Told:
    told = await join(app, fresh("TRAINING"))
    on = told.live_on
    await told.does(batch_opened("A1", on=on), enrolled("E1", on=on))
    await told.does(examined("E1", "written", on=on, score=81))
    return told


async def test_a_figure_of_all_who_entered_is_open_and_does_not_say_that_nobody_is_live(
    browser: httpx.AsyncClient, told: Told
) -> None:
    page = (await browser.get("/figures/all")).text
    tiles = dict(re.findall(r'<article class="tile" data-kpi="(\w+)">(.*?)</article>', page, re.S))
    for kpi in ("entered", "average_exam_score"):
        assert "暂定" in tiles[kpi] and "无人上岗" not in tiles[kpi]
    assert "无人上岗" in tiles["order_rate"]


@pytest.mark.parametrize("place", ["/", "/figures/all"])
async def test_where_nothing_is_drawn_there_is_no_legend(
    browser: httpx.AsyncClient, told: Told, place: str
) -> None:
    drawn = (await browser.get(place)).text
    assert 'class="legend' in drawn
    nobody = (await browser.get(f"{place}?on={told.live_on - timedelta(days=1)}")).text
    assert 'class="legend' not in nobody
