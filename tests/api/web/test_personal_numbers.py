"""What of a person's numbers and addresses a page holds."""

import httpx
import pytest

from infra.bootstrap import App
from infra.readside.projector import catch_up
from services.execute import execute
from services.trainees.trainee import EnrolTrainee
from tests.api.web.visiting import fresh
from tests.browser.story import Told, join
from tests.situation import batch_opened

PHONE, MAIL, ID_NUMBER = "13800000013", "wang@partner.example", "110101199003070011"


@pytest.fixture
async def told(app: App) -> Told:
    return await join(app, fresh("NUMBERS"))


async def test_a_phone_and_a_mail_are_unfolded_and_an_identity_number_is_never_whole(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    await told.does(batch_opened("A1", on=told.live_on))
    enrolment = EnrolTrainee(
        *("A1", "E1", "王芳", told.live_on), phone=PHONE, mail=MAIL, id_number=ID_NUMBER
    )
    done = await execute(app.context(told.principal), enrolment)
    await catch_up(app, told.principal.tenant)
    page = (await browser.get(f"/trainees/{done.stream_id}")).text
    assert f"<span>138****0013</span></summary>{PHONE}</details>" in page
    assert f"</summary>{MAIL}</details>" in page
    assert "110***********0011" in page
    assert ID_NUMBER not in page
