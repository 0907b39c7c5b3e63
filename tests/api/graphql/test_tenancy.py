"""Two partners with canaries: through no field does one see anything of the other."""

import json
from typing import Any
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar

from infra.bootstrap import App
from services.kernel.context import Role
from services.kernel.permissions import Permission
from services.people.access import Tenant
from tests.api.conftest import open_door
from tests.api.door import Door

CANARY = "金丝雀"
EVERYTHING = """
query Q($id: ID!, $cohort: ID!, $position: Int) {
  me { actor role partner { code name } tokens { label } }
  partner(minPosition: $position) { id code name scheme { versions { number } } }
  node(id: $id) { id ... on Trainee { name } }
  trainee(id: $id) { name }
  byNumber: trainee(employeeNo: "CANARY-1") {
    name orders { orderNo } timeline { edges { cursor } }
  }
  cohort(id: $cohort) { name }
  byCode: cohort(code: "CANARY-B") { name counts { entered } }
  cohorts { totalCount edges { node { id code name } } }
  trainees { totalCount edges { node { id name employeeNo } } }
  found: trainees(search: "金丝雀") { totalCount edges { node { name } } }
  inCohort: trainees(cohort: $cohort) { edges { node { name } } }
  newcomerFigures {
    entered wentLive
    explanation {
      membersCounted { edges { node { employeeNo trainee { name } } } }
      events { edges { node { position actor } } }
    }
  }
  session(code: "CANARY-K") { plan { topics } }
  sessions { totalCount edges { node { code plan { topics } cohort { name } } } }
  board { whole { entered } byCohort { key } byManager { key } }
  compare(kpis: ["entered"], before: {happenedBy: "2026-05-01"}) {
    moved { edges { node { label trainee { name } after { positions } } } }
  }
}
"""


async def canary(door: Door) -> tuple[str, str, int]:
    await door.changed("openCohort", code="CANARY-B", name=CANARY, openedOn="2026-05-01")
    await door.changed(
        "planSession", cohort="CANARY-B", code="CANARY-K", plannedOn="2026-05-03", topics=[CANARY]
    )
    query = """
    mutation M($input: EnrolTraineeInput!) {
      enrolTrainee(input: $input) { trainee { id cohort { id } } position }
    }
    """
    stated = {
        "cohort": "CANARY-B",
        "employeeNo": "CANARY-1",
        "name": CANARY,
        "enteredOn": "2026-05-02",
        "manager": "CANARY-M",
    }
    payload = (await door.data(query, input=stated))["enrolTrainee"]
    return payload["trainee"]["id"], payload["trainee"]["cohort"]["id"], payload["position"]


@pytest.fixture
async def other(app: App, web: Litestar, http: httpx.AsyncClient) -> Door:
    partner = await app.accounts.create_partner(f"other-{uuid4().hex[:12]}", "别家渠道")
    return await open_door(app, web, http, partner.code, Role.TRAINING_MANAGER)


def shown(answer: dict[str, Any]) -> str:
    return json.dumps(answer, ensure_ascii=False)


async def test_no_field_shows_another_partners_canary(door: Door, other: Door) -> None:
    trainee, cohort, position = await canary(door)
    own = await door.answer(EVERYTHING, id=trainee, cohort=cohort, position=position)
    assert CANARY in shown(own)
    answer = await other.answer(EVERYTHING, id=trainee, cohort=cohort)
    assert "errors" not in answer
    for secret in (CANARY, "CANARY", trainee, cohort):
        assert secret not in shown(answer)
    assert answer["data"]["cohorts"]["totalCount"] == 0
    assert answer["data"]["sessions"]["totalCount"] == 0


async def test_another_partners_numbers_are_free(door: Door, other: Door) -> None:
    await canary(door)
    payload = await other.change(
        "recordOrder", employeeNo="CANARY-1", orderNo="A1", closedOn="2026-06-01"
    )
    assert [error["code"] for error in payload["errors"]] == ["trainee_unknown"]
    await other.changed("openCohort", code="CANARY-B", name="同号", openedOn="2026-05-01")


async def test_another_partners_job_and_feed_are_not_there(door: Door, other: Door) -> None:
    await canary(door)
    query = 'mutation { requestReport(input: {month: "2026-06"}) { job { id } } }'
    job = (await door.data(query))["requestReport"]["job"]["id"]
    assert (await other.data("query Q($id: ID!) { job(id: $id) { id } }", id=job))["job"] is None
    page = await other.http.get("/feed?after=0", headers=other.headers)
    assert "CANARY" not in page.text


@pytest.mark.parametrize("role", [Role.HEAD_OFFICE, Role.ADMINISTRATOR])
async def test_head_office_sees_nothing_of_a_partner(
    app: App, web: Litestar, http: httpx.AsyncClient, role: Role
) -> None:
    door = await open_door(app, web, http, None, role)
    assert (await door.data("{ me { role partner { code } } }"))["me"] == {
        "role": role.name,
        "partner": None,
    }
    for query in (
        "{ partner { code } }",
        "{ newcomerFigures { entered } }",
        "{ trainees { totalCount } }",
        'mutation { goLive(input: {employeeNo: "T1", on: "2026-06-01"}) { position } }',
    ):
        assert await door.code(query) == "permission_refused"


async def test_a_role_reads_what_it_may(
    app: App, web: Litestar, http: httpx.AsyncClient, partner: Tenant
) -> None:
    assistant = await open_door(app, web, http, partner.code, Role.ASSISTANT)
    assert (await assistant.data("{ trainees { totalCount } }"))["trainees"]["totalCount"] == 0
    assert await assistant.code("{ newcomerFigures { entered } }") == "permission_refused"
    assert await assistant.code("{ cohorts { edges { node { figures { entered } } } } }") == (
        "permission_refused"
    )


async def test_a_command_that_the_role_may_not_give_is_refused_as_data(
    app: App, web: Litestar, http: httpx.AsyncClient, partner: Tenant
) -> None:
    lecturer = await open_door(app, web, http, partner.code, Role.LECTURER)
    payload = await lecturer.change("openCohort", code="B1", name="一", openedOn="2026-05-01")
    assert [error["code"] for error in payload["errors"]] == ["permission_refused"]


async def test_a_token_is_limited_to_its_scopes(
    app: App, web: Litestar, http: httpx.AsyncClient, partner: Tenant
) -> None:
    issued = await app.tokens.issue(
        role=Role.TRAINING_MANAGER,
        partner=partner.code,
        days=3650,
        scopes=[Permission.READ_FIGURES],
    )
    door = Door(web, http, issued.token)
    assert (await door.data("{ newcomerFigures { entered } }"))["newcomerFigures"]["entered"] == 0
    assert await door.code("{ trainees { totalCount } }") == "permission_refused"
    payload = await door.change("openCohort", code="B1", name="一", openedOn="2026-05-01")
    assert [error["code"] for error in payload["errors"]] == ["permission_refused"]


async def test_who_manages_access_lists_all_tokens_and_others_their_own(
    app: App, web: Litestar, http: httpx.AsyncClient, partner: Tenant
) -> None:
    hers, administrators = [
        await open_door(app, web, http, partner.code, role)
        for role in (Role.TRAINING_MANAGER, Role.ADMINISTRATOR)
    ]
    query = "{ me { tokens { label role scopes lastUsedAt revokedAt } } }"
    assert (await hers.data(query))["me"]["tokens"] == []
    listed = (await administrators.data(query))["me"]["tokens"]
    assert [one["role"] for one in listed] == ["ADMINISTRATOR", "TRAINING_MANAGER"]
