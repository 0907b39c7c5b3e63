"""What people read, from whole numbers only."""

from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel.values import Ratio
from domain.kpi.rounding import shown


@pytest.mark.parametrize(
    ("ratio", "unit", "rounding", "text"),
    [
        (Ratio(12, 18), "percent", "truncate", "66.6%"),
        (Ratio(12, 18), "percent", "half_up", "66.7%"),
        (Ratio(21, 18), "per_person", "truncate", "1.16"),
        (Ratio(21, 18), "per_person", "half_up", "1.17"),
        (Ratio(0, 18), "percent", "truncate", "0.0%"),
        (Ratio(18, 18), "percent", "truncate", "100.0%"),
        (Ratio(1, 2000), "percent", "half_up", "0.1%"),
        (Ratio(1, 2001), "percent", "half_up", "0.0%"),
        (Ratio(41, 10), "per_person", "truncate", "4.10"),
        (Ratio(0, 0), "percent", "truncate", None),
        (Ratio(0, 0), "per_person", "half_up", None),
    ],
)
def test_shows_a_ratio_in_its_unit(ratio, unit, rounding, text) -> None:
    assert shown(ratio, unit, rounding) == text


@given(
    st.integers(min_value=0, max_value=10**9),
    st.integers(min_value=1, max_value=10**9),
    st.sampled_from(("truncate", "half_up")),
)
def test_shows_what_long_division_by_hand_gives(n: int, d: int, rounding: str) -> None:
    how = ROUND_DOWN if rounding == "truncate" else ROUND_HALF_UP
    with localcontext(prec=60):
        exact = Decimal(n) / Decimal(d)
        assert shown(Ratio(n, d), "percent", rounding) == (
            f"{(exact * 100).quantize(Decimal('0.1'), how)}%"
        )
        assert shown(Ratio(n, d), "per_person", rounding) == (
            f"{exact.quantize(Decimal('0.01'), how)}"
        )
