"""The page of a cohort: its figures open to its own people, at the times of the page."""

import asyncio
import re
from datetime import timedelta
from html import unescape

import httpx
import pytest

from infra.bootstrap import App
from infra.readside.projector import Projector, catch_up
from projections.figures.evidence import SOURCES
from projections.teaching.cohorts import COHORT_LIST
from projections.trainees.cohort_roster import ROSTER
from tests.api.web.visiting import fresh
from tests.browser.story import Told, join
from tests.situation import batch_opened, enrolled, ordered, passed_gate, went_live

CODE = "A&B #1+%"
STAGE = re.compile(r'data-stage="([a-z_]+)"><dt>[^<]*</dt><dd>(?:<a [^>]*>)?(\d+)<')
FIGURE = re.compile(r'class="figure" href="(/figures/members\?[^"]*kpi=order_rate)"')
LINK = re.compile(r'href="(/(?:trainees|cohorts|sessions)[^"]*)"')


@pytest.fixture
async def told(app: App) -> Told:
    """One live on the first day, ordering on the third; another live on the fifth."""
    told = await join(app, fresh("GROUPS"))
    day = told.live_on
    await told.does(batch_opened(CODE, on=day), batch_opened("A", on=day))
    for who, cohort, later in (("E1", CODE, 0), ("E2", CODE, 4), ("E3", "A", 0)):
        live_on = day + timedelta(days=later)
        await told.does(
            enrolled(who, cohort=cohort, on=day),
            passed_gate(who, on=live_on),
            went_live(who, on=live_on),
        )
    await told.does(ordered("E1", "N1", on=day + timedelta(days=2)))
    await catch_up(app, told.principal.tenant)
    return told


@pytest.fixture
async def cohort(app: App, told: Told) -> str:
    row = await app.lists(told.principal).get(COHORT_LIST, code=CODE)
    assert row is not None
    return f"/cohorts/{row.cohort_id}"


async def test_a_figure_opens_to_the_people_of_a_cohort_whatever_signs_its_code_has(
    browser: httpx.AsyncClient, cohort: str
) -> None:
    opened = await browser.get(_figure(await browser.get(cohort)))
    assert opened.status_code == 200
    assert _numbers(opened) == {"E1", "E2"}


async def test_a_figure_of_the_past_opens_to_the_people_of_then(
    browser: httpx.AsyncClient, cohort: str, told: Told
) -> None:
    on = told.live_on + timedelta(days=3)
    opened = await browser.get(_figure(await browser.get(f"{cohort}?on={on}")))
    assert _numbers(opened) == {"E1"}


async def test_links_of_a_page_of_the_past_stay_there(
    browser: httpx.AsyncClient, cohort: str, told: Told, app: App
) -> None:
    known = await app.log.position(told.principal.tenant) - 1
    past = f"on={told.live_on + timedelta(days=3)}&known={known}"
    page = (await browser.get(f"{cohort}?{past}")).text
    main = page[page.index("<main") : page.index("</main>")]
    there = {unescape(link) for link in LINK.findall(main)} - {cohort}
    assert len(there) > 2
    assert {link for link in there if past not in link} == set()


async def test_the_stages_are_at_least_as_far_as_the_figures_beside_them(
    browser: httpx.AsyncClient, cohort: str, told: Told, app: App
) -> None:
    tenant, on = told.principal.tenant, told.live_on
    await told.does(enrolled("E4", cohort=CODE, on=on), passed_gate("E4", on=on))
    await told.does(went_live("E4", on=on))
    await Projector(app.db, app.log, SOURCES).catch_up(tenant)
    page, _ = await asyncio.gather(
        browser.get(cohort), Projector(app.db, app.log, [ROSTER]).catch_up(tenant)
    )
    assert STAGE.findall(page.text)[1] == ("live", "3")


async def test_of_a_cohort_without_people_each_figure_says_what_it_is_lacking(
    browser: httpx.AsyncClient, told: Told
) -> None:
    await told.does(batch_opened("NEW", on=told.live_on))
    await catch_up(told.app, told.principal.tenant)
    answer = await browser.get("/cohorts/named?name=NEW", follow_redirects=True)
    lacking = dict(
        re.findall(r'data-kpi="(\w+)">.*?badge nobody">([^<]+)<', answer.text, re.DOTALL)
    )
    assert lacking == {
        "order_rate": "无人上岗",
        "average_orders": "无人上岗",
        "trial_pass_rate": "暂无试岗结论",
    }


async def test_a_single_command_beside_no_next_step_is_a_button(
    browser: httpx.AsyncClient, cohort: str
) -> None:
    page = (await browser.get(cohort)).text
    assert f'<a data-other class="button outline" href="{cohort}/hand-over-cohort">' in page
    assert "更多操作" not in page


async def test_a_form_opened_from_a_cohort_leads_back_to_it(
    browser: httpx.AsyncClient, cohort: str
) -> None:
    page = (await browser.get(cohort)).text
    (address,) = re.findall(r'href="(/trainees/new[?][^"]*)"', page)
    form = (await browser.get(unescape(address))).text
    crumbs = form[form.index('<nav class="crumbs"') :]
    crumbs = crumbs[: crumbs.index("</nav>")]
    assert re.findall(r'href="([^"]+)"', crumbs) == ["/cohorts", cohort]
    assert f'<a href="{cohort}">返回</a>' in form


def _figure(page: httpx.Response) -> str:
    found = FIGURE.search(page.text)
    assert found, page.text[:3000]
    return unescape(found[1])


def _numbers(page: httpx.Response) -> set[str]:
    return set(re.findall(r"\bE\d\b", page.text))
