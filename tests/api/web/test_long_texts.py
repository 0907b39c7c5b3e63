"""What was written at length stands on the page of the thing, once, and on no list."""

import httpx
import pytest

from infra.bootstrap import App
from infra.readside.projector import catch_up
from projections.teaching.cohorts import COHORT_LIST
from projections.teaching.sessions import SESSION_LIST
from projections.trainees.follow_ups import FOLLOW_UP_LIST
from tests.api.web.visiting import fresh
from tests.browser.story import Told, join
from tests.follow_ups import action_agreed, follow_up_opened
from tests.situation import (
    batch_opened,
    class_closed,
    class_opened,
    class_planned,
    class_summed_up,
    enrolled,
    passed_gate,
    went_live,
)

TEXT = "总结" * 10_000
ACTION = "练" * 200


@pytest.fixture
async def told(app: App) -> Told:
    told = await join(app, fresh("WORDY"))
    on = told.live_on
    await told.does(
        batch_opened("A1", on=on),
        enrolled("E1", on=on),
        passed_gate("E1", on=on),
        went_live("E1", on=on),
        class_planned("K1", on=on),
        class_opened("K1", on=on),
        class_closed("K1", on=on),
        class_summed_up("K1", on=on, text=TEXT),
        follow_up_opened("E1", "F1", on=on),
        action_agreed("F1", on=on, due=on, action=ACTION),
    )
    await catch_up(app, told.principal.tenant)
    return told


async def test_a_list_says_when_a_class_was_summed_up_and_not_what_was_written(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    lists = app.lists(told.principal)
    cohort = await lists.get(COHORT_LIST, code="A1")
    session = await lists.get(SESSION_LIST, code="K1")
    assert cohort and session
    for address in ("/sessions", f"/cohorts/{cohort.cohort_id}"):
        page = (await browser.get(address)).text
        assert "总结日期" in page
        assert "总结总结" not in page
    page = (await browser.get(f"/sessions/{session.session_id}")).text
    assert page.count(TEXT) == 1
    assert page.count("总结总结" * 100) == TEXT.count("总结总结" * 100)


async def test_a_cell_of_a_list_ends_where_a_line_is_full(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    follow_up = await app.lists(told.principal).get(FOLLOW_UP_LIST, code="F1")
    assert follow_up
    page = (await browser.get("/follow-ups")).text
    assert f">{'练' * 79}…<" in page
    assert ACTION in (await browser.get(f"/follow-ups/{follow_up.follow_up_id}")).text
