"""Complaint rate (投诉违规率): with a complaint inside the window, of all who went live."""

from collections.abc import Iterable

from domain.kernel.values import Ratio
from domain.kpi.kpi import Bound, Example, Kpi
from domain.kpi.subjects.facts import ComplaintFact
from domain.kpi.subjects.measure import WENT_LIVE, Measure
from domain.kpi.subjects.newcomer_state import NewcomerState, events_of


def _complaints(state: NewcomerState) -> list[ComplaintFact]:
    window, day = state.window, state.day
    if window is None:
        return []
    last = min(window.last_day, day)
    return [
        complaint
        for complaint in state.newcomer.complaints
        if window.first_day <= complaint.on <= last
        and (complaint.withdrawn_on is None or complaint.withdrawn_on > day)
    ]


def _events(state: NewcomerState) -> Iterable[int]:
    return (*state.live_events, *events_of(*_complaints(state)))


def _complained(state: NewcomerState) -> int:
    return int(bool(_complaints(state)))


COMPLAINT_RATE = Kpi(
    slug="complaint_rate",
    source=("S44",),
    numerator=Measure("with_a_complaint", _complained),
    denominator=WENT_LIVE,
    unit="percent",
    direction="lower_is_better",
    population="went_live",
    ceiling=Bound(Measure("complaint_or_open", lambda s: _complained(s) or int(s.is_open))),
    rule=lambda _: "no_complaint",
    events=_events,
    example=Example(Ratio(1, 18), "5.5%"),
)
