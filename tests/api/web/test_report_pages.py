"""What the page of a report says before its figures are pinned for ever."""

from datetime import datetime
from zoneinfo import ZoneInfo

import httpx
import pytest

from domain.kernel.values import Month
from infra.bootstrap import App
from tests.api.web.visiting import fresh, hidden
from tests.browser.story import Told, join
from tests.situation import batch_opened, enrolled, passed_gate, went_live
from tests.submitting import rendered_by_worker, report


@pytest.fixture(scope="module")
async def told(app: App) -> Told:
    """Somebody went live today."""
    told = await join(app, fresh("REPORTS"))
    today = datetime.now(ZoneInfo(told.principal.zone)).date()
    await told.does(
        batch_opened("NOW", name="本期", on=today),
        enrolled("N1", cohort="NOW", name="新人", on=today),
        passed_gate("N1", on=today),
        went_live("N1", on=today),
    )
    return told


@pytest.mark.parametrize("notes_provisional", [True, False])
async def test_figures_that_may_change_are_confirmed_also_where_the_report_did_not_note_them(
    browser: httpx.AsyncClient, app: App, told: Told, notes_provisional: bool
) -> None:
    month = str(Month.of(datetime.now(ZoneInfo(told.principal.zone)).date()))
    made = await report(app, told.principal, month, notes_provisional=notes_provisional)
    address = await rendered_by_worker(app, told.principal, made)
    page = (await browser.get(address)).text
    assert "仍要上报暂定数字" in page and "已确定" not in page
    answer = await browser.post(address, data={"csrf": hidden(page, "csrf")})
    assert answer.status_code == 422 and "请先勾选确认" in answer.text
