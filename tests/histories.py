"""Histories of a partner, made by hypothesis and carried out by real commands."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal

import msgspec
from hypothesis import strategies as st
from uuid_extensions import uuid7

from domain.errors import Refusal
from infra.bootstrap import App
from services.cohort import OpenCohort
from services.commands import execute
from services.context import Principal, Role
from services.scheme import PublishScheme
from services.session import ApprovePlanChange
from services.trainee import (
    EnrolTrainee,
    GoLive,
    RecordExamResult,
    RecordLeaving,
    RecordOrder,
    RecordTrialVerdict,
    VoidOrder,
)
from tests.class_histories import classes

START = date(2025, 3, 1)
NAMES = ("曾伟", "单丽", "张 伟", "Ann Lee", "欧阳修", "李娜")
POSTS = ("sales", "sales", "sales", "customer_service")

Step = tuple[int, int, int]
"""What is done, to whom, and which of its variants."""


def histories(most: int = 40) -> st.SearchStrategy[list[msgspec.Struct]]:
    """Commands in the order of their days; some will be refused, which is part of life."""
    step = st.tuples(st.integers(0, 11), st.integers(0, 5), st.integers(0, 3))
    return st.lists(step, min_size=4, max_size=most).map(commands)


def commands(steps: Iterable[Step]) -> list[msgspec.Struct]:
    """The same steps always give the same commands."""
    made: list[msgspec.Struct] = [
        OpenCohort(code="A1", name="一期", opened_on=START),
        OpenCohort(code="B2", name="二期", opened_on=START, trial_required=True),
    ]
    made += [_enrolment(person, person) for person in range(3)]
    for number, (what, person, variant) in enumerate(steps):
        made += _step(what, person, variant, START + timedelta(days=1 + number), number)
    return made


def _step(what: int, person: int, variant: int, on: date, number: int) -> list[msgspec.Struct]:
    who = f"E{person}"
    if what == 0:
        return [_enrolment(person, variant)]
    if what == 1:
        verdict = "PASSED" if variant else "FAILED"
        return [RecordTrialVerdict(employee_no=who, verdict=verdict, on=on, feedback="有待提高")]
    if what in (2, 3):
        return [
            *(_exam(who, kind, variant != 0, on, Decimal(60 + variant)) for kind in EXAMS),
            GoLive(employee_no=who, on=on),
        ]
    if what in (4, 5, 6):
        return [
            RecordOrder(
                employee_no=who,
                order_no=f"N{number}",
                closed_on=on,
                product="宽带" if variant else None,
                amount=Decimal("19.90") if variant > 1 else None,
            )
        ]
    if what == 7:
        return [VoidOrder(order_no=f"N{max(0, number - 1 - variant)}", on=on, reason="退单")]
    if what == 8:
        return [RecordLeaving(employee_no=who, on=on, reason="个人原因")]
    if what in (10, 11):
        return classes(person, variant, on)
    month = START.month + person
    return [PublishScheme(effective_from=f"2025-{month:02d}", window_days=30 + 30 * variant)]


EXAMS = ("WRITTEN", "DRILL")


def _exam(who: str, kind: str, passed: bool, on: date, score: Decimal) -> RecordExamResult:
    return RecordExamResult(employee_no=who, kind=kind, passed=passed, on=on, score=score)


def _enrolment(person: int, variant: int) -> EnrolTrainee:
    return EnrolTrainee(
        cohort="B2" if variant == 1 else "A1",
        employee_no=f"E{person}",
        name=NAMES[person],
        entered_on=START,
        post=POSTS[variant % len(POSTS)],
        manager=("王主管", "赵主管", None)[person % 3],
        phone="13800000000" if variant else None,
    )


async def new_partner(app: App) -> Principal:
    """A tenant of its own, and an operator's hand in it."""
    partner = await app.accounts.create_partner(f"P-{uuid7()}", "测试渠道")
    return Principal(partner.tenant_id, "tester", Role.TRAINING_MANAGER)


async def carry_out(app: App, principal: Principal, given: Sequence[msgspec.Struct]) -> int:
    """Gives the commands one after another; answers how many were not refused."""
    done = 0
    approver = msgspec.structs.replace(principal, role=Role.HR_MANAGER)
    for command in given:
        hand = approver if isinstance(command, ApprovePlanChange) else principal
        try:
            await execute(app.context(hand), command)
            done += 1
        except Refusal:
            continue
    return done
