"""What the figures need to know of one trainee: the fold, and the row of `newcomers`.

Every fact carries `position`, the place in the tenant's log of the event that made it, so that a
figure can be opened down to its events. No name and nothing else personal is kept here.
"""

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from domain.aggregate import DomainEvent
from domain.kpi.facts import (
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
from domain.trainee import SALES, Trainee

D = TypeVar("D", Transfer, Managed)


class Newcomer(Struct, frozen=True, omit_defaults=True):
    """The facts of one trainee in the order of life; `left_on` is the last day worked.

    cohort_id, cohort_code, manager: as enrolled; later ones are in transfers and managers. rejoins:
    the trainee that the same person was before. eliminated: whether the leaving was an elimination
    (淘汰, S36).
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


def key(event: DomainEvent) -> str | None:
    """The trainee whose facts the event changes; None where it changes nobody's."""
    kind = type(event)
    return event.originator_id if kind in _FACTS or kind is Trainee.Enrolled else None


def evolve(newcomer: Newcomer | None, event: DomainEvent, position: int) -> Newcomer | None:
    """The facts after the event; an event that is none of these changes nothing.

    Raises LookupError where the log says something of a trainee that it never enrolled.
    """
    kind = type(event)
    if kind is Trainee.Enrolled:
        return _enrolled(event, position)
    fact = _FACTS.get(kind)
    if fact is None:
        return newcomer
    if newcomer is None:
        raise LookupError(f"{event.originator_id} was never enrolled")
    return fact(newcomer, event, position)


def _enrolled(event: Any, position: int) -> Newcomer:
    return Newcomer(
        trainee_id=event.originator_id,
        employee_no=event.employee_no,
        cohort_id=event.cohort_id,
        cohort_code=event.cohort_code,
        manager=event.manager,
        post=event.post,
        entered_on=event.entered_on,
        enrolled_position=position,
    )


def _trial_passed(was: Newcomer, event: Trainee.TrialPassed, position: int) -> Newcomer:
    return replace(was, trials=(*was.trials, Trial(event.on, True, position)))


def _trial_failed(was: Newcomer, event: Trainee.TrialFailed, position: int) -> Newcomer:
    return replace(was, trials=(*was.trials, Trial(event.on, False, position)))


def _written(was: Newcomer, event: Trainee.WrittenExamRecorded, position: int) -> Newcomer:
    exam = Exam("written", event.on, event.passed, position, event.score)
    return replace(was, exams=(*was.exams, exam))


def _drill(was: Newcomer, event: Trainee.DrillRecorded, position: int) -> Newcomer:
    exam = Exam("drill", event.on, event.passed, position, event.score)
    return replace(was, exams=(*was.exams, exam))


def _went_live(was: Newcomer, event: Trainee.WentLive, position: int) -> Newcomer:
    return replace(was, lives=(*was.lives, Live(event.on, position)))


def _order_closed(was: Newcomer, event: Trainee.OrderClosed, position: int) -> Newcomer:
    order = Order(event.order_no, event.closed_on, position)
    return replace(was, orders=(*was.orders, order))


def _order_voided(was: Newcomer, event: Trainee.OrderVoided, position: int) -> Newcomer:
    orders = tuple(
        replace(order, voided_on=event.on, voided_position=position)
        if order.no == event.order_no
        else order
        for order in was.orders
    )
    return replace(was, orders=orders)


def _left(was: Newcomer, event: Trainee.Left, position: int) -> Newcomer:
    return replace(was, left_on=event.on, left_position=position)


_FACTS: dict[type[DomainEvent], Callable[[Newcomer, Any, int], Newcomer]] = {
    Trainee.TrialPassed: _trial_passed,
    Trainee.TrialFailed: _trial_failed,
    Trainee.WrittenExamRecorded: _written,
    Trainee.DrillRecorded: _drill,
    Trainee.WentLive: _went_live,
    Trainee.OrderClosed: _order_closed,
    Trainee.OrderVoided: _order_voided,
    Trainee.Left: _left,
}
