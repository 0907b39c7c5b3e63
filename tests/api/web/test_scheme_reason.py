"""A version of the scheme is published with its reason where it reaches a submitted month."""

import httpx
import pytest

from domain.kernel.values import Ratio
from infra.bootstrap import App
from infra.readside.projector import catch_up
from tests.api.web.test_scheme_page import Desk, sit_down
from tests.api.web.visiting import fresh
from tests.browser.story import tell
from tests.submitting import submit


@pytest.fixture
async def publisher(app: App, http: httpx.AsyncClient) -> Desk:
    return await sit_down(app, http, await tell(app, fresh("REASON")))


async def test_a_version_that_reaches_a_submitted_month_asks_for_its_reason_when_it_is_looked_at(
    publisher: Desk,
) -> None:
    over = str(publisher.told.month)
    await publisher.open("/scheme/new")
    assert 'id="field-reason"' not in publisher.page
    await publisher.send(act="look", effective_from=over)
    assert 'for="field-reason">原因 <small class="quiet">选填' in publisher.page
    await submit(publisher.told.app, publisher.told.principal, over)
    await catch_up(publisher.told.app, publisher.told.principal.tenant)
    await publisher.send(act="look", parameters__window_days="1")
    assert 'id="reached"' in publisher.page and "将不一致" in publisher.page
    await publisher.send(act="edit")
    await publisher.send(act="look", parameters__window_days="30")
    assert 'id="reached"' in publisher.page and "均不变" in publisher.page
    await publisher.send(act="edit")
    await publisher.send(
        act="publish",
        confirmed="yes",
        lines__0__criteria__0__target="80%",
    )
    assert 'id="reached"' in publisher.page and "将不一致" in publisher.page
    assert 'class="required">原因</label>' in publisher.page
    await publisher.send(act="publish")
    assert 'id="field-reason-error"' in publisher.page
    assert 'id="confirmed-error"' in publisher.page
    await publisher.send(act="publish", confirmed="yes")
    assert 'id="field-reason-error"' in publisher.page and " checked" in publisher.page
    answer = await publisher.send(act="publish", reason="a\x07b", confirmed="yes")
    assert answer.status_code == 422 and 'id="field-reason-error"' in publisher.page
    await publisher.send(act="edit", reason="口径调整")
    await publisher.send(act="look")
    answer = await publisher.send(act="publish", confirmed="yes")
    assert answer.status_code == 303
    (version,) = await publisher.versions()
    assert version.reason == "口径调整"
    assert version.lines[0].criteria[0].target == Ratio(4, 5)
