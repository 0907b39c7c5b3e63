"""Days from entering to going live (入职到上岗天数), of all who went live; the mean of a spread."""

from collections.abc import Iterable

from domain.kernel.values import Ratio
from domain.kpi.kpi import Example, Kpi
from domain.kpi.subjects.measure import WENT_LIVE, Measure
from domain.kpi.subjects.newcomer_state import NewcomerState, enrolment_events


def _days(state: NewcomerState) -> int:
    if state.window is None:
        return 0
    return max(0, (state.window.first_day - state.newcomer.entered_on).days)


def _events(state: NewcomerState) -> Iterable[int]:
    return (*enrolment_events(state.newcomer), *state.live_events)


DAYS_TO_GO_LIVE = Kpi(
    slug="days_to_go_live",
    source=("S10", "S12"),
    numerator=Measure("days_to_go_live", _days),
    denominator=WENT_LIVE,
    unit="days",
    direction="lower_is_better",
    population="went_live",
    events=_events,
    values=lambda state: () if state.window is None else (_days(state),),
    example=Example(Ratio(252, 18), "14.0"),
)
