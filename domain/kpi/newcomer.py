"""What the figures need to know of one trainee: the fold, and the row of `newcomers`.

Every fact carries `position`, the place in the tenant's log of the event that made it, so that a
figure can be opened down to its events. No name and nothing else personal is kept here.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from msgspec import Struct
from msgspec.structs import replace

from domain.aggregate import DomainEvent
from domain.trainee import SALES, Trainee


class Trial(Struct, frozen=True, gc=False, omit_defaults=True):
    """A verdict on the trial post (试岗)."""

    on: date
    passed: bool
    position: int


class Exam(Struct, frozen=True, gc=False, omit_defaults=True):
    """A result of the written exam (笔试) or of the drill (演练); score is 0 to 100 or unknown."""

    kind: Literal["written", "drill"]
    on: date
    passed: bool
    position: int
    score: Decimal | None = None


class Live(Struct, frozen=True, gc=False, omit_defaults=True):
    """A go-live (上岗): the first day of a window."""

    on: date
    position: int


class Order(Struct, frozen=True, gc=False, omit_defaults=True):
    """An order credited to this seller from its closing on, until it is voided or reassigned."""

    no: str
    closed_on: date
    position: int
    voided_on: date | None = None
    voided_position: int | None = None
    reassigned_on: date | None = None
    reassigned_position: int | None = None


class Newcomer(Struct, frozen=True, omit_defaults=True):
    """The facts of one trainee in the order of life; `left_on` is the last day worked."""

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

    @property
    def is_newcomer(self) -> bool:
        """Only salespeople are newcomers (新人); special posts train too (S67, S80)."""
        return self.post == SALES


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
