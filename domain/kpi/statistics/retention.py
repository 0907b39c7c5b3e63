"""Retention: who is still there so many days after the go-live, the go-live being day 1."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import cast

from domain.kernel.values import Ratio
from domain.kpi.kpi import Bound, Example, Kpi
from domain.kpi.rounding import shown
from domain.kpi.rule import Rule
from domain.kpi.subjects.measure import WENT_LIVE, Measure
from domain.kpi.subjects.newcomer_state import NewcomerState


def retention(days: int, *, example: Ratio) -> Kpi:
    """The KPI for a number of days; while they last it can only fall."""

    def horizon(state: NewcomerState) -> date | None:
        window = state.window
        return None if window is None else window.first_day + timedelta(days=days - 1)

    def stayed(state: NewcomerState) -> int:
        last, left_on = horizon(state), state.newcomer.left_on
        if last is None:
            return 0
        return int(left_on is None or left_on > min(last, state.day))

    def stayed_for_good(state: NewcomerState) -> int:
        last = horizon(state)
        return int(last is not None and last <= state.day and bool(stayed(state)))

    def events(state: NewcomerState) -> Iterable[int]:
        return (*state.live_events, *state.leaving_events)

    remaining = Measure(f"stayed_{days}_days", stayed)
    return Kpi(
        slug=f"retention_{days}",
        source=("S12", "S36"),
        numerator=remaining,
        denominator=WENT_LIVE,
        unit="percent",
        direction="higher_is_better",
        population="went_live",
        floor=Bound(Measure(f"stayed_{days}_days_for_good", stayed_for_good)),
        ceiling=Bound(remaining),
        days=days,
        rule=lambda _: cast(Rule, f"left_within_{days}_days"),
        events=events,
        example=Example(example, shown(example, "percent")),
    )
