"""Days to the first order with leaving as a competing outcome, beside a statistics library."""

from datetime import date, timedelta
from fractions import Fraction
from importlib import import_module
from typing import Any

import numpy
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.kpi.scheme.versions import Parameters
from domain.kpi.statistics.curve import (
    Curve,
    FirstOutcome,
    Observation,
    curve,
    observation,
)
from domain.kpi.subjects.facts import OrderFact
from domain.kpi.subjects.newcomer import Newcomer
from tests.domain.kpi.counted import figures
from tests.domain.kpi.facts import newcomer, order, windows_on
from tests.domain.kpi.test_figures_properties import days, groups, rules

LIVE = date(2026, 6, 1)
OUTCOMES: tuple[FirstOutcome, ...] = ("ordered", "left", "open")

seen = st.lists(
    st.builds(Observation, st.integers(min_value=1, max_value=30), st.sampled_from(OUTCOMES)),
    min_size=1,
    max_size=40,
)


def on(day: int) -> date:
    return LIVE + timedelta(days=day - 1)


def observed(who: Newcomer, today: date, scheme: Parameters | None = None) -> Observation:
    window = windows_on(scheme or Parameters(), today).of(who)
    assert window is not None
    return observation(who, window)


def test_a_cohort_with_every_outcome() -> None:
    """Worked by hand: 6 at risk on day 2, 3 on day 5 after one left and one was last seen."""
    got = curve(
        [
            Observation(2, "ordered"),
            Observation(3, "left"),
            Observation(5, "ordered"),
            Observation(5, "left"),
            Observation(4, "open"),
            Observation(30, "open"),
        ]
    )
    assert got.people == 6
    assert [(p.day, p.at_risk, p.ordered, p.left) for p in got.points] == [
        (2, 6, 1, 0),
        (3, 5, 0, 1),
        (5, 3, 1, 1),
    ]
    assert [p.incidence_of_order for p in got.points] == [
        Fraction(1, 6),
        Fraction(1, 6),
        Fraction(1, 6) + Fraction(4, 6) / 3,
    ]
    assert [p.incidence_of_leaving for p in got.points] == [
        0,
        Fraction(1, 6),
        Fraction(1, 6) + Fraction(4, 6) / 3,
    ]
    assert got.median_day is None


def test_nobody_gives_a_curve_without_points() -> None:
    assert curve([]) == Curve(0, ())


def test_the_median_is_the_first_day_by_which_half_have_ordered() -> None:
    assert curve([Observation(3, "ordered"), Observation(9, "left")]).median_day == 3


@given(seen)
def test_incidences_rise_and_never_exceed_the_whole(observations: list[Observation]) -> None:
    before = (Fraction(0), Fraction(0))
    for point in curve(observations).points:
        now = (point.incidence_of_order, point.incidence_of_leaving)
        assert now[0] >= before[0] and now[1] >= before[1] and now != before
        assert sum(now) <= 1
        before = now


@given(seen)
def test_they_are_plain_proportions_where_everybody_was_seen_to_the_end(
    observations: list[Observation],
) -> None:
    observations = [replace(one, days=30) if one.outcome == "open" else one for one in observations]
    people = len(observations)
    for point in curve(observations).points:
        by_then = [one.outcome for one in observations if one.days <= point.day]
        assert point.incidence_of_order == Fraction(by_then.count("ordered"), people)
        assert point.incidence_of_leaving == Fraction(by_then.count("left"), people)


@pytest.fixture(scope="module")
def library() -> Any:
    """Loaded by who runs the test: it takes seconds, which all who only collect it would wait."""
    return import_module("statsmodels.duration.survfunc").CumIncidenceRight


