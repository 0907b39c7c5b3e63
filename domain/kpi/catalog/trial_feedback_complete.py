"""Trial feedback complete (试岗书面反馈): trials with written feedback, of those with a verdict."""

from collections.abc import Iterable

from domain.kernel.values import Ratio
from domain.kpi.kpi import Example, Kpi
from domain.kpi.subjects.measure import TRIALS_JUDGED, Measure
from domain.kpi.subjects.newcomer_state import NewcomerState, events_of


def _with_feedback(state: NewcomerState) -> int:
    return sum(trial.has_feedback for trial in state.trials)


def _events(state: NewcomerState) -> Iterable[int]:
    return events_of(*state.trials)


TRIAL_FEEDBACK_COMPLETE = Kpi(
    slug="trial_feedback_complete",
    source=("S27", "S28"),
    numerator=Measure("trials_with_feedback", _with_feedback),
    denominator=TRIALS_JUDGED,
    unit="percent",
    direction="higher_is_better",
    population="trials_judged",
    rule=lambda _: "feedback_missing",
    events=_events,
    facts="trials",
    example=Example(Ratio(18, 18), "100.0%"),
)
