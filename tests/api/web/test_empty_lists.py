"""A list of which nothing is recorded yet says what to do first, and offers it."""

import re

import httpx
import pytest

from api.web.pages.resources import RESOURCES
from infra.bootstrap import App
from infra.readside.projector import catch_up
from services.kernel.permissions import Permission
from services.registry import COMMANDS
from tests.api.web.visiting import fresh, log_in
from tests.browser.story import join
from tests.situation import batch_opened, enrolled

OFFERED = re.compile(r'<a class="button[^"]*" href="([^"]+)"')


async def offers(http: httpx.AsyncClient, address: str) -> tuple[str, set[str]]:
    """The main part of a page, and where its buttons lead."""
    page = (await http.get(address)).text
    main = page[page.index("<main") : page.index("</main>")]
    return main, {*OFFERED.findall(main)}


OF_TRAINING = [
    one.listing.words
    for one in RESOURCES.all
    if COMMANDS[one.opening].permission is not Permission.MANAGE_PEOPLE
]
"""The lists that a training manager fills."""


@pytest.mark.parametrize("place", OF_TRAINING)
async def test_a_partner_without_a_cohort_opens_one_or_imports(
    http: httpx.AsyncClient, app: App, place: str
) -> None:
    await log_in(http, (await join(app, f"NONE-{place}")).email)
    main, offered = await offers(http, f"/{place}")
    assert offered == {"/cohorts/new", "/import"}
    assert 'class="empty"' in main
    http.cookies.clear()


@pytest.mark.parametrize("place", ["/scorecard", "/what-if"])
async def test_without_a_month_that_has_newcomers_none_is_to_be_chosen(
    http: httpx.AsyncClient, app: App, place: str
) -> None:
    await log_in(http, (await join(app, fresh("MONTHLESS"))).email)
    main, _ = await offers(http, place)
    assert 'name="cohort"' in main and 'name="month"' not in main
    http.cookies.clear()


async def test_what_a_new_thing_names_is_made_first(http: httpx.AsyncClient, app: App) -> None:
    told = await join(app, "SOME")
    await log_in(http, told.email)
    await told.does(batch_opened("A1", on=told.live_on))
    await catch_up(app, told.principal.tenant)
    assert (await offers(http, "/sessions"))[1] == {"/sessions/new"}
    assert (await offers(http, "/trainees"))[1] == {"/trainees/new", "/import"}
    main, offered = await offers(http, "/follow-ups")
    assert offered == {"/trainees/new", "/import"}
    assert "请先登记学员" in main
    await told.does(enrolled("E1", on=told.live_on))
    await catch_up(app, told.principal.tenant)
    assert (await offers(http, "/follow-ups"))[1] == {"/follow-ups/new"}
    http.cookies.clear()


async def test_a_list_narrowed_to_nothing_says_so_and_keeps_its_filters(
    http: httpx.AsyncClient, app: App
) -> None:
    await log_in(http, (await join(app, "NARROWED")).email)
    main, _ = await offers(http, "/trainees?status=live")
    assert "没有符合条件的记录" in main
    assert 'name="status"' in main
    http.cookies.clear()
