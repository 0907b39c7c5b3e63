"""What the figures need to know of one trainee: the fold, and the row of `newcomers`.

Every fact carries `position`, the place in the tenant's log of the event that made it, so that a
figure can be opened down to its events. A correction changes the fact where it stands and leaves
its own place in `corrected`. No name and nothing else personal is kept here.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Literal, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from domain.kernel.aggregate import UNRECORDED, DomainEvent
from domain.kpi.subjects.facts import (
    Complaint,
    Exam,
    Hold,
    Live,
    Managed,
    Order,
    SpotCheck,
    Transfer,
    Trial,
)
from domain.trainees.evidence import DRILL, NO_SHOW, WRITTEN
from domain.trainees.trainee import SALES, Trainee

D = TypeVar("D", Transfer, Managed)
F = TypeVar("F", Trial, Exam, Live, Order, Complaint)


class Newcomer(Struct, frozen=True, omit_defaults=True):
    """The facts of one trainee in the order of life; `left_on` is the last day worked.

    cohort_id, cohort_code, manager: as enrolled; later ones are in transfers and managers. rejoins:
    the trainee that the same person was before. eliminated: whether the leaving was an elimination
    (淘汰, S36). left_position: stays when the leaving is withdrawn, as do the corrections.
    """

    trainee_id: str
    employee_no: str
    cohort_id: str
    cohort_code: str
    manager: str | None
    post: str
    entered_on: date
    enrolled_position: int
    trials: tuple[Trial, ...] = ()
    exams: tuple[Exam, ...] = ()
    lives: tuple[Live, ...] = ()
    orders: tuple[Order, ...] = ()
    left_on: date | None = None
    left_position: int | None = None
    eliminated: bool = False
    left_recorded_at: int = 0
    left_corrected: tuple[int, ...] = ()
    enrolled_recorded_at: int = 0
    enrolled_corrected: tuple[int, ...] = ()
    rejoins: str | None = None
    holds: tuple[Hold, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    managers: tuple[Managed, ...] = ()
    complaints: tuple[Complaint, ...] = ()
    checks: tuple[SpotCheck, ...] = ()

    @property
    def is_newcomer(self) -> bool:
        """Only salespeople are newcomers (新人); special posts train too (S67, S80)."""
        return self.post == SALES

    def cohort_on(self, day: date) -> str:
        """The code of the batch that the trainee belonged to on the evening of a day."""
        if not self.transfers:
            return self.cohort_code
        known = _last(self.transfers, day)
        return known.cohort_code if known else self.cohort_code

    def manager_on(self, day: date) -> str | None:
        """The manager on the evening of a day."""
        if not self.managers:
            return self.manager
        known = _last(self.managers, day)
        return known.manager if known else self.manager


def _last(changes: tuple[D, ...], day: date) -> D | None:
    """The change in force on a day; of one day's the one recorded last."""
    known = [change for change in changes if change.on <= day]
    return max(known, key=lambda change: (change.on, change.position), default=None)


class Seen(Struct, frozen=True, gc=False):
    """An event where it stands in the log; at: seconds since 1970, 0 where that is not known."""

    event: Any
    position: int
    at: int


def key(event: DomainEvent) -> str | None:
    """The trainee whose facts the event changes; None where it changes nobody's."""
    kind = type(event)
    return event.originator_id if kind in _FACTS or kind is Trainee.Enrolled else None


def evolve(
    newcomer: Newcomer | None, event: DomainEvent, position: int, recorded_at: datetime
) -> Newcomer | None:
    """The facts after the event; an event that is none of these changes nothing.

    recorded_at: UNRECORDED where it is not known. Raises LookupError where the log says something
    of a trainee that it never enrolled.
    """
    kind = type(event)
    fact = _FACTS.get(kind)
    if fact is None and kind is not Trainee.Enrolled:
        return newcomer
    at = 0 if recorded_at == UNRECORDED else int(recorded_at.timestamp())
    seen = Seen(event, position, at)
    if fact is None:
        return _enrolled(seen)
    if newcomer is None:
        raise LookupError(f"{event.originator_id} was never enrolled")
    return fact(newcomer, seen)


def _enrolled(seen: Seen) -> Newcomer:
    event: Trainee.Enrolled = seen.event
    return Newcomer(
        trainee_id=event.originator_id,
        employee_no=event.employee_no,
        cohort_id=event.cohort_id,
        cohort_code=event.cohort_code,
        manager=event.manager,
        post=event.post,
        entered_on=event.entered_on,
        enrolled_position=seen.position,
        enrolled_recorded_at=seen.at,
        rejoins=event.rejoins,
    )


