"""The bar of a scorecard: always a hundred points, of which the undefined stay undefined; and the
way from what has no source to another scheme."""

import httpx
import pytest

from api.web.pages import scheme
from api.web.pages.scorecard import parts
from domain.kpi.evidence import Basis, Evidence
from domain.kpi.proof.comparison import scored
from domain.kpi.scheme.scorecard import scorecard
from infra.bootstrap import App
from services.kernel.permissions import Permission
from tests.api.web.visiting import fresh
from tests.browser.story import Told, tell
from tests.source_batch import AS_OF, batch


def test_parts_are_the_whole_and_nothing_is_rescaled() -> None:
    found = parts(scored(Basis(Evidence(batch()), AS_OF)), "truncate")
    assert sum(part.size for part in found) == 1000
    assert [part.start for part in found] == [
        sum(part.size for part in found[:number]) for number in range(len(found))
    ]
    assert {part.kind: part.points for part in found}["undefined"] == "35"


def test_a_scheme_that_nobody_scored_has_no_earned_part() -> None:
    lines = Basis(Evidence(batch()), AS_OF).version.lines
    found = parts(scorecard(lines, {}), "truncate")
    assert [(part.kind, part.points) for part in found] == [("unscored", "65"), ("undefined", "35")]


@pytest.fixture(scope="module")
async def told(app: App) -> Told:
    return await tell(app, fresh("SCORED"))


@pytest.mark.parametrize(("lacks", "is_led"), [((), True), ((Permission.MANAGE_ACCESS,), False)])
async def test_to_the_form_of_a_new_scheme_are_led_those_to_whom_it_opens(
    browser: httpx.AsyncClient,
    told: Told,
    monkeypatch: pytest.MonkeyPatch,
    lacks: tuple[Permission, ...],
    is_led: bool,
) -> None:
    monkeypatch.setattr(scheme, "TO_PUBLISH", (*scheme.TO_PUBLISH, *lacks))
    for place in ("/scheme", f"/scorecard?month={told.month}"):
        page = (await browser.get(place)).text
        assert ('href="/scheme/new"' in page) is is_led, place


async def test_to_the_form_of_a_new_scheme_no_past_day_leads(
    browser: httpx.AsyncClient, told: Told
) -> None:
    past = f"/scorecard?month={told.month}&on={told.month.first_day}"
    assert 'class="why"' in (page := (await browser.get(past)).text)
    assert 'href="/scheme/new"' not in page
