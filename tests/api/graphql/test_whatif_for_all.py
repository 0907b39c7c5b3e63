"""Head office's what-if through GraphQL: asked for, followed, cancelled, and nobody else's."""

import json

import asyncpg
import httpx
import pytest
from litestar import Litestar

from infra.bootstrap import App
from infra.headoffice.head_office_what_ifs import dispatch_what_ifs, part_of
from infra.settings import Settings
from infra.work.worker import KINDS, JobRunner
from services.kernel.context import Role
from services.people.access import Tenant
from tests.api.conftest import open_door
from tests.api.door import Door
from tests.api.graphql.test_golden_figures import tell
from tests.golden_facts import CASES

REQUEST = """
mutation M($input: RequestWhatIfForAllInput!) { requestWhatIfForAll(input: $input) {
  whatIf { id partners months kpis isOver } position errors { code path }
} }
"""
CANCEL = """
mutation M($input: CancelWhatIfForAllInput!) { cancelWhatIfForAll(input: $input) {
  whatIf { isCancelled } errors { code path }
} }
"""
ASK = """
query Q($id: ID!) { whatIfForAll(id: $id) {
  partners answered done total isOver isCancelled
  answers(first: 10) { edges { node { code name state done months error } } }
} }
"""
STATED = {
    "scheme": {"parameters": {"denominator": "EMPLOYED"}},
    "since": "2026-06",
    "until": "2026-06",
    "kpis": ["order_rate"],
}


@pytest.fixture
async def office(app: App, web: Litestar, http: httpx.AsyncClient) -> Door:
    """GraphQL with head office's token."""
    return await open_door(app, web, http, None, Role.HEAD_OFFICE)


async def alone(database: Settings, partner: Tenant) -> None:
    """What was asked is of this partner alone: the other tests have theirs."""
    connection = await asyncpg.connect(database.dsn("owner"))
    await connection.execute(
        "update head_office_what_ifs set partners = (select jsonb_agg(p) from"
        " jsonb_array_elements(partners) p where p->>0 = $1)",
        str(partner.tenant_id),
    )
    await connection.close()


async def test_head_office_is_answered_in_figures_and_by_nobody(
    app: App, database: Settings, office: Door, door: Door, partner: Tenant
) -> None:
    position = await tell(door, CASES["G2"]["facts"])
    asked = (await office.data(REQUEST, input=STATED))["requestWhatIfForAll"]
    assert (asked["errors"], asked["position"]) == ([], None)
    what_if = asked["whatIf"]
    assert (what_if["months"], what_if["kpis"]) == (["2026-06"], ["order_rate"])
    await alone(database, partner)
    async with app.db.across() as across:
        assert await dispatch_what_ifs(app.db, across) == 1
    found = (await office.lines(ASK, id=what_if["id"]))["whatIfForAll"]
    assert (found["partners"], found["answered"], found["total"]) == (1, 0, 1)
    assert [one["state"] for one in found["answers"]] == ["QUEUED"]
    await perform(app, partner)
    found = (await office.lines(ASK, id=what_if["id"]))["whatIfForAll"]
    assert (found["answered"], found["done"], found["isOver"]) == (1, 1, True)
    (answer,) = found["answers"]
    assert (answer["code"], answer["state"], answer["error"]) == (partner.code, "DONE", None)
    assert answer["months"][0]["figures"] == [
        {"kpi": "order_rate", "before": "12/18", "after": "12/15", "moved": 3}
    ]
    assert "T16" not in json.dumps(found)
    assert await app.log.position(partner.tenant_id) == position
    refused = (await office.data(CANCEL, input={"id": what_if["id"]}))["cancelWhatIfForAll"]
    assert refused["errors"] == [{"code": "job_over", "path": ["input", "id"]}]


async def perform(app: App, partner: Tenant) -> None:
    """The worker's turn."""
    async with app.db.tenant(partner.tenant_id) as connection:
        what_if_id = await connection.plain.fetchval("select what_if_id from hq_what_ifs")
    runner = JobRunner(app, KINDS)
    await runner.perform(partner.tenant_id, part_of(what_if_id, partner.tenant_id))


async def test_it_is_cancelled_once(office: Door, door: Door) -> None:
    await door.changed("openCohort", code="B1", name="一期", openedOn="2026-05-04")
    asked = (await office.data(REQUEST, input=STATED))["requestWhatIfForAll"]
    for _ in range(2):
        stated = {"id": asked["whatIf"]["id"]}
        payload = (await office.data(CANCEL, input=stated))["cancelWhatIfForAll"]
        assert payload == {"whatIf": {"isCancelled": True}, "errors": []}


async def test_a_refused_draft_or_id_is_data(office: Door) -> None:
    input = STATED | {"scheme": {"parameters": {"windowDays": 0}}}
    (error,) = (await office.data(REQUEST, input=input))["requestWhatIfForAll"]["errors"]
    assert error == {
        "code": "window_days_invalid",
        "path": ["input", "scheme", "parameters", "windowDays"],
    }
    (error,) = (await office.data(CANCEL, input={"id": "x"}))["cancelWhatIfForAll"]["errors"]
    assert error == {"code": "id_invalid", "path": ["input", "id"]}


async def test_nobody_of_a_partner_asks_for_all(door: Door) -> None:
    assert await door.code(REQUEST, input=STATED) == "permission_refused"
    assert await door.code(ASK, id="V2hhdElmRm9yQWxsOng=") == "permission_refused"


async def test_head_office_asks_no_partners_own_what_if(office: Door) -> None:
    query = "{ whatIf(scheme: {parameters: {leaverRule: COUNTED}}) { movedCount } }"
    assert await office.code(query) == "permission_refused"
