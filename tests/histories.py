"""Histories of a partner, made by hypothesis and carried out by real commands."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal

import msgspec
from hypothesis import strategies as st
from uuid_extensions import uuid7

from domain.kernel.errors import Refusal
from domain.kpi.scheme.versions import Parameters
from infra.bootstrap import App
from services.execute import execute
from services.kernel.context import Principal, Role
from services.scheme.scheme import PublishScheme
from services.teaching.cohort import OpenCohort
from services.teaching.session import ApprovePlanChange
from services.trainees.complaint import FileComplaint, WithdrawComplaint
from services.trainees.correction import (
    CorrectEnrolment,
    CorrectExamResult,
    CorrectGoLive,
    CorrectLeaving,
    CorrectOrder,
    CorrectTrialVerdict,
    WithdrawLeaving,
)
from services.trainees.order import ReassignOrder, RecordOrder, VoidOrder
from services.trainees.trainee import (
    ChangeManager,
    EliminateTrainee,
    EnrolTrainee,
    GoLive,
    HoldOffPost,
    RecordExamResult,
    RecordLeaving,
    RecordMakeupMissed,
    RecordSpotCheck,
    RecordTrialVerdict,
    RejoinTrainee,
    TransferTrainee,
)
from tests.class_histories import classes
from tests.submitting import Submit, submit

START = date(2025, 3, 1)
NAMES = ("曾伟", "单丽", "张 伟", "Ann Lee", "欧阳修", "李娜")
POSTS = ("sales", "sales", "sales", "customer_service")

Step = tuple[int, int, int]
"""What is done, to whom, and which of its variants."""


def histories(most: int = 40) -> st.SearchStrategy[list[msgspec.Struct]]:
    """Commands in the order of their days; some will be refused, which is part of life."""
    step = st.tuples(st.integers(0, 21), st.integers(0, 3) | st.integers(0, 5), st.integers(0, 3))
    return st.lists(step, min_size=4, max_size=most).map(commands)


def commands(steps: Iterable[Step]) -> list[msgspec.Struct]:
    """The same steps always give the same commands."""
    made: list[msgspec.Struct] = [
        OpenCohort(code="A1", name="一期", opened_on=START),
        OpenCohort(code="B2", name="二期", opened_on=START, trial_required=True),
    ]
    made += [_enrolment(person, person) for person in range(3)]
    taken = list(steps)
    for number, (what, person, variant) in enumerate(taken):
        on = START + timedelta(days=1 + number)
        made += (
            _step(what, person, variant, on, number)
            if what < len(PLAIN)
            else _change(what, person, variant, on, taken[:number])
        )
    return made


def _step(what: int, person: int, variant: int, on: date, number: int) -> list[msgspec.Struct]:
    who = f"E{person}"
    if what == 0:
        return [_enrolment(person, variant)]
    if what == 1:
        verdict = "passed" if variant else "failed"
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
    return [PublishScheme(f"2025-{month:02d}", Parameters(window_days=30 + 30 * variant))]


def _change(
    what: int, person: int, variant: int, on: date, before: Sequence[Step]
) -> list[msgspec.Struct]:
    """What changed; it looks for what happened before."""
    who = f"E{person}"
    if what == 12:
        order_no = f"N{_last(before, (4, 5, 6), variant)[0]}"
        return [ReassignOrder(order_no=order_no, employee_no=who, on=on, reason="移交")]
    if what == 13:
        cohort = "B2" if variant % 2 else "A1"
        return [TransferTrainee(employee_no=who, cohort=cohort, on=on, reason="补考")]
    if what == 14:
        manager = ("王主管", "赵主管", None)[variant % 3]
        return [ChangeManager(employee_no=who, on=on - timedelta(days=variant), manager=manager)]
    if what == 15 and variant == 2:
        return [RecordMakeupMissed(employee_no=who, kind="written", on=on)]
    if what == 15:
        hold = HoldOffPost(employee_no=who, on=on, reason="抽查不通过")
        return [hold, GoLive(employee_no=who, on=on)] if variant == 3 else [hold]
    if what == 16 and variant < 2:
        return [EliminateTrainee(employee_no=who, on=on, reason="停岗后仍不通过")]
    if what == 16:
        manager = "王主管" if variant == 2 else None
        gone = f"E{_last(before, (8, 16))[1]}"
        return [RejoinTrainee(employee_no=gone, cohort="B2", entered_on=on, manager=manager)]
    if what == 17 and variant < 3:
        no = f"C{len(before)}"
        return [FileComplaint(employee_no=who, complaint_no=no, on=on, about="承诺返点")]
    if what == 17:
        return [WithdrawComplaint(complaint_no=f"C{_last(before, (17,))[0]}", on=on, reason="误会")]
    if what == 18:
        topic, feedback = ("basics", "不熟") if variant % 2 else ("rules", None)
        passed = variant > 1
        return [
            RecordSpotCheck(employee_no=who, topic=topic, passed=passed, on=on, feedback=feedback)
        ]
    if what == 21:
        return [Submit(month=f"2025-{START.month + variant % 2:02d}")]
    return [_correction(2 * variant + what - 19, before)]


def _correction(kind: int, before: Sequence[Step]) -> msgspec.Struct:
    """One of eight, of what was done last of its sort; a day earlier it was."""
    of = ((4, 5, 6), (2, 3), (2, 3), (1,), (8, 16), (8, 16), (0,), (4, 5, 6))[kind]
    number, person = _last(before, of)
    who, was_on, why = f"E{person}", START + timedelta(days=1 + number), "录入有误"
    on = was_on - timedelta(days=1)
    corrections: tuple[msgspec.Struct, ...] = (
        CorrectOrder(order_no=f"N{number}", closed_on=on, reason=why),
        CorrectGoLive(employee_no=who, was_on=was_on, on=on, reason=why),
        CorrectExamResult(
            employee_no=who, kind="drill", was_on=was_on, passed=False, on=on, reason=why
        ),
        CorrectTrialVerdict(
            employee_no=who, was_on=was_on, verdict="passed", on=on, feedback="好", reason=why
        ),
        CorrectLeaving(employee_no=who, on=on, reason=why),
        WithdrawLeaving(employee_no=who, reason="录错人"),
        CorrectEnrolment(
            employee_no=who, reason=why, entered_on=START - timedelta(days=1), manager=""
        ),
        CorrectOrder(order_no=f"N{number}", closed_on=was_on, amount=Decimal(5), reason=why),
    )
    return corrections[kind]


def _last(before: Sequence[Step], whats: tuple[int, ...], back: int = 0) -> tuple[int, int]:
    """Number and person of the last such step, or of one before; zeros where there is none."""
    found = [(number, who) for number, (what, who, _) in enumerate(before) if what in whats]
    return found[-1 - min(back, len(found) - 1)] if found else (0, 0)


PLAIN = range(12)
"""The steps of `_step`; the others are those of `_change`."""

EXAMS = ("written", "drill")


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
            if isinstance(command, Submit):
                await submit(app, principal, command.month)
            else:
                await execute(app.context(hand), command)
            done += 1
        except Refusal:
            continue
    return done
