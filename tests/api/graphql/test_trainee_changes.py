"""What changes about trainees, and what had been typed wrong, through the door."""

import asyncio
from typing import Any

import pytest

from tests.api.door import Door

MAY_30, JUNE_1, JUNE_10, JUNE_20 = "2026-05-30", "2026-06-01", "2026-06-10", "2026-06-20"
WHY = "录入有误"


@pytest.fixture
async def career(door: Door) -> Door:
    for code in ("B1", "B2"):
        await door.changed("openCohort", code=code, name=code, openedOn="2026-05-01")
    for number in ("T1", "T2"):
        await door.changed(
            "enrolTrainee", cohort="B1", employeeNo=number, name="杜玉璇", enteredOn="2026-05-02"
        )
    await door.changed(
        "recordTrialVerdict", employeeNo="T1", verdict="FAILED", on=MAY_30, feedback="再练"
    )
    for kind in ("WRITTEN", "DRILL"):
        await door.changed("recordExamResult", employeeNo="T1", kind=kind, passed=True, on=MAY_30)
    await door.changed("transferTrainee", employeeNo="T1", cohort="b2", on=MAY_30, reason="补考")
    await door.changed("goLive", employeeNo="T1", on=JUNE_1)
    await door.changed("recordOrder", employeeNo="T1", orderNo="A1", closedOn=JUNE_10)
    return door


async def trainee(door: Door, position: int, number: str = "T1") -> dict[str, Any]:
    query = """
    query Q($no: String!, $p: Int) {
      trainee(employeeNo: $no, minPosition: $p) {
        name post manager status enteredOn wentLiveOn leftOn cohort { code } rejoins { leftOn }
        orders { orderNo closedOn voidedOn creditedOn reassignedOn }
        trials { on passed } exams { kind on passed score }
      }
    }
    """
    found: dict[str, Any] = (await door.data(query, no=number, p=position))["trainee"]
    return found


async def test_what_changes_is_there_afterwards(career: Door) -> None:
    change = career.changed
    await change("changeManager", employeeNo="T1", on=JUNE_10, manager="赵主管")
    await change(
        "recordSpotCheck",
        employeeNo="T1",
        topic="BASICS",
        passed=False,
        on=JUNE_10,
        feedback="生",
    )
    await change("fileComplaint", employeeNo="T1", complaintNo="C1", on=JUNE_10, about="返点")
    await change("withdrawComplaint", complaintNo="c1", on=JUNE_10, reason="误会")
    await change("reassignOrder", orderNo="A1", employeeNo="T2", on=JUNE_20, reason="移交")
    await change("changePost", employeeNo="T1", on=JUNE_20, post="CUSTOMER_SERVICE")
    position = await change("holdOffPost", employeeNo="T1", on=JUNE_20, reason="不通过")
    giver, receiver = await trainee(career, position), await trainee(career, position, "T2")
    assert (giver["status"], giver["manager"], giver["cohort"]["code"]) == ("HELD", "赵主管", "B2")
    assert (giver["post"], receiver["post"]) == ("CUSTOMER_SERVICE", "SALES")
    order = {"orderNo": "A1", "closedOn": JUNE_10, "voidedOn": None}
    assert giver["orders"] == [order | {"creditedOn": None, "reassignedOn": JUNE_20}]
    assert receiver["orders"] == [order | {"creditedOn": JUNE_20, "reassignedOn": None}]

    position = await change("eliminateTrainee", employeeNo="T1", on=JUNE_20, reason="不通过")
    assert (await trainee(career, position))["status"] == "ELIMINATED"
    position = await change(
        "rejoinTrainee", employeeNo="T1", cohort="B1", enteredOn="2026-07-01", name="杜雨璇"
    )
    back = await trainee(career, position)
    said = (back["name"], back["post"], back["status"])
    assert said == ("杜雨璇", "CUSTOMER_SERVICE", "IN_TRAINING")
    assert (back["enteredOn"], back["rejoins"]) == ("2026-07-01", {"leftOn": JUNE_20})


async def test_what_had_been_typed_wrong_is_as_it_was(career: Door) -> None:
    change = career.changed
    await change("recordLeaving", employeeNo="T1", on=JUNE_20, reason="个人原因")
    await change(
        "correctEnrolment",
        employeeNo="T1",
        enteredOn="2026-05-03",
        manager="钱主管",
        name="杜雨璇",
        reason=WHY,
    )
    await change(
        "correctTrialVerdict",
        employeeNo="T1",
        wasOn=MAY_30,
        verdict="PASSED",
        on="2026-05-29",
        feedback="很好",
        reason=WHY,
    )
    await change(
        "correctExamResult",
        employeeNo="T1",
        kind="DRILL",
        wasOn=MAY_30,
        passed=False,
        on=MAY_30,
        score="40",
        reason=WHY,
    )
    await change("correctGoLive", employeeNo="T1", wasOn=JUNE_1, on="2026-06-02", reason=WHY)
    await change("correctOrder", orderNo="A1", closedOn="2026-06-09", reason=WHY)
    position = await change("correctLeaving", employeeNo="T1", on="2026-06-19", reason=WHY)
    found = await trainee(career, position)
    assert (found["name"], found["manager"], found["enteredOn"]) == (
        "杜雨璇",
        "钱主管",
        "2026-05-03",
    )
    assert (found["wentLiveOn"], found["leftOn"]) == ("2026-06-02", "2026-06-19")
    assert found["orders"][0]["closedOn"] == "2026-06-09"
    assert found["trials"] == [{"on": "2026-05-29", "passed": True}]
    assert found["exams"][1] == {"kind": "DRILL", "on": MAY_30, "passed": False, "score": "40"}

    position = await change("withdrawFact", employeeNo="T1", fact=8, reason=WHY)
    stays = await trainee(career, position)
    assert (stays["status"], stays["leftOn"]) == ("LIVE", None)


