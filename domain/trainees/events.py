"""The events of a trainee, in the order in which they happen in life.

A fact that changed is an event with a day of its own; one that had been recorded wrong is corrected
or withdrawn, as if it had always been so.
"""

from dataclasses import field
from datetime import date
from decimal import Decimal
from typing import ClassVar, Final, TypedDict

from domain.kernel.aggregate import (
    Correction,
    DomainCreated,
    DomainEvent,
    FreeText,
    Happening,
    Personal,
    StreamId,
    Withdrawal,
)
from domain.kernel.bounds import Choice, Money

SALES: Final = "sales"
UNKNOWN_POST: Final = "unknown"
POSTS = (SALES, "channel_assistant", "customer_service", UNKNOWN_POST)
"""Only sales are newcomers; special posts (渠道助理, 客服) train too (S67, S80)."""

WRITTEN: Final = "written"
DRILL: Final = "drill"
"""The two kinds of exams."""

PASSED: Final = "passed"
FAILED: Final = "failed"
"""The two verdicts on a trial post."""


class Which(TypedDict, total=False):
    """Which fact a correction means: the one with the id, or the last recorded of a day."""

    fact: int | None
    was_on: date | None


class Enrolled(DomainCreated, Happening):
    """Entered the induction training (入职培训). Who that is, says the person's own stream.

    rejoins: the trainee that left before.
    """

    TOPIC = "trainee.enrolled"
    DAY = "entered_on"
    TAKES_EFFECT = True
    cohort_id: StreamId
    cohort_code: str
    employee_no: str
    entered_on: date
    post: Choice = SALES
    manager_id: StreamId | None = None
    rejoins: StreamId | None = None


class EnrolmentCorrected(Correction):
    """The enrolment had been recorded wrong."""

    TOPIC = "trainee.enrolment_corrected"
    DAY = "entered_on"
    TAKES_EFFECT = True
    entered_on: date
    post: Choice
    manager_id: StreamId | None = None


class CohortTransferred(Happening):
    """Moved to another batch (批次), which is fixed by the go-live (S42)."""

    TOPIC = "trainee.cohort_transferred"
    CHANGES = ("cohort_code",)
    on: date
    cohort_id: StreamId
    cohort_code: str
    reason: FreeText


class ManagerChanged(Happening):
    """Works under another manager (主管) from a day on, or under none."""

    TOPIC = "trainee.manager_changed"
    CHANGES = ("manager_id",)
    on: date
    manager_id: StreamId | None = None


class PostChanged(Happening):
    """Works on another post (岗位) from a day on."""

    TOPIC = "trainee.post_changed"
    CHANGES = ("post",)
    on: date
    post: Choice


class WithFeedback(Happening):
    """Something with written feedback to the person, perhaps. has_feedback: whether there was any,
    which figures count, also when the text is gone with the person's key."""

    feedback: FreeText | None = field(default=None, kw_only=True)
    has_feedback: bool = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "has_feedback", bool(self.feedback and self.feedback.strip()))


class TrialJudged(WithFeedback):
    """The fields of a verdict on the trial post (试岗), with written feedback (S28)."""

    score: ClassVar[Decimal | None] = None
    on: date
    feedback: FreeText = field(kw_only=True)


class TrialPassed(TrialJudged):
    """Passed the trial post."""

    TOPIC = "trainee.trial_passed"
    passed: ClassVar = True
    verdict: ClassVar = PASSED


class TrialFailed(TrialJudged):
    """Failed the trial post."""

    TOPIC = "trainee.trial_failed"
    passed: ClassVar = False
    verdict: ClassVar = FAILED


class TrialCorrected(Correction, TrialJudged):
    """A verdict had been recorded wrong."""

    TOPIC = "trainee.trial_corrected"
    passed: bool

    @property
    def verdict(self) -> str:
        """PASSED or FAILED."""
        return PASSED if self.passed else FAILED


class ExamResult(Happening):
    """The fields of an exam's result. score: 0 to 100, where it is known."""

    on: date
    passed: bool
    score: Decimal | None = None


class WrittenExamRecorded(ExamResult):
    """Sat the written exam (笔试)."""

    TOPIC = "trainee.written_exam_recorded"
    kind: ClassVar = WRITTEN


class DrillRecorded(ExamResult):
    """Was put through the drill (演练)."""

    TOPIC = "trainee.drill_recorded"
    kind: ClassVar = DRILL


class MakeupMissed(Happening):
    """Did not come to the makeup (补考) of an exam: a score of 0, which counts (S97, S98).

    kind: WRITTEN or DRILL.
    """

    TOPIC = "trainee.makeup_missed"
    passed: ClassVar = False
    score: ClassVar = Decimal(0)
    on: date
    kind: Choice