def _enrolment_corrected(was: Newcomer, seen: Seen) -> Newcomer:
    event: Trainee.EnrolmentCorrected = seen.event
    return replace(
        was,
        entered_on=event.entered_on,
        post=event.post,
        manager=event.manager,
        enrolled_corrected=(*was.enrolled_corrected, seen.position),
    )


def _transferred(was: Newcomer, seen: Seen) -> Newcomer:
    event: Trainee.CohortTransferred = seen.event
    moved = Transfer(event.on, event.cohort_id, event.cohort_code, seen.position)
    return replace(was, transfers=(*was.transfers, moved))


def _manager_changed(was: Newcomer, seen: Seen) -> Newcomer:
    managed = Managed(seen.event.on, seen.event.manager, seen.position)
    return replace(was, managers=(*was.managers, managed))


def _trial_passed(was: Newcomer, seen: Seen) -> Newcomer:
    return _judged(was, seen, passed=True)


def _trial_failed(was: Newcomer, seen: Seen) -> Newcomer:
    return _judged(was, seen, passed=False)


def _judged(was: Newcomer, seen: Seen, *, passed: bool) -> Newcomer:
    feedback = bool(seen.event.feedback.strip())
    trial = Trial(seen.event.on, passed, seen.position, feedback, seen.at)
    return replace(was, trials=(*was.trials, trial))


def _trial_corrected(was: Newcomer, seen: Seen) -> Newcomer:
    event: Trainee.TrialCorrected = seen.event
    trials = _changed(
        was.trials,
        was.trials[event.number - 1],
        on=event.on,
        passed=event.passed,
        has_feedback=bool(event.feedback.strip()),
        corrected=(*was.trials[event.number - 1].corrected, seen.position),
    )
    return replace(was, trials=trials)


def _written(was: Newcomer, seen: Seen) -> Newcomer:
    event: Trainee.WrittenExamRecorded = seen.event
    exam = Exam(WRITTEN, event.on, event.passed, seen.position, event.score, seen.at)
    return replace(was, exams=(*was.exams, exam))


def _drill(was: Newcomer, seen: Seen) -> Newcomer:
    event: Trainee.DrillRecorded = seen.event
    exam = Exam(DRILL, event.on, event.passed, seen.position, event.score, seen.at)
    return replace(was, exams=(*was.exams, exam))


def _makeup_missed(was: Newcomer, seen: Seen) -> Newcomer:
    event: Trainee.MakeupMissed = seen.event
    kind: Literal["written", "drill"] = DRILL if event.kind == DRILL else WRITTEN
    exam = Exam(kind, event.on, False, seen.position, NO_SHOW, seen.at)
    return replace(was, exams=(*was.exams, exam))


def _exam_corrected(was: Newcomer, seen: Seen) -> Newcomer:
    event: Trainee.ExamCorrected = seen.event
    exam = [exam for exam in was.exams if exam.kind == event.kind][event.number - 1]
    exams = _changed(
        was.exams,
        exam,
        on=event.on,
        passed=event.passed,
        score=event.score,
        corrected=(*exam.corrected, seen.position),
    )
    return replace(was, exams=exams)


def _went_live(was: Newcomer, seen: Seen) -> Newcomer:
    return replace(was, lives=(*was.lives, Live(seen.event.on, seen.position, seen.at)))


def _go_live_corrected(was: Newcomer, seen: Seen) -> Newcomer:
    live = [live for live in was.lives if live.on == seen.event.was_on][-1]
    corrected = (*live.corrected, seen.position)
    return replace(was, lives=_changed(was.lives, live, on=seen.event.on, corrected=corrected))


def _held_off_post(was: Newcomer, seen: Seen) -> Newcomer:
    return replace(was, holds=(*was.holds, Hold(seen.event.on, seen.position)))


def _order_closed(was: Newcomer, seen: Seen) -> Newcomer:
    event: Trainee.OrderClosed = seen.event
    order = Order(event.order_no, event.closed_on, seen.position, recorded_at=seen.at)
    return replace(was, orders=(*was.orders, order))


def _order_taken_over(was: Newcomer, seen: Seen) -> Newcomer:
    event: Trainee.OrderTakenOver = seen.event
    order = Order(
        event.order_no,
        event.closed_on,
        seen.position,
        credited_on=event.on,
        recorded_at=seen.at,
    )
    return replace(was, orders=(*was.orders, order))


def _order_reassigned(was: Newcomer, seen: Seen) -> Newcomer:
    return _on_held(was, seen, reassigned_on=seen.event.on, reassigned_position=seen.position)


def _order_voided(was: Newcomer, seen: Seen) -> Newcomer:
    return _on_held(was, seen, voided_on=seen.event.on, voided_position=seen.position)


