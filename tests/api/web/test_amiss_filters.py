"""A filter that is amiss is told beside its field: the page and the other filters stay. A thing
that was not recorded at a moment is told as such."""

import re
from datetime import date, timedelta
from functools import partial
from typing import Any

import httpx
import pytest

from api.web.kit.filters import parse_filters, read_each
from domain.kernel.errors import Refusal
from infra.bootstrap import App
from infra.readside.evaluators import EvaluatorPool
from infra.readside.projector import catch_up
from services.reading import figures
from services.reading.evaluations import Evaluation
from tests.browser.story import Told, tell
from tests.follow_ups import follow_up_opened

ROW = re.compile(r'<tr data-id="([^"]+)"')
MARKED = re.compile(r'aria-describedby="amiss-(\w+)"')


@pytest.fixture(scope="module")
async def told(app: App) -> Told:
    told = await tell(app, "AMISS")
    await catch_up(app, told.principal.tenant)
    return told


def test_what_can_be_read_of_a_query_is_read_without_what_is_amiss() -> None:
    params = {"on": "soon", "month": "2026-06", "known": "7"}
    read, amiss = read_each(
        params, partial(parse_filters, today=date(2026, 7, 1), zone="Asia/Shanghai")
    )
    assert (read.on, read.month, read.position) == (None, "2026-06", 7)
    assert {name: (one.typed, one.refusal.code) for name, one in amiss.items()} == {
        "on": ("soon", "day_invalid")
    }


@pytest.mark.parametrize(
    ("address", "marked", "kept"),
    [
        ("/?on=soon&by=cohort", "on", 'name="by" value="cohort"'),
        ("/?month=2026-13", "month", 'data-kpi="order_rate"'),
        ("/figures/all?known=long+ago", "known", 'value="long ago"'),
        ("/what-if?window_days=500&rounding=half_up", "window_days", 'value="half_up" selected'),
        ("/trainees?on=soon&status=live", "on", 'value="live" selected'),
        ("/sessions?month=2026-13", "month", "data-list"),
        ("/trainees?status=happy", "status", "data-list"),
        ("/scheme?on=soon", "on", "data-version"),
        ("/scheme?on=2999-01-01", "on", "data-version"),
        ("/?on=2999-01-01&by=cohort", "on", 'name="by" value="cohort"'),
        ("/trainees?on=9999-12-31", "on", "data-list"),
        ("/trainees?known=2999-01-01+09:00", "known", 'value="2999-01-01 09:00"'),
        ("/trainees?search=t07", "search", "data-list"),
        ("/trainees?manager=nobody", "manager", "data-list"),
        ("/follow-ups?trainee=nobody", "trainee", 'value="nobody"'),
        ("/trainees?cohort=nothing", "cohort", '<option value="nothing" selected>'),
        ("/trainees?cohort=nothing&status=live", "cohort", 'value="live" selected'),
    ],
)
async def test_a_filter_that_is_amiss_is_told_beside_its_field(
    browser: httpx.AsyncClient, address: str, marked: str, kept: str
) -> None:
    answer = await browser.get(address)
    assert answer.status_code == 422
    assert MARKED.findall(answer.text) == [marked]
    assert f'role="alert" id="amiss-{marked}"' in answer.text
    assert kept in answer.text


async def test_a_filter_that_the_list_does_not_have_is_told_above_it(
    browser: httpx.AsyncClient,
) -> None:
    answer = await browser.get("/trainees?month=2026-06&status=live&utm_source=mail")
    assert answer.status_code == 422
    assert re.findall(r'role="alert" id="amiss-(\w+)"', answer.text) == ["month"]
    assert "该列表没有筛选条件 月份" in answer.text and 'value="live" selected' in answer.text
    assert "amiss-" not in (await browser.get("/cohorts?month=2031-01")).text
    exported = await browser.get("/trainees/list.csv?month=2026-06")
    assert exported.status_code == 422


async def test_a_list_of_what_belongs_to_nothing_that_is_there_is_empty(
    browser: httpx.AsyncClient, told: Told
) -> None:
    await told.does(follow_up_opened("T01", "K1", on=told.live_on))
    await catch_up(told.app, told.principal.tenant)
    assert ROW.findall((await browser.get("/follow-ups")).text)
    for address in ("/follow-ups?trainee=nobody", "/trainees?cohort=nothing&status=live"):
        assert not ROW.findall((await browser.get(address)).text)


async def test_beside_figures_drawn_anew_the_sentence_stands_in_the_form(
    browser: httpx.AsyncClient,
) -> None:
    asked = {"HX-Request": "true", "HX-Target": "board"}
    answer = await browser.get("/?on=soon", headers=asked)
    assert answer.status_code == 200
    assert MARKED.findall(answer.text) == ["on"]
    assert 'data-kpi="order_rate"' in answer.text


async def test_a_month_is_chosen_from_those_that_the_list_has(
    browser: httpx.AsyncClient,
) -> None:
    page = (await browser.get("/cohorts")).text
    (month,) = re.findall(r'<option value="(\d{4}-\d{2})">', page)
    assert len(ROW.findall((await browser.get(f"/cohorts?month={month}")).text)) == 1
    assert '<option value="2031-01" selected>' in (await browser.get("/cohorts?month=2031-01")).text


async def test_what_was_not_recorded_at_that_time_is_told_with_both_times_and_a_way_back(
    browser: httpx.AsyncClient, told: Told
) -> None:
    (thing, *_) = ROW.findall((await browser.get("/trainees")).text)
    before = told.live_on - timedelta(days=400)
    answer = await browser.get(f"/trainees/{thing}?on={before}&known=2020-01-01+09:00")
    assert answer.status_code == 200
    assert "当时尚未登记" in answer.text
    assert f'value="{before}"' in answer.text and 'value="2020-01-01 09:00"' in answer.text
    assert f'class="button" href="/trainees/{thing}"' in answer.text
    assert (await browser.get("/trainees/nobody?known=1")).status_code == 404


@pytest.mark.parametrize("path", ["/figures/all", "/figures/members?kpi=entered"])
async def test_the_past_of_a_long_log_that_takes_too_long_is_told_with_a_way_to_today(
    browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    async def late(_: EvaluatorPool, asked: Evaluation[Any]) -> None:
        raise Refusal(asked.TOO_LONG, seconds=10)

    monkeypatch.setattr(EvaluatorPool, "evaluate", late)
    monkeypatch.setattr(figures, "MOST_POSITIONS_HERE", 0)
    answer = await browser.get(f"{path}{'&' if '?' in path else '?'}known=100")
    assert answer.status_code == 422
    assert "<h1" in answer.text and "这些指标在 10 秒内没有算完" in answer.text
    assert f'href="{path.partition("?")[0]}"' in answer.text


async def test_records_behind_a_figure_lead_back_to_where_they_were_asked_for(
    browser: httpx.AsyncClient,
) -> None:
    opened = f"{browser.base_url}/figures/members?by=month&kpi=entered"
    page = await browser.get("/figures/facts?positions=1", headers={"Referer": opened})
    assert 'href="/figures/members?by=month&amp;kpi=entered"' in page.text


async def test_the_page_of_a_thing_offers_the_two_times(browser: httpx.AsyncClient) -> None:
    (thing, *_) = ROW.findall((await browser.get("/trainees")).text)
    page = (await browser.get(f"/trainees/{thing}")).text
    assert 'name="on"' in page and 'name="known"' in page
    amiss = await browser.get(f"/trainees/{thing}?known=soon")
    assert MARKED.findall(amiss.text) == ["known"]
