"""The facts of a case of golden.json, as steps."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

from infra.bootstrap import App
from services.kernel.context import Principal
from tests.carrying import record
from tests.place import FIGURES as GOLDEN
from tests.situation import batch_opened, enrolled, left, ordered, passed_gate, went_live
from tests.steps import Step

CASES: dict[str, dict[str, Any]] = {
    case["id"]: case for case in json.loads(GOLDEN.read_text())["cases"]
}


async def tell(app: App, principal: Principal, case: str) -> int:
    """Answers the position after them."""
    return (await record(app, principal, *steps(CASES[case]["facts"]))).position


def steps(facts: list[dict[str, Any]]) -> Iterator[Step]:
    """Person by person; everybody is of one batch."""
    yield batch_opened("2026-05", on=date(2026, 1, 1))
    for fact in facts:
        who = fact["trainee"]
        day = {key: date.fromisoformat(fact[key]) for key in DAYS if fact[key]}
        yield enrolled(who, cohort="2026-05", on=day["entered_on"], name=who)
        if live := day.get("went_live_on"):
            yield passed_gate(who, on=live)
            yield went_live(who, on=live)
        for order in fact["orders"]:
            yield ordered(who, order["no"], on=date.fromisoformat(order["on"]))
        if gone := day.get("left_on"):
            yield left(who, on=gone)


DAYS = ("entered_on", "went_live_on", "left_on")
