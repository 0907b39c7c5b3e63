"""Counts of days and their quantiles, beside those of a statistics library."""

import numpy
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel.values import Ratio
from domain.kpi.statistics.distribution import distribution

several = st.lists(st.integers(min_value=-3, max_value=60), min_size=1, max_size=40)


def test_counts_and_quantiles_of_five_people() -> None:
    got = distribution([9, 2, 2, 30, 3])
    assert list(got.counts.items()) == [(2, 2), (3, 1), (9, 1), (30, 1)]
    assert got.people == 5
    assert [got.quantile(Ratio(n, 4)) for n in (1, 2, 3, 4)] == [2, 3, 9, 30]


def test_nobody_has_no_quantile() -> None:
    got = distribution([])
    assert got.quantile(Ratio(1, 2)) is None


@given(several, st.integers(min_value=1, max_value=16))
def test_agrees_with_the_library(days: list[int], sixteenths: int) -> None:
    got = distribution(days)
    expected = numpy.quantile(days, sixteenths / 16, method="inverted_cdf")
    assert got.quantile(Ratio(sixteenths, 16)) == expected
