"""One newcomer on the evening of a day: what every measure of newcomers is read from."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, tzinfo
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import Any, TypeVar, get_args

from msgspec import Struct

from domain.kernel.aggregate import DomainEvent, topics_of
from domain.kpi.scheme.versions import Parameters
from domain.kpi.subjects.facts import ComplaintFact, ExamFact, OrderFact, SpotCheckFact, TrialFact
from domain.kpi.subjects.newcomer import Newcomer
from domain.kpi.subjects.window import Window, Windows, cohort_of, manager_of
from domain.trainees import events

JUDGING = (events.TrialPassed, events.TrialFailed)
EXAMINING = (events.WrittenExamRecorded, events.DrillRecorded, events.MakeupMissed)
ORDERING = get_args(events.OrderEvent)
LEAVING = (events.Left, events.Eliminated)
"""The events of facts of a kind, for what was withdrawn of it."""

F = TypeVar("F", ComplaintFact, SpotCheckFact)

QUARTER = 15 * 60
"""Seconds."""


class NewcomerState(Struct, dict=True):
    """One newcomer, the window if there is one, and what had happened by `day`.

    rules: the parameters that score. orders: the valid ones (kpi.md). employed: went live and had
    not left by the cut-off. ordered: counts in the order rate's numerator. trials_judged,
    trials_passed: trial posts by the day. What several measures ask for is said once.
    """

    newcomer: Newcomer
    window: Window | None
    day: date
    rules: Parameters
    zone: tzinfo
    employed: bool = False
    ordered: bool = False
    orders: list[OrderFact] = []
    trials_judged: int = 0
    trials_passed: int = 0

    def __post_init__(self) -> None:
        newcomer, window = self.newcomer, self.window
        if newcomer.trials:
            trials = self.trials
            self.trials_judged = len(trials)
            self.trials_passed = sum([trial.passed for trial in trials])
        if window is None:
            return
        self.employed = employed = not window.lost(newcomer)
        if newcomer.orders:
            self.orders = orders = window.valid(newcomer.orders)
            self.ordered = bool(orders) and (employed or self.rules.leaver_rule == "counted")

    @property
    def trainee_id(self) -> str:
        return self.newcomer.trainee_id

    subject_id = trainee_id

    @property
    def label(self) -> str:
        return self.newcomer.employee_no

    @property
    def cohort_code(self) -> str:
        return cohort_of(self.newcomer, self.window, self.day)

    @property
    def manager(self) -> str | None:
        """Whom it counts for (主管)."""
        return manager_of(self.newcomer, self.window, self.day)

    @property
    def term(self) -> Window | None:
        return self.window

    @property
    def origin_events(self) -> tuple[int, ...]:
        """The events of the go-live, or before it of the enrolment."""
        return self.live_events or self.enrolment_events

    @property
    def is_open(self) -> bool:
        return self.window is not None and self.window.is_open

    @property
    def may_lose(self) -> bool:
        """Whether leaving may still take it out."""
        return self.window is not None and self.window.may_lose

    @property
    def trials(self) -> list[TrialFact]:
        """The verdicts on trial posts by the day."""
        day = self.day
        return [trial for trial in self.newcomer.trials if trial.on <= day]

    @property
    def written_exams(self) -> list[ExamFact]:
        """The written exams by the day, a missed makeup among them, in their order."""
        sat = [e for e in self.newcomer.exams if e.kind == "written" and e.on <= self.day]
        return sat if len(sat) < 2 else sorted(sat, key=lambda exam: (exam.on, exam.position))

    @property
    def scored_exams(self) -> list[tuple[ExamFact, Decimal]]:
        """The written exams that have a score, from 0 to 100."""
        return [(exam, exam.score) for exam in self.written_exams if exam.score is not None]

    @property
    def live_on(self) -> date | None:
        return None if self.window is None else self.window.first_day

    @property
    def left_on(self) -> date | None:
        """The last day worked, if it was on or before the day."""
        left_on = self.newcomer.left_on
        return left_on if left_on is not None and left_on <= self.day else None

    @property
    def order_days(self) -> list[int]:
        """The days since the go-live, itself day 1, on which the valid orders were closed."""
        if self.window is None:
            return []
        first = self.window.first_day
        return [(order.closed_on - first).days + 1 for order in self.orders]

    @property
    def live_events(self) -> tuple[int, ...]:
        """The events of the go-live that opened the window."""
        first = self.live_on
        return tuple(events_of(*(live for live in self.newcomer.lives if live.on == first)))

    @property
    def enrolment_events(self) -> tuple[int, ...]:
        return (self.newcomer.enrolled_position, *self.newcomer.enrolled_corrected)

    @property
    def leaving_events(self) -> tuple[int, ...]:
        """The events of a leaving by the day."""
        who = self.newcomer
        if who.left_on != self.left_on:
            return ()
        own = () if who.left_position is None else (who.left_position,)
        return (*own, *who.left_corrected)

    def withdrawn(self, *kinds: type[DomainEvent]) -> Iterator[int]:
        """The events that withdrew what had been recorded by such events of days up to the day."""
        topics = topics_of(kinds)
        told = (one for one in self.newcomer.withdrawn if one.what in topics)
        return (one.position for one in told if one.on <= self.day)

    def in_window(self, facts: Sequence[F]) -> list[F]:
        """The facts of the window's days up to the day."""
        window = self.window
        if window is None or not facts:
            return []
        last = min(window.last_day, self.day)
        return [fact for fact in facts if window.first_day <= fact.on <= last]

    @cached_property
    def days_late(self) -> list[int]:
        """Days from what had happened by the day to its first recording, in the partner's zone."""
        who, day, zone = self.newcomer, self.day, self.zone
        known = [(who.entered_on, who.enrolled_recorded_at)]
        if who.left_on is not None:
            known.append((who.left_on, who.left_recorded_at))
        known += [(o.closed_on, o.recorded_at) for o in who.orders if o.credited_on is None]
        of_a_day: Iterable[Sequence[Any]] = (who.trials, who.exams, who.lives)
        known += [(fact.on, fact.recorded_at) for facts in of_a_day for fact in facts]
        return [
            (recorded_on - on).days if (recorded_on := _local_day(at // QUARTER, zone)) > on else 0
            for on, at in known
            if at and on <= day  # 0: nobody knows when it was recorded.
        ]


@lru_cache(100_000)
def _local_day(quarter: int, zone: tzinfo) -> date:
    """The day of a quarter of an hour of the clock; clocks differ by whole quarters, so that no day
    begins within one."""
    return datetime.fromtimestamp(quarter * QUARTER, zone).date()


def state_of(newcomer: Newcomer, window: Window | None, windows: Windows) -> NewcomerState:
    """Scored by the window's rules; who has not gone live by those of the day's month."""
    rules = windows.version(None).parameters if window is None else window.rules
    return NewcomerState(newcomer, window, windows.happened_by, rules, windows.zone)


def events_of(*facts: Any) -> Iterator[int]:
    """The places in the log of the events that made the facts and corrected them. None: no fact."""
    for fact in facts:
        if fact is not None:
            yield fact.position
            yield from getattr(fact, "corrected", ())
