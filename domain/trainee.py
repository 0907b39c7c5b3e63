"""A salesperson from entering the training to leaving: the home object of the product (S4).

The events, in the order in which they happen in life, then what decides, then what evolves.
"""

from datetime import date
from decimal import Decimal
from typing import Any

import msgspec
from eventsourcing.domain import event

from domain.aggregate import Aggregate, DomainCreated, Personal
from domain.errors import NotFoundError, Refusal, TakenError

SALES = "sales"
POSTS = (SALES, "channel_assistant", "customer_service")
"""Only sales are newcomers; special posts (渠道助理, 客服) train too (S67, S80)."""


class Result(msgspec.Struct, frozen=True):
    """The outcome of an exam, drill or trial on a day."""

    passed: bool
    on: date
    score: Decimal | None = None


class Trainee(Aggregate):
    """One person's way from the class to the post, and the orders closed there."""

    TOPIC = "trainee"

    class Enrolled(DomainCreated):
        """Entered the induction training (入职培训)."""

        TOPIC = "trainee.enrolled"
        cohort_id: str
        cohort_code: str
        employee_no: str
        name: Personal
        entered_on: date
        post: str = SALES
        manager: str | None = None
        phone: Personal | None = None
        mail: Personal | None = None
        id_number: Personal | None = None

    class TrialPassed(Aggregate.Event):
        """Passed the trial post (试岗), with written feedback (S28)."""

        TOPIC = "trainee.trial_passed"
        on: date
        feedback: str

    class TrialFailed(Aggregate.Event):
        """Failed the trial post, with written feedback (S28)."""

        TOPIC = "trainee.trial_failed"
        on: date
        feedback: str

    class WrittenExamRecorded(Aggregate.Event):
        """Sat the written exam (笔试)."""

        TOPIC = "trainee.written_exam_recorded"
        on: date
        passed: bool
        score: Decimal | None = None

    class DrillRecorded(Aggregate.Event):
        """Was put through the drill (演练)."""

        TOPIC = "trainee.drill_recorded"
        on: date
        passed: bool
        score: Decimal | None = None

    class WentLive(Aggregate.Event):
        """Formally went live on the post (上岗); the window opens, this day being day 1."""

        TOPIC = "trainee.went_live"
        on: date

    class OrderClosed(Aggregate.Event):
        """Closed an order (出单)."""

        TOPIC = "trainee.order_closed"
        order_no: str
        closed_on: date
        product: str | None = None
        amount: Decimal | None = None

    class OrderVoided(Aggregate.Event):
        """An order turned out void: cancelled or refunded (作废)."""

        TOPIC = "trainee.order_voided"
        order_no: str
        on: date
        reason: str

    class Left(Aggregate.Event):
        """Left the company (离职); `on` is the last day."""

        TOPIC = "trainee.left"
        on: date
        reason: str

    # decides

    @classmethod
    def enrol(cls, trainee_id: str, **facts: Any) -> "Trainee":
        """`facts` are the fields of Enrolled. Refuses `post_unknown`."""
        if facts.get("post", SALES) not in POSTS:
            raise Refusal("post_unknown", post=facts["post"], posts=list(POSTS))
        return cls._create(cls.Enrolled, id=trainee_id, **facts)

    def record_trial_verdict(self, *, passed: bool, on: date, feedback: str) -> None:
        """Refuses `feedback_missing`, `before_enrolment`, `after_leaving`, `already_live`."""
        if not feedback.strip():
            raise Refusal("feedback_missing", employee_no=self.employee_no)
        self._require_in_training(on)
        self.trigger_event(
            self.TrialPassed if passed else self.TrialFailed, on=on, feedback=feedback
        )

    def record_written_exam(self, *, passed: bool, on: date, score: Decimal | None) -> None:
        """Refuses `score_out_of_range`, `before_enrolment`, `after_leaving`."""
        self._require_employed(on)
        self._require_score(score)
        self.trigger_event(self.WrittenExamRecorded, on=on, passed=passed, score=score)

    def record_drill(self, *, passed: bool, on: date, score: Decimal | None) -> None:
        """Refuses `score_out_of_range`, `before_enrolment`, `after_leaving`."""
        self._require_employed(on)
        self._require_score(score)
        self.trigger_event(self.DrillRecorded, on=on, passed=passed, score=score)

    def go_live(self, *, on: date, trial_required: bool) -> None:
        """The gate (S35, S72): a set of evidence, in no sequence.

        Refuses `already_live`, `before_enrolment`, `after_leaving`, and `gate_not_passed` with the
        list of what is missing: `written_exam`, `drill`, `trial`.
        """
        if self.live_on is not None:
            raise Refusal("already_live", employee_no=self.employee_no, on=self.live_on)
        self._require_employed(on)
        missing = self.missing_for_go_live(on=on, trial_required=trial_required)
        if missing:
            raise Refusal("gate_not_passed", employee_no=self.employee_no, missing=missing)
        self.trigger_event(self.WentLive, on=on)

    def missing_for_go_live(self, *, on: date, trial_required: bool) -> list[str]:
        """What the gate still asks for on that day; the last result up to it counts."""
        evidence = {"written_exam": self.written_exams, "drill": self.drills}
        if trial_required:
            evidence["trial"] = self.trials
        return [name for name, results in evidence.items() if not _passed(results, on)]

    def close_order(
        self, *, order_no: str, closed_on: date, product: str | None, amount: Decimal | None
    ) -> None:
        """Refuses `order_no_taken`, `before_enrolment`, `after_leaving`, `amount_negative`."""
        if order_no in self.orders:
            raise TakenError("order_no_taken", order_no=order_no)
        if amount is not None and amount < 0:
            raise Refusal("amount_negative", order_no=order_no, amount=str(amount))
        self._require_employed(closed_on)
        self.trigger_event(
            self.OrderClosed, order_no=order_no, closed_on=closed_on, product=product, amount=amount
        )

    def void_order(self, *, order_no: str, on: date, reason: str) -> None:
        """Refuses `order_unknown`, `order_already_voided`, `void_before_order`,
        `reason_missing`.
        """
        if order_no not in self.orders:
            raise NotFoundError("order_unknown", order_no=order_no)
        order = self.orders[order_no]
        if order.voided_on is not None:
            raise Refusal("order_already_voided", order_no=order_no, on=order.voided_on)
        if on < order.closed_on:
            raise Refusal("void_before_order", order_no=order_no, closed_on=order.closed_on, on=on)
        if not reason.strip():
            raise Refusal("reason_missing")
        self.trigger_event(self.OrderVoided, order_no=order_no, on=on, reason=reason)

    def leave(self, *, on: date, reason: str) -> None:
        """`on` is the last day.

        Refuses `already_left`, `before_enrolment`, `leaves_before_live`.
        """
        if self.left_on is not None:
            raise Refusal("already_left", employee_no=self.employee_no, on=self.left_on)
        self._require_enrolled(on)
        if self.live_on is not None and on < self.live_on:
            raise Refusal(
                "leaves_before_live", employee_no=self.employee_no, live_on=self.live_on, on=on
            )
        self.trigger_event(self.Left, on=on, reason=reason)

    def _require_enrolled(self, on: date) -> None:
        if on < self.entered_on:
            raise Refusal(
                "before_enrolment", employee_no=self.employee_no, entered_on=self.entered_on, on=on
            )

    def _require_employed(self, on: date) -> None:
        self._require_enrolled(on)
        if self.left_on is not None and on > self.left_on:
            raise Refusal(
                "after_leaving", employee_no=self.employee_no, left_on=self.left_on, on=on
            )

    def _require_in_training(self, on: date) -> None:
        self._require_employed(on)
        if self.live_on is not None and on > self.live_on:
            raise Refusal("already_live", employee_no=self.employee_no, on=self.live_on)

    @staticmethod
    def _require_score(score: Decimal | None) -> None:
        if score is not None and not 0 <= score <= 100:
            raise Refusal("score_out_of_range", score=str(score))

    # evolves

    @event(Enrolled)
    def __init__(
        self,
        cohort_id: str,
        employee_no: str,
        name: str,
        entered_on: date,
        manager: str | None,
    ) -> None:
        self.cohort_id = cohort_id
        self.employee_no = employee_no
        self.name = name
        self.entered_on = entered_on
        self.manager = manager
        self.trials: list[Result] = []
        self.written_exams: list[Result] = []
        self.drills: list[Result] = []
        self.live_on: date | None = None
        self.left_on: date | None = None
        self.orders: dict[str, Order] = {}

    @event(TrialPassed)
    def _trial_passed(self, on: date) -> None:
        self.trials.append(Result(passed=True, on=on))

    @event(TrialFailed)
    def _trial_failed(self, on: date) -> None:
        self.trials.append(Result(passed=False, on=on))

    @event(WrittenExamRecorded)
    def _written_exam_recorded(self, on: date, passed: bool, score: Decimal | None) -> None:
        self.written_exams.append(Result(passed=passed, on=on, score=score))

    @event(DrillRecorded)
    def _drill_recorded(self, on: date, passed: bool, score: Decimal | None) -> None:
        self.drills.append(Result(passed=passed, on=on, score=score))

    @event(WentLive)
    def _went_live(self, on: date) -> None:
        self.live_on = on

    @event(OrderClosed)
    def _order_closed(
        self, order_no: str, closed_on: date, product: str | None, amount: Decimal | None
    ) -> None:
        self.orders[order_no] = Order(closed_on=closed_on, product=product, amount=amount)

    @event(OrderVoided)
    def _order_voided(self, order_no: str, on: date) -> None:
        self.orders[order_no] = msgspec.structs.replace(self.orders[order_no], voided_on=on)

    @event(Left)
    def _left(self, on: date) -> None:
        self.left_on = on


class Order(msgspec.Struct, frozen=True):
    """An order as later decisions need it."""

    closed_on: date
    voided_on: date | None = None
    product: str | None = None
    amount: Decimal | None = None


def _passed(results: list[Result], on: date) -> bool:
    """The last result up to the day is a pass; of one day's results the one recorded last."""
    known = [result for result in results if result.on <= on]
    return bool(known) and max(enumerate(known), key=lambda pair: (pair[1].on, pair[0]))[1].passed
