"""KPIs of the records themselves: how late facts come, and whether months are submitted in time."""

from collections.abc import Iterable

from domain.kpi.kpi import Kpi
from domain.kpi.subjects.measure import Measure
from domain.kpi.subjects.newcomer_state import (
    EXAMINING,
    JUDGING,
    LEAVING,
    ORDERING,
    NewcomerState,
    events_of,
)
from domain.kpi.subjects.submissions import SUBMISSIONS
from domain.trainees.events import WentLive


def _events(state: NewcomerState) -> Iterable[int]:
    who = state.newcomer
    facts = events_of(*who.trials, *who.exams, *who.lives, *who.orders)
    return (*state.enrolment_events, *facts, *state.leaving_events)


DAYS_LATE = Kpi(
    slug="days_late",
    source=("S47", "S54"),
    numerator=Measure("days_late", lambda s: sum(s.days_late)),
    denominator=Measure("facts_recorded", lambda s: len(s.days_late)),
    unit="days",
    direction="lower_is_better",
    population="entered",
    events=_events,
    withdrawn=lambda s: s.withdrawn(WentLive, *JUDGING, *EXAMINING, *ORDERING, *LEAVING),
    values=lambda s: s.days_late,
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
