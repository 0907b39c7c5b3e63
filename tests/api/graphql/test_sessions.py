"""Classes through GraphQL: from the plan to the summary, and who answers for a batch."""

import httpx
import pytest
from litestar import Litestar

from infra.bootstrap import App
from services.kernel.context import Role
from services.people.access import Tenant
from tests.api.conftest import open_door
from tests.api.door import Door

SESSION = """
  id code kind status cancelledOn cohort { code }
  plan { plannedOn topics approvedOn approvedBy }
  plans { plannedOn topics approvedOn approvedBy }
  opening { on headcount } closing { on topicsTaught headcount } summary { on text }
"""
BY_CODE = f"query Q($c: String, $p: Int) {{ session(code: $c, minPosition: $p) {{ {SESSION} }} }}"
FIRST = {"plannedOn": "2026-05-04", "topics": ["公司与文化", "产品知识"]}


async def planned(door: Door, code: str = "K-01", on: str = "2026-05-04") -> int:
    return await door.changed(
        "planSession", cohort="B1", code=code, plannedOn=on, topics=FIRST["topics"]
    )


@pytest.fixture
async def classes(door: Door) -> Door:
    """A batch with one class planned."""
    await door.changed("openCohort", code="B1", name="一班", openedOn="2026-05-01")
    await planned(door)
    return door


@pytest.fixture
async def approver(app: App, web: Litestar, http: httpx.AsyncClient, partner: Tenant) -> Door:
    return await open_door(app, web, http, partner.code, Role.HR_MANAGER)


async def test_a_class_goes_from_its_plan_to_its_summary(classes: Door, approver: Door) -> None:
    change = {"plannedOn": "2026-05-06", "topics": ["产品知识"]}
    await approver.changed(
        "approvePlanChange", session="k-01", **change, on="2026-05-03", reason="讲师出差"
    )
    await classes.changed("openSession", session="K-01", on="2026-05-06", headcount=18)
    opening = {"on": "2026-05-07", "headcount": 17}
    await classes.changed("correctOpening", session="K-01", **opening, reason="录错")
    closing = {"on": "2026-05-08", "topicsTaught": ["产品知识"], "headcount": 16}
    await classes.changed("closeSession", session="K-01", **closing | {"headcount": 15})
    await classes.changed("correctClosing", session="K-01", **closing, reason="录错")
    await classes.changed("writeSummary", session="K-01", on="2026-05-10", text="完成")
    summary = {"on": "2026-05-09", "text": "按计划完成"}
    position = await classes.changed("correctSummary", session="K-01", **summary, reason="录错")

    found = (await classes.data(BY_CODE, c="ｋ-01", p=position))["session"]
    approved = change | {"approvedOn": "2026-05-03", "approvedBy": "HR_MANAGER"}
    assert found == {
        "id": found["id"],
        "code": "K-01",
        "kind": "INDUCTION",
        "status": "CLOSED",
        "cancelledOn": None,
        "cohort": {"code": "B1"},
        "plan": approved,
        "plans": [FIRST | {"approvedOn": None, "approvedBy": None}, approved],
        "opening": opening,
        "closing": closing,
        "summary": summary,
    }
    query = "query Q($id: ID!) { node(id: $id) { id ... on Session { code } } }"
    assert (await classes.data(query, id=found["id"]))["node"]["code"] == "K-01"


async def test_a_change_answers_the_class_as_it_is_now(classes: Door) -> None:
    query = (
        'mutation { cancelSession(input: {session: "K-01", on: "2026-05-03", reason: "人数不足"})'
        " { session { status cancelledOn plan { plannedOn } } errors { code } } }"
    )
    payload = (await classes.data(query))["cancelSession"]
    assert payload["errors"] == []
    assert payload["session"] == {
        "status": "CANCELLED",
        "cancelledOn": "2026-05-03",
        "plan": {"plannedOn": "2026-05-04"},
    }


@pytest.mark.parametrize(
    ("mutation", "stated", "code", "field"),
    [
        ("openSession", {"session": "K-9", "headcount": 1}, "session_unknown", "session"),
        ("openSession", {"session": "K-01", "headcount": -1}, "headcount_negative", "headcount"),
        ("writeSummary", {"session": "K-01", "text": "好"}, "session_not_closed", "session"),
        ("cancelSession", {"session": "K-01", "reason": ""}, "field_missing", "reason"),
        ("handOverCohort", {"cohort": "B1", "trainingManager": " "}, "field_missing",
         "trainingManager"),
    ],
)  # fmt: skip
async def test_refuses_as_data_and_points_at_the_field(
    classes: Door, mutation: str, stated: dict[str, object], code: str, field: str
) -> None:
    (error,) = (await classes.change(mutation, **stated, on="2026-05-04"))["errors"]
    assert (error["code"], error["path"]) == (code, ["input", field])


async def test_a_training_manager_approves_no_change_of_plan(classes: Door) -> None:
    payload = await classes.change(
        "approvePlanChange", session="K-01", **FIRST, on="2026-05-03", reason="讲师出差"
    )
    assert [error["code"] for error in payload["errors"]] == ["permission_refused"]


async def test_classes_come_in_pages_of_a_batch_and_a_month(classes: Door) -> None:
    await planned(classes, "K-02", "2026-06-02")
    position = await planned(classes, "K-03", "2026-06-09")
    batch = (
        await classes.data(
            'query Q($p: Int) { cohort(code: "B1", minPosition: $p) { id } }', p=position
        )
    )["cohort"]["id"]
    query = """
    query Q($p: Int, $c: ID, $m: String, $a: String) {
      sessions(first: 1, after: $a, cohort: $c, month: $m, minPosition: $p) {
        totalCount pageInfo { hasNextPage endCursor } edges { node { code } }
      }
    }
    """
    given = {"p": position, "c": batch, "m": "2026-06"}
    first = (await classes.data(query, **given))["sessions"]
    rest = (await classes.data(query, **given, a=first["pageInfo"]["endCursor"]))["sessions"]
    assert (first["totalCount"], first["pageInfo"]["hasNextPage"]) == (2, True)
    pages = [edge["node"]["code"] for page in (first, rest) for edge in page["edges"]]
    assert pages == ["K-03", "K-02"]
    assert rest["pageInfo"]["hasNextPage"] is False
    assert (await classes.data(query))["sessions"]["totalCount"] == 3


async def test_a_batch_says_who_answers_for_it(door: Door) -> None:
    await door.changed(
        "openCohort", code="B2", name="二班", openedOn="2026-05-01", trainingManager="陈经理"
    )
    query = (
        'mutation { handOverCohort(input: {cohort: "B2", trainingManager: "李经理",'
        ' on: "2026-05-11"}) { cohort { trainingManager handovers { on trainingManager } }'
        " position errors { code } } }"
    )
    payload = (await door.data(query))["handOverCohort"]
    told = {
        "trainingManager": "李经理",
        "handovers": [
            {"on": "2026-05-01", "trainingManager": "陈经理"},
            {"on": "2026-05-11", "trainingManager": "李经理"},
        ],
    }
    assert (payload["errors"], payload["cohort"]) == ([], told)
    query = (
        'query Q($p: Int) { cohort(code: "B2", minPosition: $p)'
        " { trainingManager handovers { on trainingManager } } }"
    )
    assert (await door.data(query, p=payload["position"]))["cohort"] == told
