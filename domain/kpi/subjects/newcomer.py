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
from domain.kernel.facts import in_force
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
from domain.trainees import events
from domain.trainees.events import DRILL, SALES, WRITTEN

C = TypeVar("C", Trial, Exam, Live)
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
        moved = in_force(self.transfers, day) if self.transfers else None
        return moved.cohort_code if moved else self.cohort_code

    def manager_on(self, day: date) -> str | None:
        """The manager on the evening of a day."""
        changed = in_force(self.managers, day) if self.managers else None
        return changed.manager if changed else self.manager


class Seen(Struct, frozen=True, gc=False):
    """An event where it stands in the log; at: seconds since 1970, 0 where that is not known."""

    event: Any
    position: int
    at: int


def key(event: DomainEvent) -> str | None:
    """The trainee whose facts the event changes; None where it changes nobody's."""
    kind = type(event)
    return event.originator_id if kind in _FACTS or kind is events.Enrolled else None


def evolve(
    newcomer: Newcomer | None, event: DomainEvent, position: int, recorded_at: datetime
) -> Newcomer | None:
    """The facts after the event; an event that is none of these changes nothing.

    recorded_at: UNRECORDED where it is not known. Raises LookupError where the log says something
    of a trainee that it never enrolled.
    """
    kind = type(event)
    fact = _FACTS.get(kind)
    if fact is None and kind is not events.Enrolled:
        return newcomer
    at = 0 if recorded_at == UNRECORDED else int(recorded_at.timestamp())
    seen = Seen(event, position, at)
    if fact is None:
        return _enrolled(seen)
    if newcomer is None:
        raise LookupError(f"{event.originator_id} was never enrolled")
    return fact(newcomer, seen)


def _enrolled(seen: Seen) -> Newcomer:
    event: events.Enrolled = seen.event
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
    event: events.EnrolmentCorrected = seen.event
    return replace(
        was,
        entered_on=event.entered_on,
        post=event.post,
        manager=event.manager,
        enrolled_corrected=(*was.enrolled_corrected, seen.position),
    )


def _transferred(was: Newcomer, seen: Seen) -> Newcomer:
    event: events.CohortTransferred = seen.event
    moved = Transfer(event.on, event.cohort_id, event.cohort_code, seen.position)
    return replace(was, transfers=(*was.transfers, moved))


def _manager_changed(was: Newcomer, seen: Seen) -> Newcomer:
    managed = Managed(seen.event.on, seen.event.manager, seen.position)
    return replace(was, managers=(*was.managers, managed))


def _judged(was: Newcomer, seen: Seen) -> Newcomer:
    event: events.TrialPassed | events.TrialFailed = seen.event
    feedback = bool(event.feedback.strip())
    trial = Trial(event.on, event.passed, seen.position, feedback, seen.at, fact=event.fact_id)
    return replace(was, trials=(*was.trials, trial))


def _trial_corrected(was: Newcomer, seen: Seen) -> Newcomer:
    event: events.TrialCorrected = seen.event
    feedback = bool(event.feedback.strip())
    said = {"on": event.on, "passed": event.passed, "has_feedback": feedback}
    return replace(was, trials=_corrected(was.trials, seen, **said))


def _examined(was: Newcomer, seen: Seen) -> Newcomer:
    event: events.WrittenExamRecorded | events.DrillRecorded | events.MakeupMissed = seen.event
    kind: Literal["written", "drill"] = DRILL if event.kind == DRILL else WRITTEN
    exam = Exam(
        kind, event.on, event.passed, seen.position, event.score, seen.at, fact=event.fact_id
    )
    return replace(was, exams=(*was.exams, exam))


def _exam_corrected(was: Newcomer, seen: Seen) -> Newcomer:
    event: events.ExamCorrected = seen.event
    said = {"on": event.on, "passed": event.passed, "score": event.score}
    return replace(was, exams=_corrected(was.exams, seen, **said))


def _went_live(was: Newcomer, seen: Seen) -> Newcomer:
    live = Live(seen.event.on, seen.position, seen.at, fact=seen.event.fact_id)
    return replace(was, lives=(*was.lives, live))


def _go_live_corrected(was: Newcomer, seen: Seen) -> Newcomer:
    return replace(was, lives=_corrected(was.lives, seen, on=seen.event.on))


def _held_off_post(was: Newcomer, seen: Seen) -> Newcomer:
    return replace(was, holds=(*was.holds, Hold(seen.event.on, seen.position)))


def _order_closed(was: Newcomer, seen: Seen) -> Newcomer:
    event: events.OrderClosed = seen.event
    order = Order(event.order_no, event.closed_on, seen.position, recorded_at=seen.at)
    return replace(was, orders=(*was.orders, order))


def _order_taken_over(was: Newcomer, seen: Seen) -> Newcomer:
    event: events.OrderTakenOver = seen.event
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
    event: events.ComplaintWithdrawn = seen.event
    (complaint,) = (one for one in was.complaints if one.no == event.complaint_no)
    complaints = _changed(
        was.complaints, complaint, withdrawn_on=event.on, withdrawn_position=seen.position
    )
    return replace(was, complaints=complaints)


def _spot_checked(was: Newcomer, seen: Seen) -> Newcomer:
    event: events.SpotChecked = seen.event
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


def _corrected(facts: tuple[C, ...], seen: Seen, **said: Any) -> tuple[C, ...]:
    """The facts with the one that the event corrects as it was all along."""
    one: C = next(fact for fact in facts if fact.fact == seen.event.fact)
    return _changed(facts, one, corrected=(*one.corrected, seen.position), **said)


def _changed(facts: tuple[F, ...], one: F, **fields: Any) -> tuple[F, ...]:
    """The facts with one of them changed where it stands."""
    return tuple(replace(fact, **fields) if fact is one else fact for fact in facts)


_FACTS: dict[type[DomainEvent], Callable[[Newcomer, Seen], Newcomer]] = {
    events.EnrolmentCorrected: _enrolment_corrected,
    events.CohortTransferred: _transferred,
    events.ManagerChanged: _manager_changed,
    events.TrialPassed: _judged,
    events.TrialFailed: _judged,
    events.TrialCorrected: _trial_corrected,
    events.WrittenExamRecorded: _examined,
    events.DrillRecorded: _examined,
    events.MakeupMissed: _examined,
    events.ExamCorrected: _exam_corrected,
    events.WentLive: _went_live,
    events.GoLiveCorrected: _go_live_corrected,
    events.HeldOffPost: _held_off_post,
    events.SpotChecked: _spot_checked,
    events.OrderClosed: _order_closed,
    events.OrderReassigned: _order_reassigned,
    events.OrderTakenOver: _order_taken_over,
    events.OrderVoided: _order_voided,
    events.OrderCorrected: _order_corrected,
    events.ComplaintFiled: _complaint_filed,
    events.ComplaintWithdrawn: _complaint_withdrawn,
    events.Left: _left,
    events.Eliminated: _eliminated,
    events.LeavingCorrected: _leaving_corrected,
    events.LeavingWithdrawn: _leaving_withdrawn,
    events.Rejoined: _rejoined,
}

TOPICS = frozenset({events.Enrolled.TOPIC, *(kind.TOPIC for kind in _FACTS)})
"""The events that the fold looks at: all of a trainee's."""
