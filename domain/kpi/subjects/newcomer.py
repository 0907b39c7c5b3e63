"""What the figures need to know of one trainee: the fold, and the row of `newcomers`.

Every fact carries `position`, the place in the tenant's log of the event that made it, so that a
figure can be opened down to its events. A correction changes the fact where it stands and leaves
its own place in `corrected`. No name and nothing else personal is kept here.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from domain.kernel.aggregate import UNRECORDED, Correction, DomainEvent
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
from domain.trainees.events import SALES

C = TypeVar("C", bound=Trial | Exam | Live)
F = TypeVar("F", Order, Complaint)


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
    return event.originator_id if type(event) in FOLD else None


def evolve(
    newcomer: Newcomer | None, event: DomainEvent, position: int, recorded_at: datetime
) -> Newcomer | None:
    """The facts after the event; an event that is none of these changes nothing.

    recorded_at: UNRECORDED where it is not known. Raises LookupError where the log says something
    of a trainee that it never enrolled.
    """
    kind = type(event)
    fact = FOLD.get(kind)
    if fact is None:
        return newcomer
    if newcomer is None and kind is not events.Enrolled:
        raise LookupError(f"{event.originator_id} was never enrolled")
    at = 0 if recorded_at == UNRECORDED else int(recorded_at.timestamp())
    return fact(newcomer, Seen(event, position, at))


def _enrolled(_: object, seen: Seen) -> Newcomer:
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
    event: events.TrialPassed | events.TrialFailed | events.TrialCorrected = seen.event
    feedback, fact = bool(event.feedback.strip()), event.fact_id
    trial = Trial(event.on, event.passed, seen.position, feedback, seen.at, fact=fact)
    return replace(was, trials=_with(was.trials, trial, seen))


def _examined(was: Newcomer, seen: Seen) -> Newcomer:
    event = seen.event
    fact = event.fact_id
    exam = Exam(event.kind, event.on, event.passed, seen.position, event.score, seen.at, fact=fact)
    return replace(was, exams=_with(was.exams, exam, seen))


def _went_live(was: Newcomer, seen: Seen) -> Newcomer:
    live = Live(seen.event.on, seen.position, seen.at, fact=seen.event.fact_id)
    return replace(was, lives=_with(was.lives, live, seen))


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
    return replace(
        was,
        left_on=seen.event.on,
        left_position=seen.position,
        eliminated=isinstance(seen.event, events.Eliminated),
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


def _with(facts: tuple[C, ...], fact: C, seen: Seen) -> tuple[C, ...]:
    """With a new fact, or with a corrected one where it stands, first recorded when it was."""
    if not isinstance(seen.event, Correction):
        return (*facts, fact)
    (one,) = (each for each in facts if each.fact == fact.fact)
    said = replace(
        fact,
        position=one.position,
        recorded_at=one.recorded_at,
        corrected=(*one.corrected, seen.position),
    )
    return tuple(said if each is one else each for each in facts)


def _changed(facts: tuple[F, ...], one: F, **fields: Any) -> tuple[F, ...]:
    """The facts with one of them changed where it stands."""
    return tuple(replace(fact, **fields) if fact is one else fact for fact in facts)


FOLD: dict[type[DomainEvent], Callable[[Any, Seen], Newcomer]] = {
    events.Enrolled: _enrolled,
    events.EnrolmentCorrected: _enrolment_corrected,
    events.CohortTransferred: _transferred,
    events.ManagerChanged: _manager_changed,
    events.TrialPassed: _judged,
    events.TrialFailed: _judged,
    events.TrialCorrected: _judged,
    events.WrittenExamRecorded: _examined,
    events.DrillRecorded: _examined,
    events.MakeupMissed: _examined,
    events.ExamCorrected: _examined,
    events.WentLive: _went_live,
    events.GoLiveCorrected: _went_live,
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
    events.Eliminated: _left,
    events.LeavingCorrected: _leaving_corrected,
    events.LeavingWithdrawn: _leaving_withdrawn,
    events.Rejoined: _rejoined,
}
"""What each event does to the facts; other events do nothing."""
