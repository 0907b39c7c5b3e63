"""Entered (参训人数): salespeople enrolled in the induction training; leavers stay in."""

from domain.kpi.kpi import Example, Kpi
from domain.kpi.measure import ENTERED as COUNT
from domain.kpi.standing import enrolment_events
from domain.values import Ratio

ENTERED = Kpi(
    slug="entered",
    source=("S40",),
    numerator=COUNT,
    denominator=None,
    unit="people",
    direction="none",
    population="entered",
    events=lambda standing: enrolment_events(standing.newcomer),
    example=Example(Ratio(20, 1), "20"),
)
