"""Entered (参训人数): salespeople enrolled in the induction training; leavers stay in."""

from domain.kernel.values import Ratio
from domain.kpi.kpi import Example, Kpi
from domain.kpi.subjects.measure import ENTERED as COUNT
from domain.kpi.subjects.newcomer_state import enrolment_events

ENTERED = Kpi(
    slug="entered",
    source=("S40",),
    numerator=COUNT,
    denominator=None,
    unit="people",
    direction="none",
    population="entered",
    events=lambda state: enrolment_events(state.newcomer),
    example=Example(Ratio(20, 1), "20"),
)
