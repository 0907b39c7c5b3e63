"""Pages as they were known at a record: with all that was recorded together with it."""

import httpx
import pytest

from domain.kernel.whose import own_stream
from infra.bootstrap import App
from infra.readside.projector import catch_up
from projections.trainees.cohort_roster import TRAINEE_LIST
from tests.api.web.visiting import fresh, log_in
from tests.browser.story import Told, join
from tests.situation import batch_opened, enrolled


@pytest.fixture
async def told(app: App) -> Told:
    """An enrolment, which says first who somebody is, and then that they are in the batch."""
    told = await join(app, fresh("RECORD"))
    await told.does(
        batch_opened("A1", on=told.live_on), enrolled("E1", on=told.live_on, name="王芳")
    )
    await catch_up(app, told.principal.tenant)
    return told


@pytest.mark.parametrize("back", [1, 0])
async def test_at_the_first_record_of_an_enrolment_somebody_is_in_the_batch(
    http: httpx.AsyncClient, app: App, told: Told, back: int
) -> None:
    row = await app.lists(told.principal).get(TRAINEE_LIST, employee_no="E1")
    assert row is not None
    (said,) = await app.log.since(told.principal.tenant, own_stream(row.trainee_id), 0)
    times = {"known": str(said.position - back)}
    browser = await log_in(http, told.email)
    pages = [
        (await browser.get(path, params=times)).text
        for path in (f"/trainees/{row.trainee_id}", "/trainees", "/trainees/list.csv")
    ]
    assert ["王芳" in page for page in pages] == [not back] * 3
    board = (await browser.get("/figures/all", params=times)).text
    assert f"数据版本 {said.position + 1 - 2 * back}" in board
