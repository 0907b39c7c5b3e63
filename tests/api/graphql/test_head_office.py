"""Head office's view through GraphQL: series and leagues of all partners, for head office alone."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar

from infra.bootstrap import App, utc_now
from infra.readside.series import SeriesFiller
from projections.kernel.paging import NUMBERS, cursor
from services.kernel.context import Role
from services.people.access import Tenant
from tests.api.conftest import AFTER_THE_GOLDEN_CASES, open_door
from tests.api.door import Door
from tests.api.graphql.test_kpis import story

LEAGUE = """
query Q($kpi: String!, $month: String, $first: Int! = 200, $after: String) {
  headOffice {
    league(kpi: $kpi, month: $month, first: $first, after: $after) { edges { node {
      rank partner { code name }
      figure { month ratio { numerator denominator shown } isFinal day position }
    } } }
  }
}
"""
SERIES = """
query Q($kpi: String!, $after: String) {
  headOffice {
    series(kpi: $kpi, first: 1, after: $after) { edges { node {
      partner { code name } points { month ratio { shown } isFinal day position }
    } } }
  }
}
"""


@pytest.fixture
async def office(app: App, web: Litestar, http: httpx.AsyncClient) -> Door:
    return await open_door(app, web, http, None, Role.HEAD_OFFICE)


async def fill(app: App, partner: Tenant) -> None:
    filler = SeriesFiller(app.db, lambda: max(utc_now(), AFTER_THE_GOLDEN_CASES))
    await filler.fill(partner.tenant_id)


async def another(
    app: App, web: Litestar, http: httpx.AsyncClient, word: str
) -> tuple[Tenant, Door]:
    partner = await app.accounts.create_partner(f"{word}-{uuid4().hex[:12]}", f"{word}渠道")
    return partner, await open_door(app, web, http, partner.code, Role.TRAINING_MANAGER)


async def league(office: Door, partners: list[Tenant], kpi: str, **more: Any) -> Any:
    """The places of these partners; the test's servers know others."""
    codes = {partner.code for partner in partners}
    places = (await office.lines(LEAGUE, kpi=kpi, **more))["headOffice"]["league"]
    return [place for place in places if place["partner"]["code"] in codes]


async def seen(door: Door, position: int) -> None:
    """Waits until the read models show it."""
    await door.data("query Q($p: Int) { partner(minPosition: $p) { code } }", p=position)


async def test_a_league_has_the_best_first_and_the_undefined_last(
    office: Door,
    door: Door,
    partner: Tenant,
    app: App,
    web: Litestar,
    http: httpx.AsyncClient,
) -> None:
    better, its = await another(app, web, http, "better")
    none, theirs = await another(app, web, http, "none")
    twin, twins = await another(app, web, http, "twin")
    position = await story(door)
    await seen(door, position)
    await seen(twins, await story(twins))
    await story(its)
    await seen(
        its,
        await its.changed("recordOrder", employeeNo="E2", orderNo="A2", closedOn="2026-06-04"),
    )
    await seen(
        theirs, await theirs.changed("openCohort", code="B1", name="一期", openedOn="2026-05-04")
    )
    partners = [partner, better, none, twin]
    for one in partners:
        await fill(app, one)
    places = await league(office, partners, "order_rate")
    codes = [better.code, partner.code, twin.code, none.code]
    assert [place["partner"]["code"] for place in places] == codes
    shown = [place["figure"]["ratio"]["shown"] for place in places]
    assert shown == ["100.0%", "50.0%", "50.0%", None]
    ranks = [place["rank"] for place in places]
    assert ranks[0] < ranks[1] == ranks[2]
    assert ranks[3] is None
    assert places[1]["figure"]["position"] == position
    assert places[1]["partner"]["name"] == partner.name
    june = await league(office, partners, "order_rate", month="2026-06")
    assert [place["partner"]["code"] for place in june] == codes[:3]
    whole = (await office.lines(LEAGUE, kpi="order_rate"))["headOffice"]["league"]
    page = await office.lines(LEAGUE, kpi="order_rate", first=1, after=cursor(NUMBERS.of, (1,)))
    assert page["headOffice"]["league"] == whole[1:2]


async def test_backdating_shows_in_the_league_of_days_late(
    office: Door,
    door: Door,
    partner: Tenant,
    app: App,
    web: Litestar,
    http: httpx.AsyncClient,
) -> None:
    prompt, its = await another(app, web, http, "prompt")
    today = utc_now().date()
    for one, days in ((door, 90), (its, 0)):
        day = (today - timedelta(days=days)).isoformat()
        await one.changed("openCohort", code="B1", name="一期", openedOn=day)
        stated = {"cohort": "B1", "employeeNo": "E1", "name": "E1", "enteredOn": day}
        await seen(one, await one.changed("enrolTrainee", **stated))
    for partner_of in (partner, prompt):
        await fill(app, partner_of)
    places = await league(office, [partner, prompt], "days_late")
    assert [place["partner"]["code"] for place in places] == [prompt.code, partner.code]
    late = [place["figure"]["ratio"]["numerator"] for place in places]
    assert late[0] <= 1
    assert late[1] >= 89


async def test_a_series_goes_along_a_partner_s_months(
    office: Door, door: Door, partner: Tenant, app: App
) -> None:
    position = await story(door)
    await seen(door, position)
    await fill(app, partner)
    before = cursor("partners", (partner.code[:-1],))
    (found,) = (await office.lines(SERIES, kpi="order_rate", after=before))["headOffice"]["series"]
    assert found["partner"] == {"code": partner.code, "name": partner.name}
    assert [(p["month"], p["ratio"]["shown"]) for p in found["points"]] == [
        ("2026-05", None),
        ("2026-06", "50.0%"),
    ]
    assert {p["position"] for p in found["points"]} == {position}


@pytest.mark.parametrize("name", ["series", "league"])
async def test_a_page_says_where_it_lies(office: Door, partner: Tenant, name: str) -> None:
    asked = "{ totalCount pageInfo { hasNextPage hasPreviousPage startCursor } }"
    query = f'{{ headOffice {{ {name}(kpi: "order_rate", last: 1) {asked} }} }}'
    page = (await office.data(query))["headOffice"][name]
    assert page["pageInfo"]["hasNextPage"] is False
    assert page["pageInfo"]["hasPreviousPage"] is (page["totalCount"] > 1)


async def test_it_refuses_what_there_is_not(office: Door) -> None:
    assert await office.code(LEAGUE, kpi="happiness") == "kpi_unknown"
    assert await office.code(LEAGUE, kpi="order_rate", month="June") == "month_invalid"


async def test_nobody_of_a_partner_sees_it(
    door: Door, app: App, web: Litestar, http: httpx.AsyncClient
) -> None:
    assert await door.code(LEAGUE, kpi="order_rate") == "permission_refused"
    one = await open_door(app, web, http, None, Role.ADMINISTRATOR)
    assert await one.code(SERIES, kpi="order_rate", after="") == "permission_refused"
