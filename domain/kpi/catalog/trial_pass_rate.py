"""Trial pass rate (试岗通过率): trials passed, of the trials with a verdict (T11)."""

from collections.abc import Iterable

from domain.kernel.values import Ratio
from domain.kpi.kpi import Example, Kpi
from domain.kpi.rule import Rule
from domain.kpi.subjects.measure import TRIAL_BASE, TRIALS_COUNTED
from domain.kpi.subjects.newcomer_state import NewcomerState, events_of


def _rule(state: NewcomerState) -> Rule:
    return "trial_failed" if state.trials else "no_trial"


def _events(state: NewcomerState) -> Iterable[int]:
    return events_of(*state.trials)


TRIAL_PASS_RATE = Kpi(
    slug="trial_pass_rate",
    source=("S29",),
    numerator=TRIALS_COUNTED,
    denominator=TRIAL_BASE,
    unit="percent",
    direction="higher_is_better",
    population="trials_judged",
    rule=_rule,
    events=_events,
    facts="trials",
    is_headline=True,
    example=Example(Ratio(15, 18), "83.3%"),
)
