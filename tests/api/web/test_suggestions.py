"""Forms suggest what is there already, and begin with today where that is mostly meant."""

import re

import httpx
import pytest

from infra.bootstrap import App
from infra.readside.projector import catch_up
from projections.teaching.cohorts import COHORT_LIST
from tests.api.web.visiting import fresh
from tests.browser.story import Told, join
from tests.situation import batch_opened, enrolled

LISTED = re.compile(r'<datalist id="field-([a-z_]+)-known">(.*?)</datalist>', re.DOTALL)
OPTION = re.compile(r'<option value="([^"]*)">')

BEGUN = re.compile(r'name="(?:opened|entered|planned)_on"[^>]* value="([^"]*)"')


@pytest.fixture
async def told(app: App) -> Told:
    told = await join(app, fresh("KNOWN"))
    on = told.live_on
    await told.does(
        batch_opened("A1", on=on, training_manager="周班"),
        batch_opened("A2", on=on),
        enrolled("E1", on=on, manager="赵主管"),
        enrolled("E2", on=on, manager="王主管"),
        enrolled("E3", on=on, manager="王主管"),
        enrolled("E4", on=on),
    )
    await catch_up(app, told.principal.tenant)
    return told


def suggested(page: str) -> dict[str, list[str]]:
    return {name: OPTION.findall(options) for name, options in LISTED.findall(page)}


async def test_names_that_are_there_are_suggested_the_commonest_first(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    enrolling = suggested((await browser.get("/trainees/new")).text)
    assert enrolling == {"cohort": ["A2", "A1"], "manager": ["王主管", "赵主管"]}
    assert suggested((await browser.get("/cohorts/new")).text) == {"training_manager": ["周班"]}
    cohort = await app.lists(told.principal.tenant).get(COHORT_LIST, code="A2")
    assert cohort is not None
    page = (await browser.get(f"/cohorts/{cohort.cohort_id}/hand-over-cohort")).text
    assert suggested(page) == {"training_manager": ["周班"]}


async def test_a_cohort_opens_today_as_other_things_happen_unless_another_day_is_typed(
    browser: httpx.AsyncClient,
) -> None:
    opened = BEGUN.search((await browser.get("/cohorts/new")).text)
    entered = BEGUN.search((await browser.get("/trainees/new")).text)
    planned = BEGUN.search((await browser.get("/sessions/new")).text)
    assert opened and entered and planned
    assert opened[1] == entered[1] != ""
    assert planned[1] == ""
