"""What is withdrawn never was, and was known before: through the door, at both times."""

from typing import Any

from tests.api.door import Door

MAY_30, JUNE_1, JUNE_10 = "2026-05-30", "2026-06-01", "2026-06-10"
WHY = "录错人"
FOUND = """query Q($known: Int, $least: Int) {
    trainee(employeeNo: "T1", knownByPosition: $known, minPosition: $least) {
        id name wentLiveOn orders { orderNo } rejoins { id }
        timeline { edges { node { topic fact facts } } } }
    trainees(knownByPosition: $known, minPosition: $least) { totalCount edges { node { name } } }
    newcomerFigures(cohort: "B1", happenedBy: "2026-06-20", knownByPosition: $known,
        minPosition: $least) { entered wentLive averageOrders { numerator denominator } }
}"""


async def _life(door: Door) -> list[int]:
    """The positions of enrolment, both exams, go-live and order."""
    await door.changed("openCohort", code="B1", name="B1", openedOn="2026-05-01")
    said: list[tuple[str, dict[str, Any]]] = [
        ("enrolTrainee", {"cohort": "B1", "name": "杜玉璇", "enteredOn": "2026-05-02"}),
        ("recordExamResult", {"kind": "WRITTEN", "passed": True, "on": MAY_30}),
        ("recordExamResult", {"kind": "DRILL", "passed": True, "on": MAY_30}),
        ("goLive", {"on": JUNE_1}),
        ("recordOrder", {"orderNo": "A1", "closedOn": JUNE_10}),
    ]
    return [await door.changed(mutation, employeeNo="T1", **stated) for mutation, stated in said]


async def test_an_order_counted_until_it_was_withdrawn(door: Door) -> None:
    *_, before = await _life(door)
    after = await door.changed("withdrawFact", employeeNo="T1", fact=5, reason=WHY)
    now, then = await door.data(FOUND, least=after), await door.data(FOUND, known=before)
    assert (now["trainee"]["orders"], then["trainee"]["orders"]) == ([], [{"orderNo": "A1"}])
    figures = [one["newcomerFigures"]["averageOrders"]["numerator"] for one in (now, then)]
    assert figures == [0, 1]
    last = now["trainee"]["timeline"]["edges"][-1]["node"]
    assert last == {
        "topic": "TRAINEE_FACT_WITHDRAWN",
        "fact": 5,
        "facts": {"what": "TRAINEE_ORDER_CLOSED", "number": "A1"},
    }
    again = await door.changed("recordOrder", employeeNo="T1", orderNo="a1", closedOn=JUNE_10)
    anew = await door.data(FOUND, least=again)
    assert anew["newcomerFigures"]["averageOrders"]["numerator"] == 1


async def test_nobody_is_left_of_a_withdrawn_enrolment_but_what_was_known(door: Door) -> None:
    *_, before = await _life(door)
    then = await door.data(FOUND, known=before, least=before)
    for fact in (5, 4, 3, 2, 1):
        stated = {"traineeId": then["trainee"]["id"], "fact": fact, "reason": WHY}
        payload = await door.change("withdrawFact", **stated)
        assert payload["errors"] == []
    after = payload["position"]
    now = await door.data(FOUND, least=after)
    assert (now["trainee"], now["trainees"]["totalCount"]) == (None, 0)
    assert (now["newcomerFigures"]["entered"], now["newcomerFigures"]["wentLive"]) == (0, 0)
    assert await door.data(FOUND, known=before) == then
    again = await door.changed(
        "enrolTrainee", cohort="B1", employeeNo="T1", name="王小明", enteredOn="2026-05-03"
    )
    anew = await door.data(FOUND, least=again)
    assert (anew["trainee"]["name"], anew["trainee"]["rejoins"]) == ("王小明", None)
    assert (await door.data(FOUND, known=before))["trainee"]["name"] == "杜玉璇"
    assert [one["node"]["name"] for one in anew["trainees"]["edges"]] == ["王小明"]


async def test_what_stands_in_the_way_is_named(door: Door) -> None:
    await _life(door)
    payload = await door.change("withdrawFact", employeeNo="T1", fact=1, reason=WHY)
    (error,) = payload["errors"]
    assert (error["code"], error["path"]) == ("fact_rested_on", ["input", "fact"])
    assert "Order" in error["message"]
