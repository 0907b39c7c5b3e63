"""The facts of one trainee that figures are counted from, and the fold that makes them.

Every fact carries `position`, the place in the tenant's log of the event that made it, so that a
figure can be opened down to its events. A correction changes the fact where it stands and leaves
its own place in `corrected`. No name and nothing else personal is kept here.
"""

from collections.abc import Callable, Mapping
from datetime import date
from operator import attrgetter
from typing import Self

from msgspec import Struct
from msgspec.structs import replace

from domain.kernel.aggregate import Happening
from domain.kernel.facts import in_force
from domain.kpi.subjects.facts import (
    ComplaintFact,
    ExamFact,
    GoLiveFact,
    HoldFact,
    ManagerFact,
    OrderFact,
    PostFact,
    SpotCheckFact,
    TransferFact,
    TrialFact,
    WithdrawnFact,
)
from domain.kpi.subjects.fold import (
    Fold,
    LoggedEvent,
    Step,
    fact_of,
    restated,
    with_field,
)
from domain.trainees import events
from domain.trainees.events import SALES


class Newcomer(Struct, frozen=True, gc=False, omit_defaults=True):
    """The facts of one trainee in the order of life; `left_on` is the last day worked.

    cohort_id, cohort_code, manager_id, post: as enrolled; later ones are in transfers, managers
    and posts. rejoins: the trainee that the same person was before. eliminated: whether the leaving
    was an elimination (淘汰, S36). withdrawn: what was recorded by mistake, and is in no other
    field.
    """

    trainee_id: str
    employee_no: str
    cohort_id: str
    cohort_code: str
    manager_id: str | None
    post: str
    entered_on: date
    enrolled_position: int
    trials: tuple[TrialFact, ...] = ()
    exams: tuple[ExamFact, ...] = ()
    lives: tuple[GoLiveFact, ...] = ()
    orders: tuple[OrderFact, ...] = ()
    left_on: date | None = None
    left_position: int | None = None
    eliminated: bool = False
    left_recorded_at: int = 0
    left_corrected: tuple[int, ...] = ()
    enrolled_recorded_at: int = 0
    enrolled_corrected: tuple[int, ...] = ()
    rejoins: str | None = None
    holds: tuple[HoldFact, ...] = ()
    transfers: tuple[TransferFact, ...] = ()
    managers: tuple[ManagerFact, ...] = ()
    complaints: tuple[ComplaintFact, ...] = ()
    checks: tuple[SpotCheckFact, ...] = ()
    withdrawn: tuple[WithdrawnFact, ...] = ()
    posts: tuple[PostFact, ...] = ()

    def sells_on(self, day: date) -> bool:
        """Whether the post on the evening of a day is sales: only salespeople are newcomers (新人),
        special posts train too (S67, S80)."""
        return self.post_on(day) == SALES

    def post_on(self, day: date) -> str:
        """The post on the evening of a day."""
        changed = in_force(self.posts, day) if self.posts else None
        return changed.post if changed else self.post

    def passed(self, kind: str, by: date) -> bool:
        """Whether the last result of that exam up to a day was a pass."""
        last = in_force([exam for exam in self.exams if exam.kind == kind], by)
        return last is not None and last.passed

    def cohort_on(self, day: date) -> str:
        """The code of the batch that the trainee belonged to on the evening of a day."""
        if not self.transfers:
            return self.cohort_code
        _, code = self.batch_on(day)
        return code

    def batch_on(self, day: date) -> tuple[str, str]:
        """The id and the code of that batch."""
        moved = in_force(self.transfers, day) if self.transfers else None
        batch = moved or self
        return batch.cohort_id, batch.cohort_code

    def manager_on(self, day: date) -> str | None:
        """The id of the manager on the evening of a day."""
        changed = in_force(self.managers, day) if self.managers else None
        return changed.manager_id if changed else self.manager_id

    def joined(self, into: Mapping[str, str]) -> Self:
        """The same, under those who are meant by managers who were joined into others. into: these,
        by the ids of who was joined."""
        were = (self.manager_id, *(one.manager_id for one in self.managers)) if into else ()
        if into.keys().isdisjoint(were):
            return self
        manager_id, *others = (into.get(one or "", one) for one in were)
        later = zip(self.managers, others, strict=True)
        managers = tuple(replace(fact, manager_id=one) for fact, one in later)
        return replace(self, manager_id=manager_id, managers=managers)

    def orders_by(self, day: date) -> list[OrderFact]:
        """The orders that had come to the seller by a day, each once: one that came back as it came
        back last."""
        return list({one.no: one for one in self.orders if one.is_known(day)}.values())

    def days(self) -> list[date]:
        """The days of all facts, in no order: on whose evenings something is known that was not."""
        days = [self.entered_on] if self.left_on is None else [self.entered_on, self.left_on]
        for facts in _dated(self):
            for fact in facts:
                days.append(fact.on)
        for order in self.orders:
            days.append(order.closed_on)
            others = (order.credited_on, order.voided_on, order.reassigned_on)
            if any(others):
                days += filter(None, others)
        for complaint in self.complaints:
            days += filter(None, (complaint.on, complaint.withdrawn_on))
        return days

    def without_leaving(self) -> "Newcomer":
        """The same as if nobody had left."""
        return replace(
            self,
            left_on=None,
            left_position=None,
            eliminated=False,
            left_recorded_at=0,
            left_corrected=(),
        )


