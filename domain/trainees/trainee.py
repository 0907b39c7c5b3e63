"""A salesperson from entering the training to leaving: the home object of the product (S4).

Its events stand in events.py; what is known of it (known.py), and its rules, are values of a file
each: employment, qualification, placement and selling. A command asks them in the order in which a
person should learn what is wrong, then says what happened.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from itertools import islice
from typing import Any, Unpack

from domain.kernel.aggregate import (
    Aggregate,
    Correction,
    DomainEvent,
    Happening,
    require_change,
    require_reason,
)
from domain.kernel.errors import NotFoundError
from domain.trainees import events
from domain.trainees.employment import Employment, require_post
from domain.trainees.events import PASSED, SALES, WRITTEN, Which
from domain.trainees.known import Learned, learn, unlearned
from domain.trainees.placement import Placement
from domain.trainees.qualification import Qualification, require_feedback, require_score
from domain.trainees.selling import Selling, require_amount
from domain.trainees.withdrawal import last_resting_on, number_of, said_last, same_as, without


class Trainee(Aggregate):
    """One person's way from the class to the post, and the orders closed there."""

    TOPIC = "trainee"

    Enrolled = events.Enrolled
    EnrolmentCorrected = events.EnrolmentCorrected
    CohortTransferred = events.CohortTransferred
    ManagerChanged = events.ManagerChanged
    PostChanged = events.PostChanged
    TrialPassed = events.TrialPassed
    TrialFailed = events.TrialFailed
    TrialCorrected = events.TrialCorrected
    WrittenExamRecorded = events.WrittenExamRecorded
    DrillRecorded = events.DrillRecorded
    MakeupMissed = events.MakeupMissed
    ExamCorrected = events.ExamCorrected
    WentLive = events.WentLive
    GoLiveCorrected = events.GoLiveCorrected
    HeldOffPost = events.HeldOffPost
    SpotChecked = events.SpotChecked
    OrderClosed = events.OrderClosed
    OrderReassigned = events.OrderReassigned
    OrderTakenOver = events.OrderTakenOver
    OrderCorrected = events.OrderCorrected
    OrderVoided = events.OrderVoided
    ComplaintFiled = events.ComplaintFiled
    ComplaintWithdrawn = events.ComplaintWithdrawn
    Left = events.Left
    Eliminated = events.Eliminated
    LeavingCorrected = events.LeavingCorrected
    Rejoined = events.Rejoined
    FactWithdrawn = events.FactWithdrawn

    employment = Learned[Employment]()
    placement = Learned[Placement]()
    qualification = Learned[Qualification]()
    selling = Learned[Selling]()

    def __init__(self) -> None:
        self.enrolled: events.Enrolled
        self.known: list[Happening] = []
        self.withdrawn: set[int] = set()
        self._values: dict[str, Any] = {}
        self._learned = 0

    def evolve(self, event: DomainEvent) -> None:
        match event:
            case events.FactWithdrawn():
                self.withdrawn.add(event.fact)
                self.known = without(self.known, event.fact)
                self._values, self._learned = unlearned(self.enrolled), 0
                return
            case events.Enrolled():
                self.enrolled = event
                self._values = unlearned(event)
        if isinstance(event, Happening):
            self.known.append(event)

    def learned(self) -> Mapping[str, Any]:
        """The VALUES by their names; of an enrolment that was withdrawn the number is known
        still."""
        if self._learned < len(self.known):
            learn(self._values, islice(self.known, self._learned, None))
            self._learned = len(self.known)
        return self._values

    @property
    def is_withdrawn(self) -> bool:
        return bool(self.withdrawn) and self.enrolled.fact_id in self.withdrawn

    @property
    def employee_no(self) -> str:
        return self.enrolled.employee_no

    @property
    def batch(self) -> events.Enrolled | events.CohortTransferred:
        """What says the batch after all transfers."""
        return self.placement.transfers.on(date.max) or self.employment.enrolled

    @property
    def cohort_id(self) -> str:
        return self.batch.cohort_id

    @classmethod
    def enrol(cls, trainee_id: str, **facts: Any) -> "Trainee":
        """Enrols a salesperson. `facts` are the other fields of Enrolled."""
        require_post(facts.get("post", SALES))
        return cls._create(events.Enrolled, id=trainee_id, **facts)

    def correct_enrolment(
        self,
        *,
        entered_on: date,
        manager_id: str | None,
        post: str,
        reason: str,
    ) -> None:
        """Corrects the enrolment, saying all of it again."""
        who = self.employment
        require_post(post)
        sold = self.selling.own_days() if who.enrolled.rejoins else self.selling.days()
        who.require_entered(entered_on, (self.placement.days(), self.qualification.days(), sold))
        said = {"entered_on": entered_on, "manager_id": manager_id, "post": post}
        self.correct(events.EnrolmentCorrected, who.enrolled, reason=reason, **said)

    def transfer(self, *, on: date, cohort_id: str, cohort_code: str, reason: str) -> None:
        self.placement.require_transfer(self.employment, on, cohort_id, cohort_code)
        require_reason(reason)
        said = {"on": on, "cohort_id": cohort_id, "cohort_code": cohort_code, "reason": reason}
        self.trigger_event(events.CohortTransferred, **said)

    def change_manager(self, *, on: date, manager_id: str | None) -> None:
        """Puts the trainee under another manager, or under none."""
        self.employment.require_other_manager(on, manager_id)
        self.trigger_event(events.ManagerChanged, on=on, manager_id=manager_id)

    def change_post(self, *, on: date, post: str) -> None:
        self.employment.require_other_post(on, post)
        self.trigger_event(events.PostChanged, on=on, post=post)

    def record_trial_verdict(self, *, verdict: str, on: date, feedback: str) -> None:
        """Records the verdict on a trial: PASSED or FAILED."""
        self._require_trial(on, feedback)
        kind = events.TrialPassed if verdict == PASSED else events.TrialFailed
        self.trigger_event(kind, on=on, feedback=feedback)

    def correct_trial_verdict(
        self, *, verdict: str, on: date, feedback: str, reason: str, **which: Unpack[Which]
    ) -> None:
        """Corrects a verdict, saying all of it again."""
        trials = self.qualification.trials
        trial = self.employment.require_fact(trials, "trial_unknown", **which)
        self._require_trial(on, feedback)
        said = {"on": on, "passed": verdict == PASSED, "feedback": feedback}
        self.correct(events.TrialCorrected, trial, reason=reason, **said)

    def record_exam(self, *, kind: str, passed: bool, on: date, score: Decimal | None) -> None:
        """Records an exam's result. kind: WRITTEN or DRILL."""
        self._require_exam(on, score)
        event = events.WrittenExamRecorded if kind == WRITTEN else events.DrillRecorded
        self.trigger_event(event, on=on, passed=passed, score=score)

    def miss_makeup(self, *, kind: str, on: date) -> None:
        """Records a missed makeup. kind: WRITTEN or DRILL."""
        self.employment.require_employed(on)
        self.trigger_event(events.MakeupMissed, on=on, kind=kind)

    def correct_exam(
        self,
        *,
        kind: str,
        passed: bool,
        on: date,
        score: Decimal | None,
        reason: str,
        **which: Unpack[Which],
    ) -> None:
        """Corrects a result, saying all of it again. kind: WRITTEN or DRILL, which stays."""
        exams = self.qualification.exams_of(kind)
        exam = self.employment.require_fact(exams, "exam_unknown", **which)
        self._require_exam(on, score)
        said = {"kind": kind, "on": on, "passed": passed, "score": score}
        self.correct(events.ExamCorrected, exam, reason=reason, **said)

    def go_live(self, *, on: date, trial_required: bool) -> None:
        """Puts the trainee on the post behind the gate: evidence in no sequence (S35, S72)."""
        self.placement.require_go_live(self.employment, on)
        self.qualification.require_passed(self.employment, on, trial_required=trial_required)
        self.trigger_event(events.WentLive, on=on)

    def correct_go_live(self, *, on: date, reason: str, **which: Unpack[Which]) -> None:
        """Corrects the day of a go-live; the gate is not asked again, the days keep their order."""
        live = self.placement.require_go_live_of(self.employment, on, **which)
        self.correct(events.GoLiveCorrected, live, reason=reason, on=on)

    def hold_off_post(self, *, on: date, reason: str) -> None:
        self.placement.require_hold(self.employment, on)
        require_reason(reason)
        self.trigger_event(events.HeldOffPost, on=on, reason=reason)

    def record_spot_check(
        self, *, on: date, topic: str, passed: bool, feedback: str | None
    ) -> None:
        """Records a spot check. topic: basics or rules."""
        self.employment.require_employed(on)
        said = {"on": on, "topic": topic, "passed": passed, "feedback": feedback or None}
        self.trigger_event(events.SpotChecked, **said)

    def close_order(
        self, *, order_no: str, closed_on: date, product: str | None, amount: Decimal | None
    ) -> None:
        self.selling.require_new(order_no, amount)
        self.employment.require_employed(closed_on, "closed_on")
        said = {"order_no": order_no, "closed_on": closed_on, "product": product, "amount": amount}
        self.trigger_event(events.OrderClosed, **said)

    def reassign_order(
        self,
        *,
        order_no: str,
        to: "Trainee",
        on: date,
        reason: str,
        employment: Employment | None = None,
    ) -> None:
        """Gives an order to another seller from `on`; both are changed. employment: the receiver's
        on that day, where the closing lies in an earlier stay, which is `to`."""
        order = self.selling.require_held(order_no)
        order.require_valid()
        if to.employee_no == self.employee_no:
            raise order.refuse("reassigned_to_holder", "employee_no", employee_no=to.employee_no)
        order.require_had(on, "reassigned_before_order")
        require_reason(reason)
        (employment or to.employment).require_employed(on)
        self.trigger_event(
            events.OrderReassigned, order_no=order_no, to_trainee_id=to.id, on=on, reason=reason
        )
        said = {name: getattr(order, name) for name in ("closed_on", "product", "amount")}
        to.trigger_event(
            events.OrderTakenOver, order_no=order_no, from_trainee_id=self.id, on=on, **said
        )

    def void_order(
        self, *, order_no: str, on: date, reason: str, had: Iterable["Trainee"] = ()
    ) -> None:
        """Declares an order void. had: all others who ever had it, and learn it too."""
        order = self.selling.require_held(order_no)
        order.require_valid()
        order.require_had(on, "void_before_order")
        require_reason(reason)
        for seller in (*had, self):
            seller.trigger_event(events.OrderVoided, order_no=order_no, on=on, reason=reason)

    def correct_order(
        self,
        *,
        order_no: str,
        closed_on: date,
        product: str | None,
        amount: Decimal | None,
        reason: str,
        had: Iterable["Trainee"] = (),
    ) -> None:
        """Corrects an order that the trainee has now; says all of it again.

        had: all others who ever had it; they learn it too, since it was closed but once.
        """
        order, sellers = self.selling.require_held(order_no), (self, *had)
        order.require_valid()
        require_amount(order_no, amount)
        for seller in sellers:
            seller.selling.orders[order_no].require_closing(seller.employment, closed_on)
        require_reason(reason)
        said = {"closed_on": closed_on, "product": product, "amount": amount}
        require_change(order, said)
        for seller in sellers:
            its = {"fact": seller.selling.orders[order_no].fact_id, "order_no": order_no}
            seller.trigger_event(events.OrderCorrected, reason=reason, **its, **said)

    def file_complaint(self, *, complaint_no: str, on: date, about: str | None) -> None:
        """Files a complaint, also after the trainee has left."""
        self.selling.require_new_complaint(complaint_no)
        self.employment.require_enrolled(on)
        said = {"complaint_no": complaint_no, "on": on, "about": about or None}
        self.trigger_event(events.ComplaintFiled, **said)

    def withdraw_complaint(self, *, complaint_no: str, on: date, reason: str) -> None:
        self.selling.require_complaint(complaint_no).require_withdrawal(on)
        require_reason(reason)
        said = {"complaint_no": complaint_no, "on": on, "reason": reason}
        self.trigger_event(events.ComplaintWithdrawn, **said)

    def leave(self, *, on: date, reason: str) -> None:
        """Ends the employment; `on` is the last day."""
        self._require_last_day(on)
        self.trigger_event(events.Left, on=on, leaving_reason=reason)

    def eliminate(self, *, on: date, reason: str) -> None:
        """Ends the employment by elimination; `on` is the last day."""
        self._require_last_day(on)
        require_reason(reason)
        self.trigger_event(events.Eliminated, on=on, leaving_reason=reason)

    def correct_leaving(self, *, on: date, leaving_reason: str | None, reason: str) -> None:
        """Corrects the leaving; leaving_reason: None leaves it as it is."""
        leaving = self.employment.require_left()
        self.placement.require_last_day(self.employment, on)
        because = leaving.leaving_reason if leaving_reason is None else leaving_reason
        self.correct(events.LeavingCorrected, leaving, reason=reason, on=on, leaving_reason=because)

    def require_over_before(self, day: date) -> None:
        """Requires that all of this stay lies before a day on which the person enters again."""
        others = (self.placement.days(), self.qualification.days(), self.selling.own_days())
        self.employment.require_over_before(day, others)

    def rejoin(self, *, on: date, as_trainee_id: str) -> None:
        self.require_over_before(on)
        self.trigger_event(events.Rejoined, on=on, as_trainee_id=as_trainee_id)

    def fact(self, fact: int) -> Happening:
        """The fact of that id, as it was recorded first. Refuses `fact_withdrawn_already`; raises
        NotFoundError `fact_unknown`."""
        if fact in self.withdrawn:
            raise self.employment.refuse("fact_withdrawn_already", "fact")
        for one in self.known:
            if one.fact_id == fact and not isinstance(one, Correction):
                return one
        raise self._unknown(fact)

    def withdraw_fact(self, *, fact: int, reason: str, shared: Iterable["Trainee"] = ()) -> None:
        """Withdraws a fact that was recorded by mistake.

        shared: of whom the same is recorded, where shared_with says so, and of a void order all
        others who ever had it.
        """
        withdrawn = self.require_last(self.fact(fact))
        others = [(one, one.require_last(one.fact_shared_with(self, withdrawn))) for one in shared]
        require_reason(reason)
        self._withdraw(withdrawn, reason)
        for one, other in others:
            one._withdraw(other, reason)

    def fact_shared_with(self, other: "Trainee", fact: Happening) -> Happening:
        """The fact by which this trainee's stream says the same as a fact of another's. Raises
        NotFoundError `fact_unknown`."""
        if (found := same_as(fact, self.known, other.id)) is None:
            raise self._unknown(fact.fact_id)
        return found

    def require_last(self, fact: Happening) -> Happening:
        """Requires that nothing rests on a fact. Refuses `fact_rested_on`."""
        if (later := last_resting_on(fact, self.known)) is not None:
            what, day = later.TOPIC, said_last(later, self.known).day
            raise self.employment.refuse("fact_rested_on", "fact", what=what, on=day)
        return fact

    def _withdraw(self, fact: Happening, reason: str) -> None:
        what, no, on = fact.TOPIC, number_of(fact), said_last(fact, self.known).day
        self.withdraw(events.FactWithdrawn, fact, reason=reason, what=what, number=no, was_on=on)

    def _unknown(self, fact: int) -> NotFoundError:
        return NotFoundError("fact_unknown", field="fact", fact=fact, employee_no=self.employee_no)

    def _require_trial(self, on: date, feedback: str) -> None:
        require_feedback(self.employment, feedback)
        self.employment.require_employed(on)
        self.placement.require_trial(self.employment, on)

    def _require_exam(self, on: date, score: Decimal | None) -> None:
        self.employment.require_employed(on)
        require_score(score)

    def _require_last_day(self, on: date) -> None:
        self.employment.require_staying()
        self.placement.require_last_day(self.employment, on)
