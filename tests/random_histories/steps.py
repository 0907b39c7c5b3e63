"""Histories as hypothesis draws them, and the commands that they stand for.

A step is four small numbers: what is done, to whom, how far its day lies off, and which of its
variants. The same steps always give the same commands. Days are out of order, some long past when
they are told; a part of the commands is refused, which is life too.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal, TypeVar

import msgspec
from hypothesis import strategies as st

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

START = date(2025, 3, 1)
PACE = 5
"""Days from one step to the next; single days lie up to 20 before and 12 after."""
MANAGERS = ("王主管", "赵主管", None)
TEACHERS = ("陈经理", "李经理")
TOPICS = ("公司与文化", "产品知识", "销售流程")
MONTHS = ("2025-01", "2025-03", "2025-04", "2025-05", "2025-06")
WINDOWS = (1, 7, 30, 30, 60)
WHY = "录入有误"

T = TypeVar("T")

Paper = Literal["written", "drill"]
Verdict = Literal["passed", "failed"]

Step = tuple[int, int, int, int]
"""What, to whom, off by, which variant."""


class History(msgspec.Struct, frozen=True):
    """How many people there are, from 2 to 6, and what happens to them."""

    people: int
    steps: list[Step]


def histories() -> st.SearchStrategy[History]:
    step = st.tuples(
        st.integers(0, len(KINDS) - 1), st.integers(0, 5), st.integers(0, 15), st.integers(0, 7)
    )
    return st.builds(History, st.integers(2, 6), st.lists(step, min_size=12, max_size=30))


def schemes() -> st.SearchStrategy[list[PublishScheme]]:
    """Versions that a partner publishes while the histories go on."""
    version = st.builds(
        PublishScheme,
        effective_from=st.sampled_from(MONTHS),
        window_days=st.sampled_from(WINDOWS),
        leaver_cutoff=st.sampled_from(("window_close", "report_time")),
        kpi_month=st.sampled_from(("went_live", "window_close")),
        regolive=st.sampled_from(("first", "latest")),
        leaver_rule=st.sampled_from(("excluded", "counted")),
        denominator=st.sampled_from(("went_live", "employed")),
        trial_denominator=st.sampled_from(("judged", "entered")),
        summary_days=st.sampled_from((0, 3, 10)),
        moved_days=st.sampled_from((0, 1, 7)),
    )
    return st.lists(version, max_size=3)


def commands(code: str, history: History) -> list[msgspec.Struct]:
    """All numbers and codes begin with the history's own code."""
    life = _Life(code, history.people)
    made: list[msgspec.Struct] = [
        OpenCohort(life.cohort(0), "一期", START, training_manager=TEACHERS[0]),
        OpenCohort(life.cohort(1), "二期", START, trial_required=True),
    ]
    made += [life.enrolment(person, person * 3, person) for person in range(history.people)]
    for number, step in enumerate(history.steps):
        made += life.step(number, step)
    return made


