"""KPIs of the work on the post: spot checks and complaints inside the window (S37, S44)."""

from domain.kpi.kpi import Bound, Kpi
from domain.kpi.rule import Rule
from domain.kpi.subjects.facts import ComplaintFact, SpotCheckFact
from domain.kpi.subjects.measure import WENT_LIVE, Measure
from domain.kpi.subjects.newcomer_state import NewcomerState, events_of
from domain.trainees.events import ComplaintFiled, ComplaintWithdrawn, SpotChecked, WentLive


def _checks(state: NewcomerState) -> list[SpotCheckFact]:
    return state.in_window(state.newcomer.checks)


def _checked(state: NewcomerState) -> int:
    return int(any(check.has_feedback for check in _checks(state)))


def _not_checked(state: NewcomerState) -> Rule:
    if state.is_open:
        return "window_open"
    return "feedback_missing" if _checks(state) else "not_checked"


def _complaints(state: NewcomerState) -> list[ComplaintFact]:
    filed = state.in_window(state.newcomer.complaints)
    return [one for one in filed if one.withdrawn_on is None or one.withdrawn_on > state.day]


def _complained(state: NewcomerState) -> int:
    return int(bool(_complaints(state)))


_CHECKED = Measure("checked_with_feedback", _checked)

SPOT_CHECKS_DONE = Kpi(
    slug="spot_checks_done",
    source=("S37",),
    numerator=_CHECKED,
    denominator=WENT_LIVE,
    population="went_live",
    floor=Bound(_CHECKED),
    ceiling=Bound(Measure("checked_or_open", lambda s: _checked(s) or int(s.is_open))),
    rule=_not_checked,
    events=lambda s: (*s.live_events, *events_of(*_checks(s))),
    withdrawn=lambda s: s.withdrawn(WentLive, SpotChecked),
)
"""Spot checks done (抽查): newcomers checked inside the window with written feedback, of all."""

COMPLAINT_RATE = Kpi(
    slug="complaint_rate",
    source=("S44",),
    numerator=Measure("with_a_complaint", _complained),
    denominator=WENT_LIVE,
    direction="lower_is_better",
    population="went_live",
    ceiling=Bound(Measure("complaint_or_open", lambda s: _complained(s) or int(s.is_open))),
    rule=lambda _: "no_complaint",
    events=lambda s: (*s.live_events, *events_of(*_complaints(s))),
    withdrawn=lambda s: s.withdrawn(WentLive, ComplaintFiled, ComplaintWithdrawn),
)
"""Complaint rate (投诉违规率): with a complaint inside the window, of all who went live."""
