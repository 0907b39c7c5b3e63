"""Submissions in time (按时上报率): submitted by the 5th, of the months that were due (S54)."""

from domain.kernel.values import Ratio
from domain.kpi.kpi import Example, Kpi
from domain.kpi.rule import Rule
from domain.kpi.subjects.measure import Measure
from domain.kpi.subjects.submissions import SUBMISSIONS, SubmissionState


def _rule(state: SubmissionState) -> Rule:
    return "submitted_late" if state.submitted else "not_submitted"


SUBMISSIONS_IN_TIME = Kpi(
    slug="submissions_in_time",
    source=("S54",),
    subject=SUBMISSIONS,
    numerator=Measure("submissions_in_time", lambda s: int(s.in_time is True)),
    denominator=Measure("submissions_due", lambda s: int(s.in_time is not None)),
    unit="percent",
    direction="higher_is_better",
    rule=_rule,
    events=lambda state: (state.submitted.position,) if state.submitted else (),
    example=Example(Ratio(0, 0), None),
)
