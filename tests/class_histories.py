"""The classes in a partner's history, and the hands that their batches pass through."""

from datetime import date, timedelta

import msgspec

from services.teaching.cohort import HandOverCohort
from services.teaching.session import (
    ApprovePlanChange,
    CancelSession,
    CloseSession,
    CorrectClosing,
    CorrectOpening,
    CorrectSummary,
    OpenSession,
    PlanSession,
    WriteSummary,
)

TOPICS = ("公司与文化", "产品知识", "销售流程")


def classes(number: int, variant: int, on: date) -> list[msgspec.Struct]:
    """What is done about class `number` on a day: the next of its life that is not refused."""
    code, cohort = f"K{number}", "B2" if number % 2 else "A1"
    taught = TOPICS[: 3 - variant % 2]
    plan = PlanSession(cohort, code, on + timedelta(days=variant), TOPICS)
    opened = OpenSession(code, on, 10 + variant)
    closed = CloseSession(code, on, taught, 9)
    written = WriteSummary(code, on, "按计划完成")
    if number == 5:
        return [HandOverCohort("A1", ("陈经理", "李经理")[variant % 2], on)]
    if variant == 0:
        return [plan, opened, closed, written]
    if variant == 1:
        change = ApprovePlanChange(code, on + timedelta(days=2), TOPICS[:2], on, "讲师出差")
        return [plan, change]
    if variant == 2:
        return [CancelSession(code, on, "人数不足"), closed, written]
    before = on - timedelta(days=1)
    return [
        opened,
        CorrectOpening(code, before, 11, "录错"),
        CorrectClosing(code, before, TOPICS, 8, "录错"),
        CorrectSummary(code, on, "按计划完成", "录错"),
    ]
