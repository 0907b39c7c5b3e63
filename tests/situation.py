"""What happens in a partner's life, as named steps: what examples and random histories are made of.

    history = [*BEGINNING, passed_gate("E0", on=MARCH_2), went_live("E0", on=MARCH_2)]

A step holds the commands that say it to the product; tests/carrying.py gives them. People are E0,
E1, …; batches, orders, complaints and classes have codes likewise. How a command's fields are
called is known here and nowhere else in examples and histories.
"""

from datetime import date
from decimal import Decimal
from typing import Any, Literal

import msgspec

from domain.kpi.scheme.versions import Parameters
from services.scheme.scheme import PublishScheme
from services.teaching.cohort import HandOverCohort, OpenCohort
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
from services.trainees.correction import (
    CorrectEnrolment,
    CorrectExamResult,
    CorrectGoLive,
    CorrectLeaving,
    CorrectOrder,
    CorrectTrialVerdict,
)
from services.trainees.selling import (
    FileComplaint,
    ReassignOrder,
    RecordOrder,
    VoidOrder,
    WithdrawComplaint,
)
from services.trainees.trainee import (
    ChangeManager,
    ChangePost,
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
from services.trainees.withdrawal import WithdrawFact
from tests.steps import Commands, step
from tests.submitting import Submit

START = date(2025, 3, 1)
NAMES = ("曾伟", "单丽", "张 伟", "Ann Lee", "欧阳修", "李娜")
TOPICS = ("公司与文化", "产品知识", "销售流程")
MISTAKEN = "录入有误"

Paper = Literal["written", "drill"]


def _exam(who: str, paper: Paper, passed: bool, on: date, score: int | None) -> msgspec.Struct:
    exact = None if score is None else Decimal(score)
    return RecordExamResult(employee_no=who, kind=paper, passed=passed, on=on, score=exact)


def _verdict(passed: bool) -> Literal["passed", "failed"]:
    return "passed" if passed else "failed"


@step
def batch_opened(
    code: str,
    *,
    on: date = START,
    name: str = "一期",
    trial_required: bool = False,
    training_manager: str | None = None,
) -> Commands:
    yield OpenCohort(
        code=code,
        name=name,
        opened_on=on,
        trial_required=trial_required,
        training_manager=training_manager,
    )


@step
def batch_handed_over(code: str, *, to: str, on: date) -> Commands:
    yield HandOverCohort(cohort=code, training_manager=to, on=on)


@step
def enrolled(
    who: str,
    *,
    cohort: str = "A1",
    on: date = START,
    name: str = NAMES[0],
    post: str = "sales",
    manager: str | None = None,
    phone: str | None = None,
    mail: str | None = None,
) -> Commands:
    yield EnrolTrainee(
        cohort=cohort,
        employee_no=who,
        name=name,
        entered_on=on,
        post=post,
        manager=manager,
        phone=phone,
        mail=mail,
    )


@step
def rejoined(who: str, *, cohort: str = "B2", on: date, **said: Any) -> Commands:
    """said: what is stated of this stay; the rest is that of the stay before."""
    yield RejoinTrainee(employee_no=who, cohort=cohort, entered_on=on, **said)


@step
def transferred(who: str, *, to: str, on: date) -> Commands:
    yield TransferTrainee(employee_no=who, cohort=to, on=on, reason="补考")


@step
def manager_changed(who: str, *, to: str | None, on: date) -> Commands:
    yield ChangeManager(employee_no=who, on=on, manager=to)


@step
def post_changed(who: str, *, to: str, on: date) -> Commands:
    yield ChangePost(employee_no=who, on=on, post=to)  # type: ignore[arg-type]


@step
def judged(who: str, *, passed: bool, on: date, feedback: str = "有待提高") -> Commands:
    """A verdict on somebody's trial."""
    yield RecordTrialVerdict(employee_no=who, verdict=_verdict(passed), on=on, feedback=feedback)


@step
def examined(
    who: str, paper: Paper, *, passed: bool = True, on: date, score: int | None = None
) -> Commands:
    yield _exam(who, paper, passed, on, score)


@step
def passed_gate(who: str, *, on: date) -> Commands:
    """Both papers, which all posts ask for before the go-live."""
    yield _exam(who, "written", True, on, None)
    yield _exam(who, "drill", True, on, None)


@step
def makeup_missed(who: str, paper: Paper, *, on: date) -> Commands:
    yield RecordMakeupMissed(employee_no=who, kind=paper, on=on)


@step
def went_live(who: str, *, on: date) -> Commands:
    yield GoLive(employee_no=who, on=on)


@step
def held_off(who: str, *, on: date) -> Commands:
    yield HoldOffPost(employee_no=who, on=on, reason="抽查不通过")


@step
def spot_checked(
    who: str,
    topic: Literal["basics", "rules"],
    *,
    passed: bool,
    on: date,
    feedback: str | None = None,
) -> Commands:
    yield RecordSpotCheck(employee_no=who, topic=topic, passed=passed, on=on, feedback=feedback)


@step
def left(who: str, *, on: date) -> Commands:
    yield RecordLeaving(employee_no=who, on=on, reason="个人原因")


@step
def eliminated(who: str, *, on: date) -> Commands:
    yield EliminateTrainee(employee_no=who, on=on, reason="停岗后仍不通过")


@step
def ordered(
    who: str, no: str, *, on: date, product: str | None = None, amount: Decimal | None = None
) -> Commands:
    yield RecordOrder(employee_no=who, order_no=no, closed_on=on, product=product, amount=amount)


@step
def order_voided(no: str, *, on: date) -> Commands:
    yield VoidOrder(order_no=no, on=on, reason="退单")


@step
def order_reassigned(no: str, *, to: str, on: date) -> Commands:
    yield ReassignOrder(order_no=no, employee_no=to, on=on, reason="移交")


@step
def complaint_filed(who: str, no: str, *, on: date) -> Commands:
    yield FileComplaint(employee_no=who, complaint_no=no, on=on, about="承诺返点")


@step
def complaint_withdrawn(no: str, *, on: date) -> Commands:
    yield WithdrawComplaint(complaint_no=no, on=on, reason="误会")


@step
def enrolment_corrected(
    who: str,
    *,
    was: date | None = None,
    on: date | None = None,
    **said: Any,
) -> Commands:
    """was: None for the last stay. said: what was wrong; manager, phone, mail: "" for none."""
    yield CorrectEnrolment(employee_no=who, reason=MISTAKEN, was_on=was, entered_on=on, **said)


@step
def trial_corrected(who: str, *, was: date, on: date, passed: bool) -> Commands:
    yield CorrectTrialVerdict(
        employee_no=who,
        was_on=was,
        verdict=_verdict(passed),
        on=on,
        feedback="有进步",
        reason=MISTAKEN,
    )


@step
def exam_corrected(
    who: str, paper: Paper, *, was: date, on: date, passed: bool, score: int | None = None
) -> Commands:
    yield CorrectExamResult(
        employee_no=who,
        kind=paper,
        was_on=was,
        passed=passed,
        on=on,
        reason=MISTAKEN,
        score=None if score is None else Decimal(score),
    )


@step
def go_live_corrected(who: str, *, was: date, on: date) -> Commands:
    yield CorrectGoLive(employee_no=who, was_on=was, on=on, reason=MISTAKEN)


@step
def order_corrected(no: str, *, on: date, amount: Decimal | None = None) -> Commands:
    yield CorrectOrder(order_no=no, closed_on=on, amount=amount, reason=MISTAKEN)


@step
def leaving_corrected(who: str, *, was: date | None = None, on: date) -> Commands:
    """was: None for the last stay."""
    yield CorrectLeaving(employee_no=who, was_on=was, on=on, reason=MISTAKEN)


@step
def withdrawn(who: str, fact: int) -> Commands:
    """fact: the number of its event in the stream of the person's last enrolment, from 1 on."""
    yield WithdrawFact(employee_no=who, fact=fact, reason="录错人")


@step
def class_planned(
    code: str, *, cohort: str = "A1", on: date, topics: tuple[str, ...] = TOPICS
) -> Commands:
    yield PlanSession(cohort=cohort, code=code, planned_on=on, topics=topics)


@step
def plan_changed(
    code: str, *, to: date, approved: date, topics: tuple[str, ...] = TOPICS
) -> Commands:
    yield ApprovePlanChange(
        session=code, planned_on=to, topics=topics, on=approved, reason="讲师出差"
    )


@step
def class_opened(code: str, *, on: date, headcount: int = 10) -> Commands:
    yield OpenSession(session=code, on=on, headcount=headcount)


@step
def class_closed(
    code: str, *, on: date, topics: tuple[str, ...] = TOPICS, headcount: int = 9
) -> Commands:
    yield CloseSession(session=code, on=on, topics_taught=topics, headcount=headcount)


@step
def class_summed_up(code: str, *, on: date, text: str = "按计划完成") -> Commands:
    yield WriteSummary(session=code, on=on, text=text)


@step
def class_cancelled(code: str, *, on: date) -> Commands:
    yield CancelSession(session=code, on=on, reason="人数不足")


@step
def opening_corrected(code: str, *, on: date, headcount: int = 11) -> Commands:
    yield CorrectOpening(session=code, on=on, headcount=headcount, reason=MISTAKEN)


@step
def closing_corrected(
    code: str, *, on: date, topics: tuple[str, ...] = TOPICS, headcount: int = 8
) -> Commands:
    yield CorrectClosing(
        session=code, on=on, topics_taught=topics, headcount=headcount, reason=MISTAKEN
    )


@step
def summary_corrected(code: str, *, on: date, text: str = "按计划完成") -> Commands:
    yield CorrectSummary(session=code, on=on, text=text, reason=MISTAKEN)


@step
def scheme_published(month: str, **rules: Any) -> Commands:
    """rules: those that are not the default."""
    yield PublishScheme(month, Parameters(**rules), reason="考核口径调整")


@step
def figures_submitted(month: str) -> Commands:
    """What touched the month is told and acknowledged, and it is submitted (once more)."""
    yield Submit(month)


BEGINNING = (
    batch_opened("A1"),
    batch_opened("B2", name="二期", trial_required=True),
    enrolled("E0", name=NAMES[0], manager="王主管"),
    enrolled("E1", name=NAMES[1], manager="赵主管", cohort="B2", phone="13800000000"),
    enrolled("E2", name=NAMES[2], phone="13800000000"),
)
"""Two batches on the first day, and three people who entered; B2 asks for a trial."""

UNMANAGED = (batch_opened("A1"), batch_opened("B2"), *(enrolled(f"E{n}") for n in range(3)))
"""The same without anybody in charge."""


def march(day: int) -> date:
    return START.replace(day=day)


LIFE = (
    *BEGINNING,
    passed_gate("E0", on=march(2)),
    went_live("E0", on=march(2)),
    passed_gate("E1", on=march(3)),
    went_live("E1", on=march(3)),
    ordered("E0", "N2", on=march(4), product="宽带", amount=Decimal("19.90")),
    left("E2", on=march(5)),
)
"""E0 is live with an order, E1 is refused for want of a trial, E2 has left."""

CLASS_HELD = (
    class_planned("K0", on=march(6)),
    class_opened("K0", on=march(6)),
    class_closed("K0", on=march(6)),
    class_summed_up("K0", on=march(6)),
)
"""A class of A1 from its plan to its summary, on one day."""
