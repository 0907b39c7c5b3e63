"""Days to the first order, with leaving as the outcome that competes with it.

Who left can no longer order and is no unfinished observation: one minus Kaplan-Meier would promise
too much. The share who have ordered by a day is therefore the cumulative incidence of Aalen &
Johansen, "An empirical transition matrix for non-homogeneous Markov chains based on censored
observations", Scandinavian Journal of Statistics 5 (1978), 141-150.

It asks what came first, so it is not the order rate: who ordered and left afterwards has ordered
here and counts for nothing there.
"""

from collections import Counter
from collections.abc import Iterable
from fractions import Fraction
from typing import Literal

from msgspec import Struct

from domain.kpi.evidence import Basis
from domain.kpi.subjects.newcomer import Newcomer
from domain.kpi.subjects.newcomers import states_of_newcomers
from domain.kpi.subjects.window import Window

FirstOutcome = Literal["ordered", "left", "open"]

_HALF = Fraction(1, 2)


class Observation(Struct, frozen=True, gc=False):
    """A newcomer's first outcome, and its day since the go-live, itself day 1.

    `open`: neither by the last day that was seen, the day asked about or the window's last.
    """

    days: int
    outcome: FirstOutcome


class Point(Struct, frozen=True):
    """A day with first orders or leavings.

    at_risk: had done neither before that day and were seen on it. ordered, left: of these, on the
    day. The incidences are estimated shares of all who went live, by the evening of the day.
    """

    day: int
    at_risk: int
    ordered: int
    left: int
    incidence_of_order: Fraction
    incidence_of_leaving: Fraction


class Curve(Struct, frozen=True):
    """Points in the order of days; between two points the incidences stay those of the earlier."""

    people: int
    points: tuple[Point, ...]

    @property
    def median_day(self) -> int | None:
        """The first day by which half of all are estimated to have ordered; None if never seen."""
        reached = (point.day for point in self.points if point.incidence_of_order >= _HALF)
        return next(reached, None)


def observation(newcomer: Newcomer, window: Window) -> Observation:
    """The first outcome of a newcomer by the window's `happened_by`.

    Only valid orders count, on the day they were closed. An order on the last day worked came
    before the leaving; one after it came too late. Who had left before the go-live left on day 1.
    """
    seen_until = min(window.last_day, window.happened_by)
    closings = [order.closed_on for order in window.valid(newcomer.orders)]
    left_on = newcomer.left_on
    if left_on is not None and left_on > seen_until:
        left_on = None
    ordered_on = min(closings, default=None)
    outcome: FirstOutcome = "open"
    day = seen_until
    if ordered_on is not None and (left_on is None or ordered_on <= left_on):
        day, outcome = ordered_on, "ordered"
    elif left_on is not None:
        day, outcome = max(left_on, window.first_day), "left"
    return Observation((day - window.first_day).days + 1, outcome)


def curve_of(basis: Basis) -> Curve:
    """The curve of a group's newcomers on the evening of a day."""
    found = states_of_newcomers(basis)
    return curve(observation(one.newcomer, one.window) for one in found if one.window)


def curve(observations: Iterable[Observation]) -> Curve:
    """The estimate, exact; the order of the observations does not matter.

    Who is `open` on a day was seen on it. Orders and leavings of one day share its risk.
    """
    counts = Counter((seen.days, seen.outcome) for seen in observations)
    people = at_risk = counts.total()
    by_order = by_leaving = Fraction(0)
    points: list[Point] = []
    for day in sorted({day for day, _ in counts}):
        ordered, left = counts[day, "ordered"], counts[day, "left"]
        if ordered or left:
            each = (1 - by_order - by_leaving) / at_risk
            by_order += ordered * each
            by_leaving += left * each
            points.append(Point(day, at_risk, ordered, left, by_order, by_leaving))
        at_risk -= ordered + left + counts[day, "open"]
    return Curve(people, tuple(points))
