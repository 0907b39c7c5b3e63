"""The facts of classes, and of training managers, that figures are counted from (S14, S31-S34).

The evening of a day decides, as it does for windows; an answer of None means that the day cannot
tell yet. For `position`, `recorded_at`, `corrected` see domain/kpi/subjects/facts.py.
"""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from operator import attrgetter
from typing import Literal, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from domain.kernel.facts import in_force
from domain.kpi.subjects.fold import Fold, LoggedEvent, Step, fact_of, restated, with_field
from domain.teaching.session import Session

Deviation = Literal["moved", "topic_dropped"]
"""What is a major deviation from the plan (重大偏差), where no approved change says otherwise."""


class Handover(Struct, frozen=True, gc=False):
    """A batch under a training manager, or none, from a day on (S14): by the id, and for readers by
    the name."""

    on: date
    training_manager: str | None
    position: int
    fact: int = 0


class Plan(Struct, frozen=True, gc=False, omit_defaults=True):
    """A day and topics; approved_on: None for the first plan, which nobody need approve.

    approved_by: the role of the approver.
    """

    planned_on: date
    topics: tuple[str, ...]
    position: int
    recorded_at: int = 0
    approved_on: date | None = None
    approved_by: str | None = None


_APPROVED_ON: Callable[[Plan], date] = attrgetter("approved_on")


class Opening(Struct, frozen=True, gc=False, omit_defaults=True):
    """When the class opened, and how many were there."""

    on: date
    headcount: int
    position: int
    recorded_at: int = 0
    corrected: tuple[int, ...] = ()


class Closing(Struct, frozen=True, gc=False, omit_defaults=True):
    """When the class ended, what had been taught, and how many were there."""

    on: date
    topics_taught: tuple[str, ...]
    headcount: int
    position: int
    recorded_at: int = 0
    corrected: tuple[int, ...] = ()


class Summary(Struct, frozen=True, gc=False, omit_defaults=True):
    """When the written summary was handed in."""

    on: date
    position: int
    recorded_at: int = 0
    corrected: tuple[int, ...] = ()


class Cancelling(Struct, frozen=True, gc=False, omit_defaults=True):
    """When the class was called off."""

    on: date
    position: int
    recorded_at: int = 0


K = TypeVar("K", Opening, Closing, Summary, Cancelling)


def known_by(day: date, fact: K | None) -> K | None:
    """The fact, if it had happened by the evening of a day."""
    return fact if fact and fact.on <= day else None


class ClassFacts(Struct, frozen=True, omit_defaults=True):
    """The facts of one class session in the order of life; changes in the order of recording."""

    session_id: str
    code: str
    cohort_id: str
    cohort_code: str
    kind: str
    plan: Plan
    changes: tuple[Plan, ...] = ()
    opening: Opening | None = None
    closing: Closing | None = None
    summary: Summary | None = None
    cancelling: Cancelling | None = None

    def plan_on(self, day: date) -> Plan:
        """The plan in force on a day: no change approved after the opening touches it."""
        until = min(day, self.opening.on) if self.opening else day
        return in_force(self.changes, until, _APPROVED_ON) or self.plan

    def is_due(self, day: date) -> bool:
        """Whether the class has to be answered for: it opened, or its planned day has come.

        Calling it off after its planned day takes nothing away.
        """
        if known_by(day, self.opening):
            return True
        planned_on = self.plan_on(day).planned_on
        return planned_on <= day and not known_by(min(day, planned_on), self.cancelling)

    def opened_on_time(self, day: date) -> bool | None:
        """Whether the class opened on its planned day or earlier (S31); None until it is due."""
        if not self.is_due(day):
            return None
        opening = known_by(day, self.opening)
        return opening is not None and opening.on <= self.plan_on(day).planned_on

    def summary_in_time(self, day: date, days: int) -> bool | None:
        """Whether the summary came within so many days of the closing (S33), the last included.

        None where the class has not ended, and while the summary is awaited.
        """
        closing = known_by(day, self.closing)
        if closing is None:
            return None
        due_on = closing.on + timedelta(days=days)
        if summary := known_by(day, self.summary):
            return summary.on <= due_on
        return False if due_on <= day else None

    def topics_dropped(self, day: date) -> tuple[str, ...]:
        """The topics of the plan in force that were not taught; none until the class has ended."""
        closing = known_by(day, self.closing)
        taught = closing.topics_taught if closing else self.plan_on(day).topics
        return tuple(topic for topic in self.plan_on(day).topics if topic not in taught)

    def deviations(self, day: date, moved_days: int) -> tuple[Deviation, ...] | None:
        """The deviations of the class from the plan in force (S34); empty where it kept it.

        None where it is not due, and until it has ended without having been moved.
        """
        if not self.is_due(day):
            return None
        plan = self.plan_on(day)
        opening, closing = known_by(day, self.opening), known_by(day, self.closing)
        found: list[Deviation] = []
        if abs((opening.on if opening else day) - plan.planned_on) > timedelta(days=moved_days):
            found.append("moved")
        if self.topics_dropped(day):
            found.append("topic_dropped")
        return tuple(found) if found or closing else None


def training_manager_on(handovers: Sequence[Handover], day: date) -> str | None:
    """The batch's training manager on the evening of a day; handovers in the order of recording."""
    last = in_force(handovers, day)
    return last.training_manager if last else None


def answered_for(handovers: Sequence[Handover], day: date, evening: date) -> str | None:
    """Who answered for the batch on a day, as it was known on an evening; for a day before the
    opening whoever opened it. handovers: the opening first."""
    if not handovers:
        return None
    day = max(day, handovers[0].on)
    return training_manager_on(handovers, day) if day <= evening else None


def _planned(_: object, logged: LoggedEvent) -> ClassFacts:
    event: Session.Planned = logged.event
    return ClassFacts(
        session_id=event.originator_id,
        code=event.code,
        cohort_id=event.cohort_id,
        cohort_code=event.cohort_code,
        kind=event.kind,
        plan=Plan(event.planned_on, event.topics, logged.position, logged.at),
    )


def _changed(was: ClassFacts, logged: LoggedEvent) -> ClassFacts:
    event: Session.PlanChangeApproved = logged.event
    change = Plan(
        event.planned_on, event.topics, logged.position, logged.at, event.on, event.approved_by
    )
    return replace(was, changes=(*was.changes, change))


def _says(field: str, make: Callable[[LoggedEvent], Struct]) -> Step[ClassFacts]:
    """A step that sets the fact of a field."""
    return lambda was, logged: with_field(was, field, make(logged))


def _corrects(field: str, make: Callable[[LoggedEvent], Struct]) -> Step[ClassFacts]:
    """A step that corrects the fact of a field."""
    return lambda was, logged: with_field(
        was, field, restated(make(logged), getattr(was, field), logged)
    )


_FOLD = Fold[ClassFacts](
    Session.Planned,
    {
        Session.Planned: _planned,
        Session.PlanChangeApproved: _changed,
        Session.Opened: _says("opening", fact_of(Opening)),
        Session.OpeningCorrected: _corrects("opening", fact_of(Opening)),
        Session.Closed: _says("closing", fact_of(Closing)),
        Session.ClosingCorrected: _corrects("closing", fact_of(Closing)),
        Session.SummaryWritten: _says("summary", fact_of(Summary)),
        Session.SummaryCorrected: _corrects("summary", fact_of(Summary)),
        Session.Cancelled: _says("cancelling", fact_of(Cancelling)),
    },
)

FOLD, evolve = _FOLD.steps, _FOLD.evolve
