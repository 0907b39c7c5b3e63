"""500 made-up queries over every field: none shows another's canary, and many show one's own."""

import json
from random import Random
from uuid import uuid4

import httpx
import pytest
from graphql import parse
from litestar import Litestar

from api.graphql.engine.limits import check
from api.graphql.schema import build_schema
from domain.kernel.errors import Refusal
from infra.bootstrap import App, utc_now
from services.kernel.context import Role
from tests.api.conftest import open_door
from tests.api.door import Door
from tests.api.graphql.documents import Documents

CANARY = "canary7f3a"
ROOTS = ("me", "partner", "node", "cohort", "cohorts", "trainee", "trainees", "newcomerFigures",
         "job", "board", "session", "sessions", "compare", "compareScorecards")  # fmt: skip
MADE = 500

ENROL = """
mutation M($input: EnrolTraineeInput!) {
  enrolTrainee(input: $input) { trainee { id cohort { id } } position }
}
"""


async def plant(door: Door) -> dict[str, list[str]]:
    """A canary wherever a partner may write; answers what can be asked for by it."""
    code, number = f"{CANARY}-B", f"{CANARY}-T"
    await door.changed("openCohort", code=code, name=CANARY, openedOn="2026-05-01")
    stated = {
        "cohort": code,
        "employeeNo": number,
        "name": CANARY,
        "enteredOn": "2026-05-02",
        "manager": CANARY,
    }
    trainee = (await door.data(ENROL, input=stated))["enrolTrainee"]["trainee"]
    for kind in ("WRITTEN", "DRILL"):
        await door.changed(
            "recordExamResult", employeeNo=number, kind=kind, passed=True, on="2026-05-20"
        )
    await door.changed("goLive", employeeNo=number, on="2026-06-01")
    await door.changed(
        "recordOrder", employeeNo=number, orderNo=f"{CANARY}-O", closedOn="2026-06-02"
    )
    query = (
        "mutation M($input: PlanSessionInput!) { planSession(input: $input) { session { id } } }"
    )
    stated = {"cohort": code, "code": code, "plannedOn": "2026-05-03", "topics": [CANARY]}
    session = (await door.data(query, input=stated))["planSession"]["session"]
    query = 'mutation { requestReport(input: {month: "2026-06"}) { job { id } position } }'
    report = (await door.data(query))["requestReport"]
    await door.data("query Q($p: Int) { partner(minPosition: $p) { code } }", p=report["position"])
    ids = [trainee["id"], trainee["cohort"]["id"], report["job"]["id"], session["id"]]
    return {
        "node.id": ids,
        "trainee.id": ids[:1],
        "cohort.id": ids[1:2],
        "job.id": ids[2:3],
        "session.id": ids[3:],
        "sessions.cohort": ids[1:2],
        "trainees.cohort": ids[1:2],
        "cohort": [code, code.upper()],
        "code": [code],
        "employeeNo": [number],
        "manager": [CANARY],
        "search": [CANARY, number],
        "month": ["2026-06"],
        "cohorts.month": ["2026-05"],
        "sessions.month": ["2026-05"],
        "knownBy": [utc_now().isoformat()],
    }


@pytest.fixture
async def stranger(app: App, web: Litestar, http: httpx.AsyncClient) -> Door:
    partner = await app.accounts.create_partner(f"stranger-{uuid4().hex[:12]}", "别家渠道")
    return await open_door(app, web, http, partner.code, Role.TRAINING_MANAGER)


async def test_shows_nobody_elses_canary(door: Door, stranger: Door) -> None:
    words = await plant(door)
    documents = Documents(build_schema(), Random(20260601), words)
    own = asked = 0
    for number in range(MADE):
        query = documents.query(ROOTS[number % len(ROOTS)])
        try:
            check(parse(query))
        except Refusal:
            continue
        asked += 1
        answer = await stranger.answer(query)
        # Errors repeat what was asked; data may hold nothing of the other partner.
        assert CANARY not in json.dumps(answer.get("data")), query
        if number % 3 == 0:
            own += CANARY in json.dumps((await door.answer(query)).get("data"))
    assert asked > MADE * 0.8
    assert own > 20
