"""The facts of a case of golden.json, told as commands."""

import json
from datetime import date
from typing import Any

import msgspec

from infra.bootstrap import App
from services.execute import execute
from services.kernel.context import Principal
from services.teaching.cohort import OpenCohort
from services.trainees.order import RecordOrder
from services.trainees.trainee import EnrolTrainee, GoLive, RecordExamResult, RecordLeaving
from tests.place import FIGURES as GOLDEN

CASES: dict[str, dict[str, Any]] = {
    case["id"]: case for case in json.loads(GOLDEN.read_text())["cases"]
}


async def tell(app: App, principal: Principal, case: str) -> int:
    """Answers the position after them."""
    position = 0
    for command in commands(CASES[case]["facts"]):
        position = (await execute(app.context(principal), command)).position
    return position


def commands(facts: list[dict[str, Any]]) -> list[msgspec.Struct]:
    """Person by person; everybody is of one batch."""
    found: list[msgspec.Struct] = [OpenCohort("2026-05", "五月班", date(2026, 1, 1))]
    for fact in facts:
        who = fact["trainee"]
        day = {key: date.fromisoformat(fact[key]) for key in DAYS if fact[key]}
        found.append(EnrolTrainee("2026-05", who, who, day["entered_on"]))
        if live := day.get("went_live_on"):
            found += [
                RecordExamResult(who, kind=kind, score=None, passed=True, on=live)
                for kind in ("written", "drill")
            ]
            found.append(GoLive(who, live))
        for order in fact["orders"]:
            found.append(RecordOrder(who, order["no"], date.fromisoformat(order["on"])))
        if left := day.get("left_on"):
            found.append(RecordLeaving(who, left, "离职"))
    return found


DAYS = ("entered_on", "went_live_on", "left_on")