class ExamCorrected(Correction, ExamResult):
    """A result, or a makeup missed, had been recorded wrong. kind: WRITTEN or DRILL, as it was."""

    TOPIC = "trainee.exam_corrected"
    TOLD_BY = ("kind",)
    kind: Choice = field(kw_only=True)


class WentLive(Happening):
    """Formally went live on the post (上岗); the window opens, this day being day 1."""

    TOPIC = "trainee.went_live"
    on: date


class GoLiveCorrected(Correction, WentLive):
    """A go-live had been recorded wrong."""

    TOPIC = "trainee.go_live_corrected"


class HeldOffPost(Happening):
    """Is held off the post (停岗, S36), until the next go-live."""

    TOPIC = "trainee.held_off_post"
    on: date
    reason: FreeText


class SpotChecked(WithFeedback):
    """Was spot-checked (抽查) on basics or rules, perhaps with written feedback (S37)."""

    TOPIC = "trainee.spot_checked"
    on: date
    topic: Choice
    passed: bool


class OrderClosed(Happening):
    """Closed an order (出单)."""

    TOPIC = "trainee.order_closed"
    DAY = "closed_on"
    order_no: str
    closed_on: date
    product: str | None = None
    amount: Money | None = None


class OrderReassigned(Happening):
    """Gave the order to another seller, whose it is from `on` (T18)."""

    TOPIC = "trainee.order_reassigned"
    ENDS = "order_no"
    order_no: str
    to_trainee_id: StreamId
    on: date
    reason: FreeText


class OrderTakenOver(Happening):
    """Was given another seller's order, closed on `closed_on`; credited here from `on`."""

    TOPIC = "trainee.order_taken_over"
    order_no: str
    from_trainee_id: StreamId
    on: date
    closed_on: date
    product: str | None = None
    amount: Money | None = None


class OrderCorrected(Correction, OrderClosed):
    """An order had been recorded wrong: recorded of all who ever had it.

    fact: of the closing, or of the last taking over; it holds of the order, whoever has it, and
    stays where that taking over is withdrawn.
    """

    TOPIC = "trainee.order_corrected"
    TOLD_BY = ("order_no",)

    def amends(self, earlier: DomainEvent) -> bool:
        """So it does what any entry of the order said of its closing."""
        if isinstance(earlier, OrderClosed | OrderTakenOver):
            return earlier.order_no == self.order_no
        return super().amends(earlier)


class OrderVoided(Happening):
    """An order turned out void: cancelled or refunded (作废). Recorded of all who ever had it."""

    TOPIC = "trainee.order_voided"
    ENDS = "order_no"
    order_no: str
    on: date
    reason: FreeText


class ComplaintFiled(Happening):
    """Somebody complained, or rules were violated (投诉违规, S44)."""

    TOPIC = "trainee.complaint_filed"
    complaint_no: str
    on: date
    about: Personal | None = None


class ComplaintWithdrawn(Happening):
    """The complaint was taken back or turned out unfounded: it counts up to that day."""

    TOPIC = "trainee.complaint_withdrawn"
    ENDS = "complaint_no"
    complaint_no: str
    on: date
    reason: FreeText


class Leaving(Happening):
    """The fields of an end of the employment; `on` is the last day."""

    TAKES_EFFECT = True
    on: date
    leaving_reason: FreeText


class Left(Leaving):
    """Left the company (离职)."""

    TOPIC = "trainee.left"


class Eliminated(Leaving):
    """Was eliminated (淘汰, S36), which ends the employment."""

    TOPIC = "trainee.eliminated"


class LeavingCorrected(Correction, Leaving):
    """The end of the employment had been recorded wrong."""

    TOPIC = "trainee.leaving_corrected"


class Rejoined(Happening):
    """Came back: from here on the same person is another trainee, with a stream of its own."""

    TOPIC = "trainee.rejoined"
    TAKES_EFFECT = True
    on: date
    as_trainee_id: StreamId


OrderEvent = OrderClosed | OrderTakenOver | OrderReassigned | OrderVoided
ComplaintEvent = ComplaintFiled | ComplaintWithdrawn
"""What is recorded of a thing with a number of its own."""


class FactWithdrawn(Withdrawal):
    """A fact of any kind had been recorded by mistake, with all that was corrected of it.

    what: the stored name of its event. number: of its order or complaint, where it is about one.
    """

    TOPIC = "trainee.fact_withdrawn"
    what: Choice
    number: str | None = None

    def amends(self, earlier: DomainEvent) -> bool:
        """So an entry of an order does what was corrected of the order, of whichever entry: it is
        withdrawn with the last of them."""
        if isinstance(earlier, OrderCorrected):
            is_entry = self.what in (OrderClosed.TOPIC, OrderTakenOver.TOPIC)
            return is_entry and earlier.order_no == self.number
        return super().amends(earlier)
