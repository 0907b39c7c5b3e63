"""A salesperson from entering the training to leaving: the home object of the product (S4).

The events, in the order in which they happen in life, then what decides, then what evolves. Parts
stand in files of their own: managers and leaving (domain/trainees/employment.py), trials and exams
(domain/trainees/evidence.py), orders and complaints (domain/trainees/seller.py). A fact that
changed is an event with a day of its own; one that had been typed wrong is corrected, as if it had
always been so.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from eventsourcing.domain import event

from domain.kernel.aggregate import Aggregate, DomainCreated, Personal
from domain.kernel.errors import NotFoundError, Refusal
from domain.trainees.employment import HELD, LIVE, Change, in_force, require_news, require_reason
from domain.trainees.seller import Seller

SALES: Final = "sales"
POSTS = (SALES, "channel_assistant", "customer_service")
"""Only sales are newcomers; special posts (渠道助理, 客服) train too (S67, S80)."""


class Trainee(Seller):
    """One person's way from the class to the post, and the orders closed there."""

    TOPIC = "trainee"

    class Enrolled(DomainCreated):
        """Entered the induction training (入职培训); rejoins: the trainee that left before."""

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
        rejoins: str | None = None

    class EnrolmentCorrected(Aggregate.Event):
        """The enrolment had been typed wrong: this is how it was. name: where that was wrong."""

        TOPIC = "trainee.enrolment_corrected"
        entered_on: date
        post: str
        reason: str
        manager: str | None = None
        name: Personal | None = None

    class CohortTransferred(Aggregate.Event):
        """Moved to another batch (批次), which is fixed by the go-live (S42)."""

        TOPIC = "trainee.cohort_transferred"
        on: date
        cohort_id: str
        cohort_code: str
        reason: str

    class WentLive(Aggregate.Event):
        """Formally went live on the post (上岗); the window opens, this day being day 1."""

        TOPIC = "trainee.went_live"
        on: date

    class GoLiveCorrected(Aggregate.Event):
        """The go-live of `was_on` had been typed wrong: it was `on`."""

        TOPIC = "trainee.go_live_corrected"
        was_on: date
        on: date
        reason: str

    class HeldOffPost(Aggregate.Event):
        """Is held off the post (停岗, S36), until the next go-live."""

        TOPIC = "trainee.held_off_post"
        on: date
        reason: str

    class SpotChecked(Aggregate.Event):
        """Was spot-checked (抽查) on basics or rules, perhaps with written feedback (S37)."""

        TOPIC = "trainee.spot_checked"
        on: date
        topic: str
        passed: bool
        feedback: str | None = None

    # decides

    @classmethod
    def enrol(cls, trainee_id: str, **facts: Any) -> "Trainee":
        """`facts` are the fields of Enrolled. Refuses `post_unknown`."""
        _require_post(facts.get("post", SALES))
        return cls._create(cls.Enrolled, id=trainee_id, **facts)

    def correct_enrolment(
        self, *, entered_on: date, manager: str | None, post: str, name: str | None, reason: str
    ) -> None:
        """Says all of it again; name: None leaves it as it is.

        Refuses `post_unknown`, `recorded_before_enrolment`, `reason_missing`,
        `nothing_to_correct`.
        """
        _require_post(post)
        first = min(self._days(), default=None)
        if first is not None and entered_on > first:
            raise Refusal(
                "recorded_before_enrolment",
                field="entered_on",
                employee_no=self.employee_no,
                entered_on=entered_on,
                on=first,
            )
        require_reason(reason)
        require_news(
            (self.entered_on, self.managers[0].value, self.post, self.name),
            (entered_on, manager, post, name or self.name),
        )
        self.trigger_event(
            self.EnrolmentCorrected,
            entered_on=entered_on,
            manager=manager,
            post=post,
            name=None if name == self.name else name,
            reason=reason,
        )

    def transfer(self, *, on: date, cohort_id: str, cohort_code: str, reason: str) -> None:
        """Refuses `before_enrolment`, `after_leaving`, `batch_fixed` from the first go-live on,
        `already_in_cohort`, `reason_missing`.
        """
        self._require_employed(on)
        if self.live_on is not None and on >= self.live_on:
            raise Refusal(
                "batch_fixed", field="on", employee_no=self.employee_no, live_on=self.live_on
            )
        if cohort_id == in_force(self.cohorts, on):
            raise Refusal(
                "already_in_cohort", field="cohort", employee_no=self.employee_no, code=cohort_code
            )
        require_reason(reason)
        self.trigger_event(
            self.CohortTransferred,
            on=on,
            cohort_id=cohort_id,
            cohort_code=cohort_code,
            reason=reason,
        )

    def go_live(self, *, on: date, trial_required: bool) -> None:
        """The gate (S35, S72): a set of evidence, in no sequence.

        Refuses `already_live`, `before_enrolment`, `after_leaving`, `before_transfer`,
        `before_hold`, and `gate_not_passed` with the list of what is missing: `written_exam`,
        `drill`, `trial`.
        """
        last = self.standings[-1]
        if last.value == LIVE:
            raise Refusal("already_live", field="on", employee_no=self.employee_no, on=last.on)
        self._require_employed(on)
        self._require_transferred(on)
        self._require_held(last, on)
        missing = self.missing_for_go_live(on=on, trial_required=trial_required)
        if missing:
            raise Refusal(
                "gate_not_passed", field="on", employee_no=self.employee_no, missing=missing
            )
        self.trigger_event(self.WentLive, on=on)

    def correct_go_live(self, *, was_on: date, on: date, reason: str) -> None:
        """The gate is not asked again; the days stay in their order.

        Refuses `go_live_unknown`, `before_enrolment`, `after_leaving`, `before_transfer`,
        `before_hold`, `after_hold`, `reason_missing`, `nothing_to_correct`.
        """
        was: Change[str] = Change(was_on, LIVE)
        if was not in self.standings:
            raise NotFoundError(
                "go_live_unknown", field="was_on", employee_no=self.employee_no, on=was_on
            )
        self._require_employed(on)
        self._require_transferred(on)
        place = self._place(was)
        self._require_held(self.standings[place - 1], on)
        ended = self.standings[place + 1].on if place + 1 < len(self.standings) else on
        if on > ended:
            raise Refusal(
                "after_hold", field="on", employee_no=self.employee_no, held_on=ended, on=on
            )
        require_reason(reason)
        require_news(was_on, on)
        self.trigger_event(self.GoLiveCorrected, was_on=was_on, on=on, reason=reason)

    def hold_off_post(self, *, on: date, reason: str) -> None:
        """Also before the first go-live.

        Refuses `already_held`, `before_enrolment`, `after_leaving`, `held_before_live`,
        `reason_missing`.
        """
        last = self.standings[-1]
        if last.value == HELD:
            raise Refusal("already_held", field="on", employee_no=self.employee_no, on=last.on)
        self._require_employed(on)
        if last.value == LIVE and on < last.on:
            raise Refusal(
                "held_before_live", field="on", employee_no=self.employee_no, live_on=last.on, on=on
            )
        require_reason(reason)
        self.trigger_event(self.HeldOffPost, on=on, reason=reason)

    def record_spot_check(
        self, *, on: date, topic: str, passed: bool, feedback: str | None
    ) -> None:
        """topic: basics or rules. Refuses `before_enrolment`, `after_leaving`."""
        self._require_employed(on)
        self.trigger_event(self.SpotChecked, on=on, topic=topic, passed=passed, feedback=feedback)

    def _require_transferred(self, on: date) -> None:
        last = max((change.on for change in self.cohorts[1:]), default=None)
        if last is not None and on < last:
            raise Refusal(
                "before_transfer",
                field="on",
                employee_no=self.employee_no,
                transferred_on=last,
                on=on,
            )

    def _require_held(self, before: Change[str], on: date) -> None:
        if before.value == HELD and on < before.on:
            raise Refusal(
                "before_hold", field="on", employee_no=self.employee_no, held_on=before.on, on=on
            )

    def _days(self) -> Iterator[date]:
        """The days of all that is recorded after the enrolment."""
        for result in (*self.trials, *self.written_exams, *self.drills):
            yield result.on
        yield from (standing.on for standing in self.standings[1:])
        yield from (change.on for change in self.cohorts[1:])
        yield from (change.on for change in self.managers[1:])
        for order in self.orders.values():
            yield order.credited_on or order.closed_on
        for complaint in self.complaints.values():
            yield complaint.on
        yield from self.checked_on
        if self.left_on is not None:
            yield self.left_on

    # evolves

    @event(Enrolled)
    def __init__(
        self,
        cohort_id: str,
        employee_no: str,
        name: str,
        entered_on: date,
        post: str,
        manager: str | None,
        phone: str | None,
        mail: str | None,
        id_number: str | None,
        rejoins: str | None,
    ) -> None:
        super().__init__(employee_no, entered_on, manager)
        self.name = name
        self.post = post
        self.phone, self.mail, self.id_number = phone, mail, id_number
        self.rejoins = rejoins
        self.cohorts = [Change(entered_on, cohort_id)]
        self.checked_on: list[date] = []

    @property
    def cohort_id(self) -> str:
        """The batch after all transfers."""
        return in_force(self.cohorts, date.max)

    @event(EnrolmentCorrected)
    def _enrolment_corrected(
        self, entered_on: date, post: str, manager: str | None, name: str | None
    ) -> None:
        self.entered_on = entered_on
        self.post = post
        self.managers[0] = Change(entered_on, manager)
        self.name = name or self.name

    @event(CohortTransferred)
    def _cohort_transferred(self, on: date, cohort_id: str) -> None:
        self.cohorts.append(Change(on, cohort_id))

    @event(WentLive)
    def _went_live(self, on: date) -> None:
        self.standings.append(Change(on, LIVE))

    @event(GoLiveCorrected)
    def _go_live_corrected(self, was_on: date, on: date) -> None:
        self.standings[self._place(Change(was_on, LIVE))] = Change(on, LIVE)

    @event(HeldOffPost)
    def _held_off_post(self, on: date) -> None:
        self.standings.append(Change(on, HELD))

    @event(SpotChecked)
    def _spot_checked(self, on: date) -> None:
        self.checked_on.append(on)

    def _place(self, standing: Change[str]) -> int:
        """Of equal ones the last."""
        return len(self.standings) - 1 - self.standings[::-1].index(standing)


def _require_post(post: str) -> None:
    if post not in POSTS:
        raise Refusal("post_unknown", field="post", post=post, posts=list(POSTS))
