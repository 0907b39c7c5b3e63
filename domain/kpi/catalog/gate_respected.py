"""Gate respected (严格执行上岗标准): went live with exam and drill passed, of all who went live."""

from collections.abc import Iterable

from domain.kernel.values import Ratio
from domain.kpi.kpi import Example, Kpi
from domain.kpi.subjects.measure import WENT_LIVE, Measure
from domain.kpi.subjects.newcomer_state import NewcomerState, events_of


def _through_the_gate(state: NewcomerState) -> int:
    window = state.window
    if window is None:
        return 0
    passed = [state.passed(kind, window.first_day) for kind in ("written", "drill")]
    return int(all(passed))


def _events(state: NewcomerState) -> Iterable[int]:
    return (*events_of(*state.newcomer.exams), *state.live_events)


GATE_RESPECTED = Kpi(
    slug="gate_respected",
    source=("S35", "S72"),
    numerator=Measure("live_through_the_gate", _through_the_gate),
    denominator=WENT_LIVE,
    unit="percent",
    direction="higher_is_better",
    population="went_live",
    rule=lambda _: "exam_or_drill_not_passed",
    events=_events,
    example=Example(Ratio(18, 18), "100.0%"),
)
