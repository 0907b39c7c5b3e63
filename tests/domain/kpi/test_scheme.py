"""Which rules score which month."""

from typing import Any

import pytest

from domain.errors import Refusal
from domain.kpi.scheme import Parameters, Scheme, Version
from domain.values import Month

JUNE, JULY = Month(2026, 6), Month(2026, 7)


@pytest.mark.parametrize(
    ("rules", "code"),
    [
        ({"window_days": 0}, "window_days_invalid"),
        ({"window_days": 367}, "window_days_invalid"),
        ({"leaver_cutoff": "never"}, "choice_unknown"),
        ({"rounding": "up"}, "choice_unknown"),
        ({"kpi_month": ""}, "choice_unknown"),
        ({"regolive": "last"}, "choice_unknown"),
    ],
)
def test_refuses_rules_that_mean_nothing(rules: dict[str, Any], code: str) -> None:
    with pytest.raises(Refusal) as refused:
        Parameters(**rules)
    assert refused.value.code == code


def test_refuses_two_versions_from_one_month() -> None:
    scheme = Scheme((Version(1, JUNE),))
    with pytest.raises(Refusal) as refused:
        scheme.published(Version(2, JUNE))
    assert refused.value == Refusal("scheme_overlaps", effective_from="2026-06")


def test_a_month_is_scored_by_the_latest_version_up_to_it() -> None:
    later = Version(1, JULY, Parameters(window_days=60))
    earlier = Version(2, Month(2026, 1), Parameters(window_days=45))
    scheme = Scheme((later, earlier))
    assert scheme.in_force(JUNE) is earlier
    assert scheme.in_force(JULY) is later
    assert scheme.in_force(Month(2030, 1)) is later


def test_before_the_first_version_the_defaults_hold() -> None:
    assert Scheme((Version(1, JULY),)).in_force(JUNE) == Version()
    assert Version().parameters == Parameters(30, "window_close", "truncate", "went_live", "first")
