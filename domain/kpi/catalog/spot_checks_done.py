"""Spot checks done (抽查): newcomers checked inside the window with written feedback, of all."""

from collections.abc import Iterable

from domain.kernel.values import Ratio
from domain.kpi.kpi import Bound, Example, Kpi
from domain.kpi.rule import Rule
from domain.kpi.subjects.facts import SpotCheckFact
from domain.kpi.subjects.measure import WENT_LIVE, Measure
from domain.kpi.subjects.newcomer_state import WINDOW_OPEN, NewcomerState, events_of


def _checks(state: NewcomerState) -> list[SpotCheckFact]:
    window = state.window
    if window is None:
        return []
    last = min(window.last_day, state.day)
    return [check for check in state.newcomer.checks if window.first_day <= check.on <= last]


def _done(state: NewcomerState) -> int:
    return int(any(check.has_feedback for check in _checks(state)))


def _could(state: NewcomerState) -> int:
    return _done(state) or int(state.is_open)


def _rule(state: NewcomerState) -> Rule:
    if state.is_open:
        return WINDOW_OPEN
    return "feedback_missing" if _checks(state) else "not_checked"


def _events(state: NewcomerState) -> Iterable[int]:
    return (*state.live_events, *events_of(*_checks(state)))


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
