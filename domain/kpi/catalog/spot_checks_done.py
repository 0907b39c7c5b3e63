"""Spot checks done (抽查): newcomers checked inside the window with written feedback, of all."""

from collections.abc import Iterable

from domain.kernel.values import Ratio
from domain.kpi.kpi import Bound, Example, Kpi
from domain.kpi.subjects.facts import SpotCheck
from domain.kpi.subjects.measure import WENT_LIVE, Measure
from domain.kpi.subjects.standing import WINDOW_OPEN, Standing, events_of


def _checks(standing: Standing) -> list[SpotCheck]:
    window = standing.window
    if window is None:
        return []
    last = min(window.last_day, standing.day)
    return [check for check in standing.newcomer.checks if window.first_day <= check.on <= last]


def _done(standing: Standing) -> int:
    return int(any(check.has_feedback for check in _checks(standing)))


def _could(standing: Standing) -> int:
    return _done(standing) or int(standing.is_open)


def _rule(standing: Standing) -> str:
    if standing.is_open:
        return WINDOW_OPEN
    return "feedback_missing" if _checks(standing) else "not_checked"


def _events(standing: Standing) -> Iterable[int]:
    return (*standing.live_events, *events_of(*_checks(standing)))


_CHECKED = Measure("checked_with_feedback", _done)

SPOT_CHECKS_DONE = Kpi(
    slug="spot_checks_done",
    source=("S37",),
    numerator=_CHECKED,
    denominator=WENT_LIVE,
    unit="percent",
    direction="higher_is_better",
    population="went_live",
    floor=Bound(_CHECKED),
    ceiling=Bound(Measure("checked_or_open", _could)),
    rule=_rule,
    events=_events,
    example=Example(Ratio(15, 18), "83.3%"),
)
