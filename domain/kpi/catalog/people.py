"""KPIs that count people: who entered, went live, stayed, left (S12, S23, S36, S40)."""

from datetime import timedelta
from typing import cast

from domain.kpi.kpi import Bound, Kpi
from domain.kpi.rule import Rule
from domain.kpi.subjects import measure
from domain.kpi.subjects.measure import Measure
from domain.kpi.subjects.newcomer_state import LEAVING, NewcomerState
from domain.trainees.events import WentLive


def _days_to_go_live(state: NewcomerState) -> int:
    live_on = state.live_on
    return 0 if live_on is None else max(0, (live_on - state.newcomer.entered_on).days)


ENTERED = Kpi(
    slug="entered",
    source=("S40",),
    numerator=measure.ENTERED,
    unit="people",
    direction="none",
    population="entered",
    events=lambda s: s.enrolment_events,
)
"""Entered (参训人数): salespeople enrolled in the induction training; leavers stay in."""

WENT_LIVE = Kpi(
    slug="went_live",
    source=("S23", "S40"),
    numerator=measure.WENT_LIVE,
    unit="people",
    direction="none",
    population="went_live",
    rule=lambda _: "not_live",
    events=lambda s: s.live_events,
    withdrawn=lambda s: s.withdrawn(WentLive),
)
"""Went live (上岗人数): passed the gate and formally took the post; leavers stay in, always."""

EMPLOYED = Kpi(
    slug="employed",
    source=("S23", "S40"),
    numerator=measure.EMPLOYED,
    unit="people",
    direction="none",
    population="employed",
    rule=lambda s: "not_live" if s.window is None else "left_before_cutoff",
    events=lambda s: (*s.live_events, *s.leaving_events),
    withdrawn=lambda s: s.withdrawn(WentLive, *LEAVING),
)
"""Employed at the cut-off (在职人数): went live and had not left by the cut-off (S23, T9)."""

ELIMINATION_RATE = Kpi(
    slug="elimination_rate",
    source=("S36",),
    numerator=Measure("eliminated", lambda s: int(s.newcomer.eliminated and s.left_on is not None)),
    denominator=measure.ENTERED,
    direction="lower_is_better",
    population="entered",
    rule=lambda _: "not_eliminated",
    events=lambda s: s.leaving_events,
    withdrawn=lambda s: s.withdrawn(*LEAVING),
)
"""Elimination rate (淘汰率): who was eliminated by the day, of all who entered (S36)."""

DAYS_TO_GO_LIVE = Kpi(
    slug="days_to_go_live",
    source=("S10", "S12"),
    numerator=Measure("days_to_go_live", _days_to_go_live),
    denominator=measure.WENT_LIVE,
    unit="days",
    direction="lower_is_better",
    population="went_live",
    events=lambda s: (*s.enrolment_events, *s.live_events),
    withdrawn=lambda s: s.withdrawn(WentLive),
    values=lambda s: () if s.window is None else (_days_to_go_live(s),),
)
"""Days from entering to going live (入职到上岗天数), of all who went live; the mean of a spread."""


def retention(days: int) -> Kpi:
    """The KPI of newcomers who have not left by a day since the go-live, itself day 1."""

    from_first_to_last = timedelta(days=days - 1)

    def stayed(state: NewcomerState) -> int:
        live_on, left_on = state.live_on, state.newcomer.left_on
        if live_on is None or left_on is None:
            return int(live_on is not None)
        return int(left_on > min(live_on + from_first_to_last, state.day))

    def stayed_for_good(state: NewcomerState) -> int:
        window = state.window
        if window is None or window.first_day + from_first_to_last > window.over_until:
            return 0
        return stayed(state)

    remaining = Measure(f"stayed_{days}_days", stayed)
    return Kpi(
        slug=f"retention_{days}",
        source=("S12", "S36"),
        numerator=remaining,
        denominator=measure.WENT_LIVE,
        population="went_live",
        floor=Bound(Measure(f"stayed_{days}_days_for_good", stayed_for_good)),
        ceiling=Bound(remaining),
        days=days,
        rule=lambda _: cast(Rule, f"left_within_{days}_days"),
        events=lambda s: (*s.live_events, *s.leaving_events),
        withdrawn=lambda s: s.withdrawn(WentLive, *LEAVING),
    )


RETENTION_30, RETENTION_60, RETENTION_90 = retention(30), retention(60), retention(90)
"""Retention at 30, 60 and 90 days (上岗留存率): not left by that day, of all who went live."""
