"""Days from entering to going live (入职到上岗天数), of all who went live; the mean of a spread."""

from collections.abc import Iterable

from domain.kernel.values import Ratio
from domain.kpi.kpi import Example, Kpi
from domain.kpi.subjects.measure import WENT_LIVE, Measure
from domain.kpi.subjects.standing import Standing, enrolment_events


def _days(standing: Standing) -> int:
    if standing.window is None:
        return 0
    return max(0, (standing.window.first_day - standing.newcomer.entered_on).days)


def _events(standing: Standing) -> Iterable[int]:
    return (*enrolment_events(standing.newcomer), *standing.live_events)


DAYS_TO_GO_LIVE = Kpi(
    slug="days_to_go_live",
    source=("S10", "S12"),
    numerator=Measure("days_to_go_live", _days),
    denominator=WENT_LIVE,
    unit="days",
    direction="lower_is_better",
    population="went_live",
    events=_events,
    values=lambda standing: () if standing.window is None else (_days(standing),),
    example=Example(Ratio(252, 18), "14.0"),
)
