"""Trial pass rate of all who entered (全体试岗通过率): people who passed a trial, of all (T11)."""

from collections.abc import Iterable

from domain.kernel.values import Ratio
from domain.kpi.kpi import Example, Kpi
from domain.kpi.rule import Rule
from domain.kpi.subjects.measure import ENTERED, PASSED_A_TRIAL
from domain.kpi.subjects.newcomer_state import NewcomerState, events_of


def _rule(state: NewcomerState) -> Rule:
    return "trial_failed" if state.trials else "no_trial"


def _events(state: NewcomerState) -> Iterable[int]:
    return events_of(*state.trials)


TRIAL_PASS_RATE_OF_ENTERED = Kpi(
    slug="trial_pass_rate_of_entered",
    source=("S29",),
    numerator=PASSED_A_TRIAL,
    denominator=ENTERED,
    unit="percent",
    direction="higher_is_better",
    population="entered",
    rule=_rule,
    events=_events,
    facts="trials",
    example=Example(Ratio(15, 20), "75.0%"),
)
