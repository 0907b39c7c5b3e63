"""A form in another encoding than the page's is refused, and nothing of it is kept."""

import httpx
import pytest

from infra.bootstrap import App
from tests.api.web.visiting import fresh, hidden
from tests.browser.story import Told, join


@pytest.fixture(scope="module")
async def told(app: App) -> Told:
    return await join(app, fresh("BROKEN"))


async def test_a_text_that_is_no_utf_8_is_refused_and_not_kept_as_question_marks(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    before = await app.log.position(told.principal.tenant)
    page = (await browser.get("/cohorts/new")).text
    sent = f"csrf={hidden(page, 'csrf')}&key={hidden(page, 'key')}&code=A1&opened_on=2026-05-01"
    in_gbk = "%D6%D0%CE%C4"
    answer = await browser.post(
        "/cohorts/new",
        content=f"{sent}&name={in_gbk}",
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    assert answer.status_code == 422
    assert "文字里有无法保存的字符" in answer.text
    assert await app.log.position(told.principal.tenant) == before
