"""KPIs of the records themselves: how late facts come, and whether months are submitted in time."""

from collections.abc import Iterable, Iterator
from datetime import date

from domain.kpi.kpi import Kpi
from domain.kpi.subjects.measure import Measure
from domain.kpi.subjects.newcomer_state import NewcomerState, events_of
from domain.kpi.subjects.submissions import SUBMISSIONS


def _facts(state: NewcomerState) -> Iterator[tuple[date, int]]:
    """When what was recorded had happened, and when it was recorded (seconds; 0: not known)."""
    who, day = state.newcomer, state.day
    known = [(who.entered_on, who.enrolled_recorded_at)]
    known += [(trial.on, trial.recorded_at) for trial in who.trials]
    known += [(exam.on, exam.recorded_at) for exam in who.exams]
    known += [(live.on, live.recorded_at) for live in who.lives]
    known += [(o.closed_on, o.recorded_at) for o in who.orders if o.credited_on is None]
    if who.left_on is not None:
        known.append((who.left_on, who.left_recorded_at))
    return ((on, recorded_at) for on, recorded_at in known if recorded_at and on <= day)


def _days(state: NewcomerState) -> list[int]:
    return [state.late(on, recorded_at) for on, recorded_at in _facts(state)]


def _events(state: NewcomerState) -> Iterable[int]:
    who = state.newcomer
    facts = events_of(*who.trials, *who.exams, *who.lives, *who.orders)
    return (*state.enrolment_events, *facts, *state.leaving_events)


DAYS_LATE = Kpi(
    slug="days_late",
    source=("S47", "S54"),
    numerator=Measure("days_late", lambda s: sum(_days(s))),
    denominator=Measure("facts_recorded", lambda s: len(_days(s))),
    unit="days",
    direction="lower_is_better",
    population="entered",
    events=_events,
    values=_days,
)
"""Days late (补录天数): days from what happened to its recording, per fact: backdating shows."""

SUBMISSIONS_IN_TIME = Kpi(
    slug="submissions_in_time",
    source=("S54",),
    subject=SUBMISSIONS,
    numerator=Measure("submissions_in_time", lambda s: int(s.in_time is True)),
    denominator=Measure("submissions_due", lambda s: int(s.in_time is not None)),
    rule=lambda s: "submitted_late" if s.submitted else "not_submitted",
    events=lambda s: (s.submitted.position,) if s.submitted else (),
)
"""Submissions in time (按时上报率): submitted by the 5th, of the months that were due (S54)."""
