"""Follow-ups of newcomers through the door: from the visit to the agreed action."""

from typing import Any

import pytest

from tests.api.door import Door

JUNE_1, JUNE_2, JUNE_8, JUNE_9 = "2026-06-01", "2026-06-02", "2026-06-08", "2026-06-09"
ACTION = {"action": "练报价", "dueOn": JUNE_8}
FOLLOW_UP = """
  id code employeeNo status openedOn action dueOn endedOn notes { on note } trainee { name }
  timeline { edges { node { topic } } }
"""


@pytest.fixture
async def visited(door: Door) -> Door:
    """T1 is on the post and was visited; T2 is in training."""
    await door.changed("openCohort", code="B1", name="一班", openedOn="2026-05-01")
    for number in ("T1", "T2"):
        stated = {"cohort": "B1", "employeeNo": number, "name": f"学员{number}"}
        await door.changed("enrolTrainee", **stated, enteredOn="2026-05-02")
    for kind in ("WRITTEN", "DRILL"):
        await door.changed("recordExamResult", employeeNo="T1", kind=kind, passed=True, on=JUNE_1)
    await door.changed("goLive", employeeNo="T1", on=JUNE_1)
    await door.changed("openFollowUp", employeeNo="T1", code="GJ-01", on=JUNE_1)
    return door


async def found(door: Door, position: int, **given: Any) -> Any:
    query = (
        "query Q($c: String, $d: Date, $p: Int)"
        f" {{ followUp(code: $c, happenedBy: $d, minPosition: $p) {{ {FOLLOW_UP} }} }}"
    )
    return (await door.data(query, c="gj-01", p=position, **given))["followUp"]


async def test_goes_from_the_visit_to_the_done_action(visited: Door) -> None:
    change = visited.changed
    await change("noteFollowUp", followUp="gj-01", on=JUNE_1, note="报价不清楚")
    await change("agreeAction", followUp="GJ-01", on=JUNE_2, action="练开场", dueOn=JUNE_8)
    await change("correctAction", followUp="GJ-01", on=JUNE_2, **ACTION, reason="录错")
    await change("dropFollowUp", followUp="GJ-01", on=JUNE_2, reason="转岗")
    await change("withdrawFollowUpEnd", followUp="GJ-01", reason="录错人")
    position = await change("recordActionDone", followUp="GJ-01", on="2026-06-07")
    one = await found(visited, position)
    events = [edge["node"]["topic"] for edge in one.pop("timeline")["edges"]]
    assert events == [
        "FOLLOW_UP_OPENED",
        "FOLLOW_UP_NOTED",
        "FOLLOW_UP_ACTION_AGREED",
        "FOLLOW_UP_ACTION_CORRECTED",
        "FOLLOW_UP_DROPPED",
        "FOLLOW_UP_END_WITHDRAWN",
        "FOLLOW_UP_ACTION_DONE",
    ]
    assert one == {
        "id": one["id"],
        "code": "GJ-01",
        "employeeNo": "T1",
        "status": "DONE",
        "openedOn": JUNE_1,
        **ACTION,
        "endedOn": "2026-06-07",
        "notes": [{"on": JUNE_1, "note": "报价不清楚"}],
        "trainee": {"name": "学员T1"},
    }
    query = "query Q($id: ID!) { node(id: $id) { ... on FollowUp { code } } }"
    assert (await visited.data(query, id=one["id"]))["node"] == {"code": "GJ-01"}

    earlier = await found(visited, position, d=JUNE_1)
    assert (earlier["status"], earlier["action"], earlier["endedOn"]) == ("OPEN", None, None)
    assert len(earlier["timeline"]["edges"]) == 2
    assert await found(visited, position, d="2026-05-31") is None


async def test_a_change_answers_the_follow_up_as_it_is_now(visited: Door) -> None:
    query = (
        'mutation { agreeAction(input: {followUp: "GJ-01", on: "2026-06-02", action: " 练报价",'
        ' dueOn: "2026-06-08"}) { followUp { status action dueOn } errors { code } } }'
    )
    payload = (await visited.data(query))["agreeAction"]
    assert payload == {"followUp": {"status": "AGREED", **ACTION}, "errors": []}


@pytest.mark.parametrize(
    ("mutation", "stated", "code", "field"),
    [
        ("openFollowUp", {"employeeNo": "T1", "code": " "}, "field_missing", "code"),
        ("openFollowUp", {"employeeNo": "T1", "code": "ｇj-01"}, "follow_up_code_taken", "code"),
        ("openFollowUp", {"employeeNo": "T2", "code": "F2"}, "not_live_yet", "on"),
        ("openFollowUp", {"employeeNo": "T9", "code": "F2"}, "trainee_unknown", "employeeNo"),
        ("noteFollowUp", {"followUp": "F9", "note": "好"}, "follow_up_unknown", "followUp"),
        ("agreeAction", {"followUp": "GJ-01", **ACTION, "action": ""}, "field_missing", "action"),
        ("recordActionDone", {"followUp": "GJ-01"}, "action_not_agreed", "on"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_refuses_as_data_and_points_at_the_field(
    visited: Door, mutation: str, stated: dict[str, Any], code: str, field: str
) -> None:
    (error,) = (await visited.change(mutation, **stated, on=JUNE_2))["errors"]
    assert (error["code"], error["path"]) == (code, ["input", field])


async def test_come_in_pages_of_a_trainee_a_status_and_a_month_due(visited: Door) -> None:
    await visited.changed("openFollowUp", employeeNo="T1", code="GJ-02", on=JUNE_2)
    position = await visited.changed("agreeAction", followUp="GJ-02", on=JUNE_2, **ACTION)
    query = """
    query Q($p: Int, $t: ID, $s: FollowUpStatus, $d: String, $day: Date) {
      followUps(minPosition: $p, trainee: $t, status: $s, due: $d, happenedBy: $day) {
        totalCount edges { node { code } }
      }
    }
    """

    async def codes(**given: Any) -> list[str]:
        page = (await visited.data(query, p=position, **given))["followUps"]
        assert page["totalCount"] == len(page["edges"])
        return [edge["node"]["code"] for edge in page["edges"]]

    person = "query Q($no: String, $p: Int) { trainee(employeeNo: $no, minPosition: $p) { id } }"
    for number, own in (("T1", ["GJ-02", "GJ-01"]), ("T2", [])):
        one = (await visited.data(person, no=number, p=position))["trainee"]
        assert await codes(t=one["id"]) == own
    for day, status in ((JUNE_8, "AGREED"), (JUNE_9, "OVERDUE"), (None, "OVERDUE")):
        assert await codes(s=status, day=day) == ["GJ-02"]
    for day in (None, JUNE_2):
        assert await codes(s="OPEN", day=day) == ["GJ-01"]
        assert await codes(d="2026-06", day=day) == ["GJ-02"]
        assert await codes(d="2026-07", day=day) == []
    assert await codes(day=JUNE_1) == ["GJ-01"]