def _order_corrected(was: Newcomer, seen: Seen) -> Newcomer:
    """In every entry of that number: it was closed but once, however often it came back."""
    orders = tuple(
        replace(order, closed_on=seen.event.closed_on, corrected=(*order.corrected, seen.position))
        if order.no == seen.event.order_no
        else order
        for order in was.orders
    )
    return replace(was, orders=orders)


def _held(was: Newcomer, seen: Seen) -> Order:
    """The entry of the event's order that is this seller's now: the last of that number."""
    return [order for order in was.orders if order.no == seen.event.order_no][-1]


def _on_held(was: Newcomer, seen: Seen, **fields: Any) -> Newcomer:
    return replace(was, orders=_changed(was.orders, _held(was, seen), **fields))


def _complaint_filed(was: Newcomer, seen: Seen) -> Newcomer:
    complaint = Complaint(seen.event.complaint_no, seen.event.on, seen.position)
    return replace(was, complaints=(*was.complaints, complaint))


def _complaint_withdrawn(was: Newcomer, seen: Seen) -> Newcomer:
    event: Trainee.ComplaintWithdrawn = seen.event
    (complaint,) = (one for one in was.complaints if one.no == event.complaint_no)
    complaints = _changed(
        was.complaints, complaint, withdrawn_on=event.on, withdrawn_position=seen.position
    )
    return replace(was, complaints=complaints)


def _spot_checked(was: Newcomer, seen: Seen) -> Newcomer:
    event: Trainee.SpotChecked = seen.event
    feedback = bool(event.feedback and event.feedback.strip())
    check = SpotCheck(event.on, event.topic, seen.position, feedback)
    return replace(was, checks=(*was.checks, check))


def _left(was: Newcomer, seen: Seen) -> Newcomer:
    return _gone(was, seen, eliminated=False)


def _eliminated(was: Newcomer, seen: Seen) -> Newcomer:
    return _gone(was, seen, eliminated=True)


def _gone(was: Newcomer, seen: Seen, *, eliminated: bool) -> Newcomer:
    return replace(
        was,
        left_on=seen.event.on,
        left_position=seen.position,
        eliminated=eliminated,
        left_recorded_at=seen.at,
    )


def _leaving_corrected(was: Newcomer, seen: Seen) -> Newcomer:
    corrected = (*was.left_corrected, seen.position)
    return replace(was, left_on=seen.event.on, left_corrected=corrected)


def _leaving_withdrawn(was: Newcomer, seen: Seen) -> Newcomer:
    corrected = (*was.left_corrected, seen.position)
    return replace(was, left_on=None, eliminated=False, left_corrected=corrected)


def _rejoined(was: Newcomer, _: Seen) -> Newcomer:
    """What follows is told of another trainee."""
    return was


def _changed(facts: tuple[F, ...], one: F, **fields: Any) -> tuple[F, ...]:
    """The facts with one of them changed where it stands."""
    return tuple(replace(fact, **fields) if fact is one else fact for fact in facts)


_FACTS: dict[type[DomainEvent], Callable[[Newcomer, Seen], Newcomer]] = {
    Trainee.EnrolmentCorrected: _enrolment_corrected,
    Trainee.CohortTransferred: _transferred,
    Trainee.ManagerChanged: _manager_changed,
    Trainee.TrialPassed: _trial_passed,
    Trainee.TrialFailed: _trial_failed,
    Trainee.TrialCorrected: _trial_corrected,
    Trainee.WrittenExamRecorded: _written,
    Trainee.DrillRecorded: _drill,
    Trainee.MakeupMissed: _makeup_missed,
    Trainee.ExamCorrected: _exam_corrected,
    Trainee.WentLive: _went_live,
    Trainee.GoLiveCorrected: _go_live_corrected,
    Trainee.HeldOffPost: _held_off_post,
    Trainee.SpotChecked: _spot_checked,
    Trainee.OrderClosed: _order_closed,
    Trainee.OrderReassigned: _order_reassigned,
    Trainee.OrderTakenOver: _order_taken_over,
    Trainee.OrderVoided: _order_voided,
    Trainee.OrderCorrected: _order_corrected,
    Trainee.ComplaintFiled: _complaint_filed,
    Trainee.ComplaintWithdrawn: _complaint_withdrawn,
    Trainee.Left: _left,
    Trainee.Eliminated: _eliminated,
    Trainee.LeavingCorrected: _leaving_corrected,
    Trainee.LeavingWithdrawn: _leaving_withdrawn,
    Trainee.Rejoined: _rejoined,
}

TOPICS = frozenset({Trainee.Enrolled.TOPIC, *(kind.TOPIC for kind in _FACTS)})
"""The events that the fold looks at: all of a trainee's."""
