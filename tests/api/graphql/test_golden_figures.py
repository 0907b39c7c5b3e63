"""Every golden case of the figures, through the mutations and newcomerFigures."""

import json
from typing import Any

import pytest

from tests.api.door import Door
from tests.place import FIGURES as GOLDEN

CASES = json.loads(GOLDEN.read_text())["cases"]
FIGURES = """
query Q($month: String, $cohort: String, $day: Date!, $position: Int!) {
  newcomerFigures(month: $month, cohort: $cohort, happenedBy: $day, minPosition: $position) {
    entered wentLive employed isFinal finalOn
    orderRate { ...all } averageOrders { ...all } floor { ...all } ceiling { ...all }
    asOf { happenedBy position }
    explanation {
      membersCounted { edges { node { employeeNo rule } } }
      membersNotCounted { edges { node { employeeNo rule } } }
      ordersCounted { edges { node { orderNo rule events { position topic } } } }
      ordersExcluded { edges { node { orderNo rule } } }
    }
  }
}
fragment all on Ratio { numerator denominator value shown }
"""


async def tell(door: Door, facts: list[dict[str, Any]]) -> int:
    """The case's facts as commands, told person by person; answers the position."""
    position = await door.changed(
        "openCohort", code="2026-05", name="五月班", openedOn="2023-01-01"
    )
    for fact in facts:
        number, live = fact["trainee"], fact["went_live_on"]
        # G5 says a later enrolment than go-live, which the domain refuses: the earlier day is told.
        entered = min(filter(None, (fact["entered_on"], live)))
        position = await door.changed(
            "enrolTrainee", cohort="2026-05", employeeNo=number, name=number, enteredOn=entered
        )
        if live:
            for kind in ("WRITTEN", "DRILL"):
                await door.changed(
                    "recordExamResult", employeeNo=number, kind=kind, passed=True, on=live
                )
            position = await door.changed("goLive", employeeNo=number, on=live)
        for order in fact["orders"]:
            position = await door.changed(
                "recordOrder", employeeNo=number, orderNo=order["no"], closedOn=order["on"]
            )
            if order["voided_on"]:
                position = await door.changed(
                    "voidOrder", orderNo=order["no"], on=order["voided_on"], reason="退单"
                )
        if fact["left_on"]:
            position = await door.changed(
                "recordLeaving", employeeNo=number, on=fact["left_on"], reason="离职"
            )
    return position


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
async def test_a_golden_case_is_answered_by_the_api(door: Door, case: dict[str, Any]) -> None:
    if case["window_days"] != 30:
        await door.changed(
            "publishScheme", effectiveFrom="2000-01", parameters={"windowDays": case["window_days"]}
        )
    position = await tell(door, case["facts"])
    data = await door.lines(FIGURES, cohort="2026-05", day=case["happened_by"], position=position)
    figures, expect = data["newcomerFigures"], case["expect"]
    for name, of in (("order_rate", "orderRate"), ("average_orders", "averageOrders")):
        got = figures[of]
        assert {key: got[key] for key in expect[name]} == expect[name]
    for name in ("floor", "ceiling"):
        got = figures[name]
        assert (got["numerator"] if got["denominator"] else None) == expect[name]
    assert figures["isFinal"] is expect["final"]
    assert figures["finalOn"] == expect["final_on"]
    assert figures["asOf"] == {"happenedBy": case["happened_by"], "position": position}
    recount(figures)


def recount(figures: dict[str, Any]) -> None:
    """The explanation's lines, counted, give the figures; every order line has its event."""
    lines = figures["explanation"]
    assert len(lines["membersCounted"]) == figures["orderRate"]["numerator"]
    members = len(lines["membersCounted"]) + len(lines["membersNotCounted"])
    assert members == figures["orderRate"]["denominator"] == figures["wentLive"]
    assert len(lines["ordersCounted"]) == figures["averageOrders"]["numerator"]
    assert all(line["rule"] is None for line in lines["membersCounted"])
    assert all(line["rule"] for line in lines["membersNotCounted"])
    for line in lines["ordersCounted"]:
        assert [event["topic"] for event in line["events"]] == ["TRAINEE_ORDER_CLOSED"]
