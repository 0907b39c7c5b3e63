"""Complaint rate (投诉违规率): with a complaint inside the window, of all who went live."""

from collections.abc import Iterable

from domain.kernel.values import Ratio
from domain.kpi.kpi import Bound, Example, Kpi
from domain.kpi.subjects.facts import Complaint
from domain.kpi.subjects.measure import WENT_LIVE, Measure
from domain.kpi.subjects.standing import Standing, events_of


def _complaints(standing: Standing) -> list[Complaint]:
    window, day = standing.window, standing.day
    if window is None:
        return []
    last = min(window.last_day, day)
    return [
        complaint
        for complaint in standing.newcomer.complaints
        if window.first_day <= complaint.on <= last
        and (complaint.withdrawn_on is None or complaint.withdrawn_on > day)
    ]


def _events(standing: Standing) -> Iterable[int]:
    return (*standing.live_events, *events_of(*_complaints(standing)))


def _complained(standing: Standing) -> int:
    return int(bool(_complaints(standing)))


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
