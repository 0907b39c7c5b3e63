"""A page offers what comes next, and nothing that would surely be refused."""

import re
from datetime import date, timedelta

import httpx
import pytest

from infra.bootstrap import App
from infra.readside.projector import catch_up
from projections.kernel.listing import Listing
from projections.teaching.sessions import SESSION_LIST
from projections.trainees.cohort_roster import TRAINEE_LIST
from projections.trainees.follow_ups import FOLLOW_UP_LIST
from tests.api.web.visiting import fresh
from tests.browser.story import Told, join
from tests.follow_ups import action_agreed, action_done, follow_up_opened
from tests.situation import (
    batch_opened,
    class_cancelled,
    class_closed,
    class_opened,
    class_planned,
    class_summed_up,
    eliminated,
    enrolled,
    examined,
    held_off,
    judged,
    left,
    passed_gate,
    went_live,
)
from tests.steps import Step

NEXT = re.compile(r'<a role="button" href="/[a-z-]+/[^"/]+/([a-z-]+)"')
OFFERED = re.compile(r'href="/[a-z-]+/[^"/]+/([a-z-]+)')
GONE = {"record-leaving", "eliminate-trainee"}


@pytest.fixture
async def told(app: App) -> Told:
    told = await join(app, fresh("STEPS"))
    on = told.live_on
    await told.does(batch_opened("A1", on=on), enrolled("E1", on=on))
    return told


def trained(on: date) -> dict[str, tuple[list[Step], list[str], set[str]]]:
    """By where somebody stands: what happened, what comes next, and what is not offered."""
    live = [passed_gate("E1", on=on), went_live("E1", on=on)]
    no_live = {"rejoin-trainee"}
    return {
        "entered": ([], ["record-trial-verdict", "record-exam-result", "go-live"], no_live),
        "trial passed": (
            [judged("E1", passed=True, on=on)],
            ["record-exam-result", "go-live"],
            no_live,
        ),
        "written exam passed": (
            [examined("E1", "written", on=on, score=90)],
            ["record-trial-verdict", "record-exam-result", "go-live"],
            no_live,
        ),
        "all passed": (
            [judged("E1", passed=True, on=on), passed_gate("E1", on=on)],
            ["go-live"],
            no_live,
        ),
        "live": (live, ["record-order", "record-spot-check"], {"go-live", "rejoin-trainee"}),
        "held": (
            [*live, held_off("E1", on=on + timedelta(days=1))],
            ["go-live"],
            {"hold-off-post", "rejoin-trainee"},
        ),
        "left": ([*live, left("E1", on=on)], ["rejoin-trainee"], GONE),
        "eliminated": ([eliminated("E1", on=on)], [], GONE),
    }


@pytest.mark.parametrize("standing", trained(date.min))
async def test_a_trainee_is_offered_what_fits_where_they_stand(
    browser: httpx.AsyncClient, app: App, told: Told, standing: str
) -> None:
    happened, following, never = trained(told.live_on)[standing]
    page = await _page(browser, app, told, TRAINEE_LIST, happened, employee_no="E1")
    assert NEXT.findall(page) == following
    assert set(OFFERED.findall(page)) & never == set()
    assert {"file-complaint", "change-manager"} <= set(OFFERED.findall(page))
    assert ("/follow-ups/new" in page) is (standing in ("live", "held", "left"))


CLASSES = {
    "planned": (0, ["open-session", "approve-plan-change"], {"close-session", "write-summary"}),
    "opened": (1, ["close-session"], {"open-session", "cancel-session", "write-summary"}),
    "closed": (2, ["write-summary"], {"open-session", "cancel-session", "close-session"}),
    "summed up": (3, [], {"open-session", "cancel-session", "close-session", "write-summary"}),
}


@pytest.mark.parametrize("standing", CLASSES)
async def test_a_class_is_offered_what_fits_how_far_it_has_come(
    browser: httpx.AsyncClient, app: App, told: Told, standing: str
) -> None:
    on = told.live_on
    life = [class_opened("K1", on=on), class_closed("K1", on=on), class_summed_up("K1", on=on)]
    steps, following, never = CLASSES[standing]
    happened = [class_planned("K1", on=on), *life[:steps]]
    page = await _page(browser, app, told, SESSION_LIST, happened, code="K1")
    # Changes of a plan are approved by somebody above.
    assert NEXT.findall(page) == [one for one in following if one != "approve-plan-change"]
    assert set(OFFERED.findall(page)) & never == set()


async def test_of_what_is_over_nothing_is_offered_but_to_take_that_back(
    browser: httpx.AsyncClient, app: App, told: Told
) -> None:
    on = told.live_on
    happened = [class_planned("K1", on=on), class_cancelled("K1", on=on)]
    cancelled = await _page(browser, app, told, SESSION_LIST, happened, code="K1")
    assert set(OFFERED.findall(cancelled)) == set()
    over = [
        passed_gate("E1", on=on),
        went_live("E1", on=on),
        follow_up_opened("E1", "F1", on=on),
        action_agreed("F1", on=on, due=on),
        action_done("F1", on=on),
    ]
    done = await _page(browser, app, told, FOLLOW_UP_LIST, over, code="F1")
    assert set(OFFERED.findall(done)) == {"withdraw-follow-up-end"}


async def _page(
    browser: httpx.AsyncClient,
    app: App,
    told: Told,
    listing: Listing[object],
    happened: list[Step],
    **named: str,
) -> str:
    """The main part of a thing's page after some steps."""
    if happened:
        await told.does(*happened)
    await catch_up(app, told.principal.tenant)
    row = await app.lists(told.principal.tenant).get(listing, **named)
    assert row is not None
    page = (await browser.get(f"/{listing.words}/{getattr(row, listing.id_column)}")).text
    return page[page.index("<main") : page.index("</main>")]