DATED = (
    *("lives", "trials", "exams", "holds"),
    *("transfers", "managers", "posts", "checks", "withdrawn"),
)
"""The facts that are known from their day on."""

_dated = attrgetter(*DATED)

LISTED = (
    *("trials", "exams", "lives", "orders", "holds"),
    *("transfers", "managers", "posts", "complaints", "checks"),
)
"""The fields that hold any number of facts, each with its id."""

ENDINGS = {
    events.OrderReassigned.TOPIC: ("orders", "reassigned"),
    events.OrderVoided.TOPIC: ("orders", "voided"),
    events.ComplaintWithdrawn.TOPIC: ("complaints", "withdrawn"),
}
"""What ends a fact of a number: the field of such facts, and what the ending is called there."""


def _enrolled(_: object, logged: LoggedEvent) -> Newcomer:
    event: events.Enrolled = logged.event
    return Newcomer(
        trainee_id=event.originator_id,
        employee_no=event.employee_no,
        cohort_id=event.cohort_id,
        cohort_code=event.cohort_code,
        manager_id=event.manager_id,
        post=event.post,
        entered_on=event.entered_on,
        enrolled_position=logged.position,
        enrolled_recorded_at=logged.at,
        rejoins=event.rejoins,
    )


def _enrolment_corrected(was: Newcomer, logged: LoggedEvent) -> Newcomer:
    event: events.EnrolmentCorrected = logged.event
    return replace(
        was,
        entered_on=event.entered_on,
        post=event.post,
        manager_id=event.manager_id,
        enrolled_corrected=(*was.enrolled_corrected, logged.position),
    )


def _order(logged: LoggedEvent) -> OrderFact:
    event: events.OrderClosed | events.OrderTakenOver = logged.event
    taken = event if isinstance(event, events.OrderTakenOver) else None
    return OrderFact(
        event.order_no,
        event.closed_on,
        logged.position,
        credited_on=taken.on if taken else None,
        recorded_at=logged.at,
        product=event.product,
        amount=event.amount,
        taken_from=taken.from_trainee_id if taken else None,
        fact=event.fact_id,
    )


def _complaint(logged: LoggedEvent) -> ComplaintFact:
    event: events.ComplaintFiled = logged.event
    return ComplaintFact(event.complaint_no, event.on, logged.position, fact=event.fact_id)


def _order_corrected(was: Newcomer, logged: LoggedEvent) -> Newcomer:
    """In every entry of that number: it was closed but once, however often it came back."""
    event: events.OrderCorrected = logged.event
    said = {name: getattr(event, name) for name in ("closed_on", "product", "amount")}
    orders = tuple(
        replace(order, **said, corrected=(*order.corrected, logged.position))
        if order.no == event.order_no
        else order
        for order in was.orders
    )
    return replace(was, orders=orders)


def _left(was: Newcomer, logged: LoggedEvent) -> Newcomer:
    return replace(
        was,
        left_on=logged.event.on,
        left_position=logged.position,
        eliminated=isinstance(logged.event, events.Eliminated),
        left_recorded_at=logged.at,
    )


def _leaving_corrected(was: Newcomer, logged: LoggedEvent) -> Newcomer:
    corrected = (*was.left_corrected, logged.position)
    return replace(was, left_on=logged.event.on, left_corrected=corrected)


def _adds(field: str, make: Callable[[LoggedEvent], Struct]) -> Step[Newcomer]:
    """A step that adds a fact to those of a field."""

    def step(was: Newcomer, logged: LoggedEvent) -> Newcomer:
        return with_field(was, field, (*getattr(was, field), make(logged)))

    return step


