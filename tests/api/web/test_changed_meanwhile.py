"""A form that says again what somebody else changed since it was opened."""

import asyncio
import re
from datetime import timedelta
from decimal import Decimal

import httpx
import pytest

from domain.kernel.errors import Refusal
from infra.bootstrap import App
from infra.readside.projector import catch_up
from projections.trainees.cohort_roster import TRAINEE_LIST
from services.execute import Done, execute
from services.trainees.correction import CorrectOrder
from tests.api.web.visiting import fresh, hidden
from tests.browser.story import Told, join
from tests.situation import (
    batch_opened,
    enrolled,
    left,
    order_corrected,
    ordered,
    passed_gate,
    went_live,
)

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
FIRST, SECOND = "product-first", "product-second"


@pytest.fixture
async def told(app: App) -> Told:
    told = await join(app, fresh("MEANWHILE"))
    on = told.live_on
    await told.does(
        *(batch_opened("A1", on=on), enrolled("E1", on=on)),
        *(passed_gate("E1", on=on), went_live("E1", on=on)),
        ordered("E1", "D-1", on=on, product=FIRST, amount=Decimal(55)),
    )
    await catch_up(app, told.principal.tenant)
    return told


@pytest.fixture
async def address(browser: httpx.AsyncClient, app: App, told: Told) -> str:
    """Of the form that corrects the order."""
    row = await app.lists(told.principal).get(TRAINEE_LIST, employee_no="E1")
    assert row is not None
    page = (await browser.get(f"/trainees/{row.trainee_id}")).text
    found = re.search(rf"/trainees/{row.trainee_id}/correct-order\?fact=\d+", page)
    assert found
    return found[0]


async def opened(browser: httpx.AsyncClient, address: str, told: Told) -> dict[str, str]:
    page = (await browser.get(address)).text
    said = {"closed_on": str(told.live_on), "product": FIRST, "amount": "55", "reason": "录错"}
    return dict(HIDDEN.findall(page)) | said


async def test_a_correction_begun_before_another_shows_what_is_recorded_now_and_saves_nothing(
    browser: httpx.AsyncClient, app: App, told: Told, address: str
) -> None:
    one, other = [await opened(browser, address, told) for _ in range(2)]
    assert (await browser.post(address, data=one | {"amount": "999"})).status_code == 303
    await catch_up(app, told.principal.tenant)
    before = await app.log.position(told.principal.tenant)
    refused = await browser.post(address, data=other | {"product": SECOND})
    assert refused.status_code == 422
    assert "杜玉璇" in refused.text and "更正过这条记录" in refused.text
    assert re.search(r'id="field-amount-recorded"[^>]*>现有登记：999', refused.text)
    assert f'value="{SECOND}"' in refused.text and 'value="55"' in refused.text
    assert await app.log.position(told.principal.tenant) == before
    again = other | dict(HIDDEN.findall(refused.text)) | {"product": SECOND, "amount": "999"}
    assert (await browser.post(address, data=again)).status_code == 303


async def test_a_mistake_in_a_form_that_is_outdated_is_told_together_with_that(
    browser: httpx.AsyncClient, told: Told, address: str
) -> None:
    sent = await opened(browser, address, told)
    await told.does(order_corrected("D-1", on=told.live_on, amount=Decimal(7)))
    refused = await browser.post(address, data=sent | {"amount": "many"})
    assert 'id="field-amount-error"' in refused.text
    assert "更正过这条记录" in refused.text
    blank = sent | {"as_seen": hidden(refused.text, "as_seen"), "reason": " "}
    assert "更正过这条记录" not in (await browser.post(address, data=blank)).text


async def test_a_correction_sent_again_after_a_later_one_was_made_once(
    browser: httpx.AsyncClient, app: App, told: Told, address: str
) -> None:
    sent = await opened(browser, address, told) | {"amount": "60"}
    assert (await browser.post(address, data=sent)).status_code == 303
    await told.does(order_corrected("D-1", on=told.live_on, amount=Decimal(7)))
    before = await app.log.position(told.principal.tenant)
    assert (await browser.post(address, data=sent)).status_code == 303
    assert await app.log.position(told.principal.tenant) == before


async def test_of_two_corrections_sent_at_once_one_is_saved_and_one_is_shown_what_it_says(
    browser: httpx.AsyncClient, app: App, told: Told, address: str
) -> None:
    forms = [await opened(browser, address, told) for _ in range(2)]
    before = await app.log.position(told.principal.tenant)
    amounts = ["998", "999"]
    answers = await asyncio.gather(
        *(
            browser.post(address, data=form | {"amount": amount})
            for form, amount in zip(forms, amounts, strict=True)
        )
    )
    assert sorted(one.status_code for one in answers) == [303, 422]
    _, refused = sorted(answers, key=lambda one: one.status_code)
    assert "更正过这条记录" in refused.text
    assert re.search(r'id="field-amount-recorded"[^>]*>现有登记：99[89]', refused.text)
    assert await app.log.position(told.principal.tenant) == before + 1


async def test_a_correction_that_another_overtakes_while_it_is_decided_is_refused(
    app: App, told: Told
) -> None:
    as_seen = await app.log.position(told.principal.tenant)
    ctx = app.context(told.principal, as_seen=as_seen)
    corrections = [
        CorrectOrder("D-1", told.live_on, reason="录错", amount=Decimal(amount))
        for amount in range(8)
    ]
    answers = await asyncio.gather(
        *(execute(ctx, one) for one in corrections), return_exceptions=True
    )
    assert sum(isinstance(one, Done) for one in answers) == 1
    refused = [one for one in answers if not isinstance(one, Done)]
    assert [one.code for one in refused if isinstance(one, Refusal)] == ["restated_since"] * 7
    assert await app.log.position(told.principal.tenant) == as_seen + 1


async def test_a_withdrawal_begun_before_another_reaches_no_later_leaving(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    await told.does(left("E1", on=told.live_on))
    await catch_up(app, told.principal.tenant)
    row = await app.lists(told.principal).get(TRAINEE_LIST, employee_no="E1")
    assert row is not None
    page = (await browser.get(f"/trainees/{row.trainee_id}")).text
    found = re.search(rf"/trainees/{row.trainee_id}/withdraw-fact\?fact=\d+", page)
    assert found
    forms = [
        dict(HIDDEN.findall((await browser.get(found[0])).text))
        | {"reason": "录错", "confirmed": "yes"}
        for _ in range(2)
    ]
    assert (await browser.post(found[0], data=forms[0])).status_code == 303
    await told.does(left("E1", on=told.live_on + timedelta(days=1)))
    before = await app.log.position(told.principal.tenant)
    assert (await browser.post(found[0], data=forms[1])).status_code == 422
    assert (await browser.get(found[0])).status_code == 422
    assert await app.log.position(told.principal.tenant) == before
    assert (await browser.post(found[0], data=forms[0])).status_code == 303