class _Life:
    """Remembers what was told of whom, so that corrections find something to correct."""

    def __init__(self, code: str, people: int) -> None:
        self.code = code
        self.people = people
        self.verdicts: dict[str, list[date]] = {}
        self.exams: dict[str, list[tuple[Paper, date]]] = {}
        self.lives: dict[str, list[date]] = {}
        self.orders: list[str] = []
        self.complaints: list[str] = []
        self.classes: list[str] = []

    def cohort(self, number: int) -> str:
        return f"{self.code}-{'AB'[number % 2]}"

    def who(self, person: int) -> str:
        return f"{self.code}-{person}"

    def enrolment(self, person: int, off: int, variant: int) -> EnrolTrainee:
        return EnrolTrainee(
            cohort=self.cohort(variant),
            employee_no=self.who(person),
            name="单丽",
            entered_on=START + timedelta(days=off - 4),
            post="customer_service" if variant == 7 else "sales",
            manager=MANAGERS[variant % 3],
        )

    def step(self, number: int, step: Step) -> Iterable[msgspec.Struct]:
        what, person, off, variant = step
        if KINDS[what] != "enrol":
            person %= self.people
        far = (0, 0, 0, 1, 2, -1, -2, 3, -4, 5, 7, -7, -12, 9, 12, -20)[off]
        day = START + timedelta(days=10 + PACE * number + far)
        made: Iterable[msgspec.Struct] = getattr(self, f"_{KINDS[what]}")(
            self.who(person), day, variant
        )
        return made

    def _enrol(self, who: str, day: date, variant: int) -> list[msgspec.Struct]:
        entered = (day - START).days + 4
        return [self.enrolment(int(who.rpartition("-")[2]), entered, variant)]

    def _trial(self, who: str, day: date, variant: int) -> list[msgspec.Struct]:
        self.verdicts.setdefault(who, []).append(day)
        verdict: Verdict = "passed" if variant < 6 else "failed"
        return [RecordTrialVerdict(who, verdict, day, "有待提高")]

    def _exam(self, who: str, day: date, variant: int) -> list[msgspec.Struct]:
        kind: Paper = "written" if variant % 2 else "drill"
        self.exams.setdefault(who, []).append((kind, day))
        return [RecordExamResult(who, kind, variant > 2, day, Decimal(60 + variant))]

    def _miss(self, who: str, day: date, variant: int) -> list[msgspec.Struct]:
        kind: Paper = "written" if variant < 6 else "drill"
        self.exams.setdefault(who, []).append((kind, day))
        return [RecordMakeupMissed(who, kind, day)]

    def _live(self, who: str, day: date, variant: int) -> list[msgspec.Struct]:
        before = day - timedelta(days=variant % 3)
        written, drill = self._exam(who, before, 7), self._exam(who, before, 6)
        trial = self._trial(who, before, 0) if variant < 3 else []
        self.lives.setdefault(who, []).append(day)
        return [*written, *drill, *trial, GoLive(who, day)]

    def _hold(self, who: str, day: date, variant: int) -> list[msgspec.Struct]:
        again = day + timedelta(days=variant)
        self.lives.setdefault(who, []).append(again)
        return [HoldOffPost(who, day, "抽查不通过"), GoLive(who, again)]

    def _order(self, who: str, day: date, variant: int) -> list[msgspec.Struct]:
        self.orders.append(f"{self.code}-N{len(self.orders)}")
        return [RecordOrder(who, self.orders[-1], day, amount=Decimal(variant))]

    def _void(self, who: str, day: date, variant: int) -> list[msgspec.Struct]:
        return [VoidOrder(_some(self.orders, variant, ""), day, "退单")]

    def _reassign(self, who: str, day: date, variant: int) -> list[msgspec.Struct]:
        return [ReassignOrder(_some(self.orders, variant, ""), who, day, "移交")]

    def _leave(self, who: str, day: date, variant: int) -> list[msgspec.Struct]:
        return [RecordLeaving(who, day, "个人原因")]

    def _eliminate(self, who: str, day: date, variant: int) -> list[msgspec.Struct]:
        return [EliminateTrainee(who, day, "不通过")]

    def _correct_leaving(self, who: str, day: date, variant: int) -> list[msgspec.Struct]:
        return [CorrectLeaving(who, day, WHY)]

    def _withdraw_leaving(self, who: str, day: date, variant: int) -> list[msgspec.Struct]:
        return [WithdrawLeaving(who, "录错人")]

    def _rejoin(self, who: str, day: date, variant: int) -> list[msgspec.Struct]:
        return [RejoinTrainee(who, self.cohort(variant), day, MANAGERS[variant % 3])]

    def _transfer(self, who: str, day: date, variant: int) -> list[msgspec.Struct]:
        return [TransferTrainee(who, self.cohort(variant), day, "补考")]

    def _manager(self, who: str, day: date, variant: int) -> list[msgspec.Struct]:
        return [ChangeManager(who, day, MANAGERS[variant % 3])]

    def _complain(self, who: str, day: date, variant: int) -> list[msgspec.Struct]:
        self.complaints.append(f"{self.code}-C{len(self.complaints)}")
        return [FileComplaint(who, self.complaints[-1], day, "返点")]

    def _withdraw_complaint(self, who: str, day: date, variant: int) -> list[msgspec.Struct]:
        return [WithdrawComplaint(_some(self.complaints, variant, ""), day, "误会")]

    def _check(self, who: str, day: date, variant: int) -> list[msgspec.Struct]:
        topic: Literal["basics", "rules"] = "basics" if variant % 2 else "rules"
        return [RecordSpotCheck(who, topic, variant > 2, day, "不熟" if variant < 5 else None)]

    def _correct_enrolment(self, who: str, day: date, variant: int) -> list[msgspec.Struct]:
        entered = START + timedelta(days=variant - 6)
        return [
            CorrectEnrolment(who, WHY, entered_on=entered if variant < 6 else None),
            CorrectEnrolment(
                who,
                WHY,
                manager=(None, "", "王主管", "赵主管")[variant % 4],
                post="customer_service" if variant == 7 else "sales",
            ),
        ][variant % 2 :][:1]

    def _correct_trial(self, who: str, day: date, variant: int) -> list[msgspec.Struct]:
        was = _some(self.verdicts.get(who, []), variant // 2, day)
        on = was + timedelta(days=variant - 4)
        self.verdicts.setdefault(who, []).append(on)
        verdict: Verdict = "passed" if variant % 2 else "failed"
        return [CorrectTrialVerdict(who, was, verdict, on, "有进步", WHY)]

    def _correct_exam(self, who: str, day: date, variant: int) -> list[msgspec.Struct]:
        kind, was = _some(self.exams.get(who, []), variant // 2, ("written", day))
        on = was + timedelta(days=variant - 4)
        self.exams.setdefault(who, []).append((kind, on))
        score = None if variant < 3 else Decimal(variant * 10)
        return [CorrectExamResult(who, kind, was, variant % 2 == 0, on, WHY, score)]

    def _correct_live(self, who: str, day: date, variant: int) -> list[msgspec.Struct]:
        was = _some(self.lives.get(who, []), variant // 4, day)
        on = was + timedelta(days=variant - 3)
        self.lives.setdefault(who, []).append(on)
        return [CorrectGoLive(who, was, on, WHY)]

    def _correct_order(self, who: str, day: date, variant: int) -> list[msgspec.Struct]:
        return [CorrectOrder(_some(self.orders, variant, ""), day, WHY)]

    def _class(self, who: str, day: date, variant: int) -> list[msgspec.Struct]:
        """Planned; told of at once where it is over, in half of the variants."""
        self.classes.append(f"{self.code}-K{len(self.classes)}")
        code, planned_on = self.classes[-1], day + timedelta(days=variant - 3)
        plan = PlanSession(self.cohort(variant), code, planned_on, TOPICS[: 1 + variant % 3])
        return [plan] if variant % 2 else [plan, OpenSession(code, day, 9)]

    def _class_changed(self, who: str, day: date, variant: int) -> list[msgspec.Struct]:
        code, planned_on = _some(self.classes, variant // 4, ""), day + timedelta(days=variant)
        if variant == 7:
            return [CancelSession(code, day, "人数不足")]
        return [ApprovePlanChange(code, planned_on, TOPICS[: 1 + variant % 3], day, "讲师出差")]

    def _class_taught(self, who: str, day: date, variant: int) -> list[msgspec.Struct]:
        code, ended = _some(self.classes, variant // 4, ""), day + timedelta(days=variant % 3)
        return [OpenSession(code, day, 10), CloseSession(code, ended, TOPICS[variant % 2 :], 9)]

    def _class_summed_up(self, who: str, day: date, variant: int) -> list[msgspec.Struct]:
        return [WriteSummary(_some(self.classes, variant // 4, ""), day, "按计划完成")]

    def _correct_class(self, who: str, day: date, variant: int) -> list[msgspec.Struct]:
        code = _some(self.classes, variant // 6, "")
        if variant % 3 == 0:
            return [CorrectOpening(code, day, 9, WHY)]
        if variant % 3 == 1:
            return [CorrectClosing(code, day, TOPICS[: variant // 3 + 1], 8, WHY)]
        return [CorrectSummary(code, day, "录错", WHY)]

    def _hand_over(self, who: str, day: date, variant: int) -> list[msgspec.Struct]:
        return [HandOverCohort(self.cohort(variant), TEACHERS[variant // 4], day)]


def _some(told: list[T], back: int, otherwise: T) -> T:
    """One of the last that were told."""
    return told[-1 - back % len(told)] if told else otherwise


KINDS = (
    *("order", "exam", "enrol", "check", "check", "complain", "complain", "withdraw_complaint"),
    *("miss", "trial", "trial", "live", "live", "live", "live", "live", "live", "hold"),
    *("order", "order", "order", "order", "order", "order", "order", "order"),
    *("void", "void", "reassign", "reassign", "reassign", "leave", "leave", "eliminate"),
    *("correct_leaving", "withdraw_leaving", "rejoin", "rejoin"),
    *("transfer", "transfer", "manager", "manager"),
    *("class", "class", "class_changed", "class_taught", "class_taught", "class_summed_up"),
    *("correct_class", "hand_over"),
    *("correct_enrolment", "correct_trial", "correct_exam", "correct_live", "correct_order"),
)
"""What is done by the steps, the usual more often than the rare."""