def _corrects(field: str, make: Callable[[LoggedEvent], Struct]) -> Step[Newcomer]:
    """A step that puts a fact in the place of the one that the event corrects."""

    def step(was: Newcomer, logged: LoggedEvent) -> Newcomer:
        facts = getattr(was, field)
        (one,) = (each for each in facts if each.fact == logged.event.fact)
        return with_field(was, field, _instead(facts, one, restated(make(logged), one, logged)))

    return step


def _ends(kind: type[Happening]) -> Step[Newcomer]:
    """A step that ends the fact of the event's number, of several entries the last."""
    field, ending = ENDINGS[kind.TOPIC]

    def step(was: Newcomer, logged: LoggedEvent) -> Newcomer:
        facts, event = getattr(was, field), logged.event
        held = [fact for fact in facts if fact.no == getattr(event, kind.ENDS or "")][-1]
        ended = {f"{ending}_on": event.on, f"{ending}_position": logged.position}
        return with_field(was, field, _instead(facts, held, replace(held, **ended)))

    return step


def _withdrawn(was: Newcomer, logged: LoggedEvent) -> Newcomer | None:
    """The facts as if the withdrawn one had not been recorded; None without the enrolment."""
    event: events.FactWithdrawn = logged.event
    if event.what == events.Enrolled.TOPIC:
        return None
    told = (*was.withdrawn, WithdrawnFact(event.was_on, logged.position, event.what))
    return with_field(_without(was, event), "withdrawn", told)


def _without(was: Newcomer, event: events.FactWithdrawn) -> Newcomer:
    if event.what in (events.Left.TOPIC, events.Eliminated.TOPIC):
        return was.without_leaving()
    if event.what in ENDINGS:
        field, ending = ENDINGS[event.what]
        facts, ended_on = getattr(was, field), f"{ending}_on"
        for one in reversed(facts):
            if one.no == event.number and getattr(one, ended_on) is not None:
                held = replace(one, **{ended_on: None, f"{ending}_position": None})
                return with_field(was, field, _instead(facts, one, held))
    for field in LISTED:
        facts = getattr(was, field)
        if any(one.fact == event.fact for one in facts):
            return with_field(was, field, tuple(one for one in facts if one.fact != event.fact))
    return was


def _instead(facts: tuple[Struct, ...], one: Struct, other: Struct) -> tuple[Struct, ...]:
    return tuple(other if fact is one else fact for fact in facts)


_FOLD = Fold[Newcomer](
    events.Enrolled,
    {
        events.Enrolled: _enrolled,
        events.EnrolmentCorrected: _enrolment_corrected,
        events.CohortTransferred: _adds("transfers", fact_of(TransferFact)),
        events.ManagerChanged: _adds("managers", fact_of(ManagerFact)),
        events.PostChanged: _adds("posts", fact_of(PostFact)),
        events.TrialPassed: _adds("trials", fact_of(TrialFact)),
        events.TrialFailed: _adds("trials", fact_of(TrialFact)),
        events.TrialCorrected: _corrects("trials", fact_of(TrialFact)),
        events.WrittenExamRecorded: _adds("exams", fact_of(ExamFact)),
        events.DrillRecorded: _adds("exams", fact_of(ExamFact)),
        events.MakeupMissed: _adds("exams", fact_of(ExamFact)),
        events.ExamCorrected: _corrects("exams", fact_of(ExamFact)),
        events.WentLive: _adds("lives", fact_of(GoLiveFact)),
        events.GoLiveCorrected: _corrects("lives", fact_of(GoLiveFact)),
        events.HeldOffPost: _adds("holds", fact_of(HoldFact)),
        events.SpotChecked: _adds("checks", fact_of(SpotCheckFact)),
        events.OrderClosed: _adds("orders", _order),
        events.OrderReassigned: _ends(events.OrderReassigned),
        events.OrderTakenOver: _adds("orders", _order),
        events.OrderVoided: _ends(events.OrderVoided),
        events.OrderCorrected: _order_corrected,
        events.ComplaintFiled: _adds("complaints", _complaint),
        events.ComplaintWithdrawn: _ends(events.ComplaintWithdrawn),
        events.Left: _left,
        events.Eliminated: _left,
        events.LeavingCorrected: _leaving_corrected,
        events.FactWithdrawn: _withdrawn,
        # What follows happens to another trainee.
        events.Rejoined: lambda was, _: was,
    },
)

FOLD, key, evolve = _FOLD.steps, _FOLD.key, _FOLD.evolve