@given(observations=seen)
def test_agrees_with_the_library(library: Any, observations: list[Observation]) -> None:
    """Ties and censoring on the same days included; the library numbers the outcomes."""
    status = {"open": 0, "ordered": 1, "left": 2}
    one_of_each = [Observation(40, "ordered"), Observation(41, "left")]
    observations = observations + one_of_each
    with numpy.errstate(divide="ignore", invalid="ignore"):  # of its standard errors, unused here
        found = library(
            numpy.array([one.days for one in observations]),
            numpy.array([status[one.outcome] for one in observations]),
        )
    by_day = {
        int(day): (float(ordered), float(left))
        for day, ordered, left in zip(found.times, *found.cinc, strict=True)
    }
    points = curve(observations).points
    assert {point.day for point in points} <= set(by_day)
    for point in points:
        mine = (float(point.incidence_of_order), float(point.incidence_of_leaving))
        assert mine == pytest.approx(by_day[point.day], abs=1e-9)


@pytest.mark.parametrize(
    ("orders", "left", "today", "expected"),
    [
        ([4, 9], None, 60, Observation(4, "ordered")),
        ([1], None, 60, Observation(1, "ordered")),
        ([30], None, 60, Observation(30, "ordered")),
        ([31], None, 60, Observation(30, "open")),
        ([], None, 60, Observation(30, "open")),
        ([], None, 7, Observation(7, "open")),
        ([8], 8, 7, Observation(7, "open")),
        ([], 5, 60, Observation(5, "left")),
        ([], 31, 60, Observation(30, "open")),
        ([5], 5, 60, Observation(5, "ordered")),
        ([5], 9, 60, Observation(5, "ordered")),
        ([9], 5, 60, Observation(5, "left")),
        ([], 0, 60, Observation(1, "left")),
    ],
    ids=[
        "ordered twice",
        "ordered on the day of the go-live",
        "ordered on the last day",
        "ordered after the last day",
        "neither, window closed",
        "neither, window open",
        "both only after the day",
        "left",
        "left after the last day",
        "ordered on the last day worked",
        "ordered and left later",
        "order closed after leaving",
        "left before the go-live",
    ],
)
def test_the_first_of_order_and_leaving_counts(
    orders: list[int], left: int | None, today: int, expected: Observation
) -> None:
    who = newcomer(
        live=LIVE,
        orders=tuple(order(on(day), f"A{day}") for day in orders),
        left_on=None if left is None else on(left),
    )
    assert observed(who, on(today)) == expected


@pytest.mark.parametrize(
    ("first", "today", "expected"),
    [
        (order(on(4), voided_on=on(6)), 6, Observation(6, "open")),
        (order(on(4), voided_on=on(6)), 5, Observation(4, "ordered")),
        (order(on(4), reassigned_on=on(6)), 20, Observation(9, "ordered")),
        (replace(order(on(4)), credited_on=on(12)), 20, Observation(4, "ordered")),
        (replace(order(on(4)), credited_on=on(12)), 11, Observation(9, "ordered")),
    ],
    ids=["voided", "voided later", "given to another", "had from another", "not had yet"],
)
def test_only_orders_that_count_on_the_day(
    first: OrderFact, today: int, expected: Observation
) -> None:
    who = newcomer(live=LIVE, orders=(first, order(on(9), "B")))
    assert observed(who, on(today)) == expected


@given(groups, days, rules)
@example(
    [newcomer(live=on(28), orders=(order(on(37)),), left_on=on(36))],
    on(37),
    Parameters(leaver_cutoff="report_time", window_days=10),
)
def test_the_ordered_are_those_of_the_figures_but_for_what_came_before_and_after_a_leaving(
    group: list[Newcomer], today: date, scheme: Parameters
) -> None:
    scheme = replace(scheme, leaver_rule="excluded")
    windows = windows_on(scheme, today)
    live = [(who, window) for who in group if (window := windows.of(who))]
    for who, window in live:
        got = observation(who, window)
        assert 1 <= got.days <= scheme.window_days
        if figures([who], today, scheme).order_rate.numerator:
            # The cut-off may lie before a leaving, and an order of the window after it.
            first = min(order.closed_on for order in window.valid(who.orders))
            has_left = who.left_on is not None and who.left_on < first
            assert got.outcome == ("left" if has_left else "ordered")
        elif got.outcome == "ordered":
            assert window.lost(who)
