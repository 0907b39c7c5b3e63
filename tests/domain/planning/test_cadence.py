"""Cadences by the calendar and rolling (G19)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel.errors import Refusal
from domain.planning.cadence import CADENCES, LONGEST_DAYS, Missed, missed

JAN_1, DEC_31 = date(2026, 1, 1), date(2026, 12, 31)
DAYS = st.dates(JAN_1, DEC_31)


def test_two_refreshers_are_due_in_every_month() -> None:
    days = [date(2026, 1, 5), date(2026, 1, 20), date(2026, 2, 3), date(2026, 2, 3)]
    found = missed(CADENCES["refresher"], days, JAN_1, date(2026, 2, 28))
    assert found == (Missed(date(2026, 2, 1), date(2026, 2, 28), held=1, due=2),)


def test_a_period_that_is_not_asked_about_as_a_whole_is_not_missed() -> None:
    assert missed(CADENCES["induction"], [], date(2026, 1, 2), date(2026, 2, 27)) == ()
    (december,) = missed(CADENCES["induction"], [], date(2026, 11, 2), DEC_31)
    assert december == Missed(date(2026, 12, 1), DEC_31, held=0, due=1)


@pytest.mark.parametrize(("gap", "missing"), [(92, 0), (93, 1)])
def test_rolling_misses_a_stretch_of_as_many_days_without_training(gap: int, missing: int) -> None:
    first = date(2026, 3, 31)
    days = [first, first + timedelta(days=gap)]
    found = missed(CADENCES["supervisors"], days, first, days[-1], "rolling")
    assert len(found) == missing


@given(st.sampled_from(sorted(CADENCES)), st.lists(DAYS), DAYS, DAYS)
def test_rolling_misses_nothing_exactly_where_any_so_many_days_have_a_training(
    kind: str, days: list[date], one: date, other: date
) -> None:
    cadence, since, until = CADENCES[kind], min(one, other), max(one, other)
    length = cadence.rolling_days
    starts = range((until - since).days + 2 - length)
    empty = [
        start
        for start in starts
        if not any(0 <= (day - since).days - start < length for day in days)
    ]
    found = missed(cadence, days, since, until, "rolling")
    assert bool(found) == bool(empty)
    for gap in found:
        assert not any(gap.since <= day <= gap.until for day in days)


@given(st.sampled_from(sorted(CADENCES)), st.lists(DAYS), DAYS, DAYS)
def test_the_calendar_misses_the_whole_periods_that_lack_training(
    kind: str, days: list[date], one: date, other: date
) -> None:
    cadence, since, until = CADENCES[kind], min(one, other), max(one, other)
    found = missed(cadence, days, since, until)
    first_months = range(1, 13, cadence.months)
    for first in (date(2026, month, 1) for month in first_months):
        last = max(d for d in _year() if (d.month - first.month) in range(cadence.months))
        held = len({day for day in days if first <= day <= last})
        lacking = since <= first and last <= until and held < cadence.times
        assert (Missed(first, last, held, cadence.times) in found) == lacking
    assert len(found) <= len(first_months)


def _year() -> list[date]:
    return [JAN_1 + timedelta(days=n) for n in range(365)]


def test_the_first_days_of_all_can_be_asked_about() -> None:
    (gap,) = missed(CADENCES["induction"], [date.min], date.min, date(1, 3, 1), "rolling")
    assert gap == Missed(date(1, 1, 2), date(1, 3, 1), held=0, due=1)


def test_a_period_turned_round_or_too_long_is_refused() -> None:
    for since, until, code in (
        (DEC_31, JAN_1, "period_reversed"),
        (JAN_1, JAN_1 + timedelta(days=LONGEST_DAYS), "period_too_long"),
        (date(9999, 1, 1), date.max, "day_out_of_range"),
    ):
        with pytest.raises(Refusal) as refused:
            missed(CADENCES["induction"], [], since, until)
        assert refused.value.code == code