async def test_of_two_results_of_one_day_the_first_is_corrected_by_its_id(career: Door) -> None:
    position = await career.changed(
        "recordExamResult", employeeNo="T1", kind="DRILL", passed=False, on=MAY_30
    )
    results = """query Q($p: Int) { trainee(employeeNo: "T1", minPosition: $p) {
        exams { fact kind passed on } timeline { edges { node { topic fact facts } } } } }"""
    before = (await career.data(results, p=position))["trainee"]
    first, second = (exam for exam in before["exams"] if exam["kind"] == "DRILL")
    position = await career.changed(
        "correctExamResult",
        employeeNo="T1",
        kind="DRILL",
        fact=first["fact"],
        passed=False,
        on=MAY_30,
        reason=WHY,
    )
    after = (await career.data(results, p=position))["trainee"]
    drills = [exam for exam in after["exams"] if exam["kind"] == "DRILL"]
    assert drills == [first | {"passed": False}, second]
    corrected = {
        "topic": "TRAINEE_EXAM_CORRECTED",
        "fact": first["fact"],
        "facts": {"kind": "DRILL", "passed": False},
    }
    assert after["timeline"]["edges"][-1]["node"] == corrected


async def order_closed_at(door: Door) -> int:
    """The position of the order's entry in the timeline."""
    position = await door.changed("changeManager", employeeNo="T1", on=JUNE_10, manager="赵主管")
    timeline = """query Q($p: Int) { trainee(employeeNo: "T1", minPosition: $p) {
        timeline { edges { node { position topic } } } } }"""
    edges = (await door.data(timeline, p=position))["trainee"]["timeline"]["edges"]
    places = {one["node"]["topic"]: one["node"]["position"] for one in edges}
    return int(places["TRAINEE_ORDER_CLOSED"])


async def test_of_two_corrections_of_what_was_seen_one_is_saved_and_one_learns_what_it_says(
    career: Door,
) -> None:
    seen = await order_closed_at(career)
    payloads = await asyncio.gather(
        *(
            career.change(
                "correctOrder",
                orderNo="A1",
                closedOn=JUNE_10,
                amount=amount,
                reason=WHY,
                asSeen=seen,
            )
            for amount in ("10", "20")
        )
    )
    refused, saved = sorted(payloads, key=lambda one: not one["errors"])
    assert saved["errors"] == []
    (error,) = refused["errors"]
    assert (error["code"], error["path"]) == ("restated_since", ["input", "asSeen"])
    assert error["params"]["position"] == saved["position"]
    amount = error["params"]["says"]["amount"]
    assert amount == ("20" if payloads[0] is refused else "10")
    again = {"orderNo": "A1", "closedOn": JUNE_10, "reason": WHY}
    position = error["params"]["position"]
    await career.changed("correctOrder", **again, amount="30", asSeen=position)


@pytest.mark.parametrize(
    ("as_seen", "code"),
    [(-1, "position_invalid"), (1_000_000, "position_ahead"), (2**31 - 1, "position_ahead")],
)
async def test_nothing_is_amended_that_was_seen_where_nothing_is_yet(
    career: Door, as_seen: int, code: str
) -> None:
    stated = {"orderNo": "A1", "closedOn": JUNE_20, "reason": WHY}
    (error,) = (await career.change("correctOrder", **stated, asSeen=as_seen))["errors"]
    assert (error["code"], error["path"]) == (code, ["input", "asSeen"])


async def test_a_correction_that_does_not_say_what_was_seen_is_taken_whatever_was(
    career: Door,
) -> None:
    for amount in ("10", "20"):
        stated = {"orderNo": "A1", "closedOn": JUNE_10, "amount": amount, "reason": WHY}
        await career.changed("correctOrder", **stated)


async def test_what_is_amended_elsewhere_since_does_not_stand_in_the_way(career: Door) -> None:
    seen = await order_closed_at(career)
    await career.changed(
        "correctGoLive", employeeNo="T1", wasOn=JUNE_1, on="2026-06-02", reason=WHY
    )
    stated = {"orderNo": "A1", "closedOn": JUNE_20, "reason": WHY}
    await career.changed("correctOrder", **stated, asSeen=seen)


@pytest.mark.parametrize(
    ("mutation", "stated", "code", "path"),
    [
        ("correctGoLive", {"wasOn": JUNE_10, "on": JUNE_1}, "go_live_unknown", "wasOn"),
        ("correctGoLive", {"fact": 2, "on": JUNE_1}, "fact_unknown", "fact"),
        ("correctGoLive", {"on": JUNE_1}, "fact_missing", "fact"),
        ("transferTrainee", {"cohort": "B1", "on": JUNE_10}, "batch_fixed", "on"),
        ("holdOffPost", {"on": MAY_30}, "held_before_live", "on"),
        ("withdrawFact", {"fact": 9}, "fact_unknown", "fact"),
        ("withdrawFact", {"fact": 1}, "fact_rested_on", "fact"),
        ("rejoinTrainee", {"cohort": "B1", "enteredOn": JUNE_10}, "not_left", "employeeNo"),
        ("correctEnrolment", {"enteredOn": JUNE_1}, "recorded_before_enrolment", "enteredOn"),
    ],
)
async def test_points_at_what_is_refused(
    career: Door, mutation: str, stated: dict[str, Any], code: str, path: str
) -> None:
    reason = {} if mutation == "rejoinTrainee" else {"reason": WHY}
    payload = await career.change(mutation, employeeNo="T1", **stated, **reason)
    (error,) = payload["errors"]
    assert (error["code"], error["path"]) == (code, ["input", path])
