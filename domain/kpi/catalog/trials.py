"""KPIs of the trial post (试岗): passed or not, and with written feedback (S27 to S29)."""

from domain.kernel.values import Ratio
from domain.kpi.kpi import Example, Kpi
from domain.kpi.rule import Rule
from domain.kpi.subjects.measure import (
    ENTERED,
    PASSED_A_TRIAL,
    TRIAL_BASE,
    TRIALS_COUNTED,
    TRIALS_JUDGED,
    Measure,
)
from domain.kpi.subjects.newcomer_state import NewcomerState, events_of


def _not_passed(state: NewcomerState) -> Rule:
    return "trial_failed" if state.trials else "no_trial"


TRIAL_PASS_RATE = Kpi(
    slug="trial_pass_rate",
    source=("S29",),
    numerator=TRIALS_COUNTED,
    denominator=TRIAL_BASE,
    population="trials_judged",
    rule=_not_passed,
    events=lambda s: events_of(*s.trials),
    facts="trials",
    is_headline=True,
    example=Example(Ratio(15, 18), "83.3%"),
)
"""Trial pass rate (试岗通过率): trials passed, of the trials with a verdict (T11)."""

TRIAL_PASS_RATE_OF_ENTERED = Kpi(
    slug="trial_pass_rate_of_entered",
    source=("S29",),
    numerator=PASSED_A_TRIAL,
    denominator=ENTERED,
    population="entered",
    rule=_not_passed,
    events=lambda s: events_of(*s.trials),
    facts="trials",
    example=Example(Ratio(15, 20), "75.0%"),
)
"""Trial pass rate of all who entered (全体试岗通过率): people who passed a trial, of all (T11)."""

TRIAL_FEEDBACK_COMPLETE = Kpi(
    slug="trial_feedback_complete",
    source=("S27", "S28"),
    numerator=Measure("trials_with_feedback", lambda s: sum(t.has_feedback for t in s.trials)),
    denominator=TRIALS_JUDGED,
    population="trials_judged",
    rule=lambda _: "feedback_missing",
    events=lambda s: events_of(*s.trials),
    facts="trials",
    example=Example(Ratio(18, 18), "100.0%"),
)
"""Trial feedback complete (试岗书面反馈): trials with written feedback, of those with a verdict."""
