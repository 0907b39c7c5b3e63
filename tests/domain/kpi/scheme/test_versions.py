"""Which rules score which month."""

from typing import Any

import pytest

from domain.kernel.errors import Refusal
from domain.kernel.values import Month
from domain.kpi.scheme.versions import HEAD_OFFICE, Parameters, Scheme, Version

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
        ({"leaver_rule": "ignored"}, "choice_unknown"),
        ({"denominator": "entered"}, "choice_unknown"),
        ({"trial_denominator": "went_live"}, "choice_unknown"),
        ({"summary_days": -1}, "days_invalid"),
        ({"moved_days": 367}, "days_invalid"),
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
    assert refused.value == Refusal("scheme_overlaps", effective_from=Month(2026, 6))


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


@pytest.mark.parametrize("first", [0, 1])
def test_of_two_versions_from_one_month_head_offices_is_in_force(first: int) -> None:
    both = (Version(1, JUNE), Version(2, JUNE, origin=HEAD_OFFICE))
    assert Scheme((both[first], both[1 - first])).in_force(JULY).number == 2


def test_a_later_version_of_the_partner_follows_head_offices() -> None:
    scheme = Scheme((Version(1, JUNE, origin=HEAD_OFFICE),)).published(Version(2, JULY))
    assert scheme.in_force(JUNE).number == 1
    assert scheme.in_force(JULY).number == 2


def test_what_head_office_made_mandatory_holds_until_head_office_says_otherwise() -> None:
    august, september = Month(2026, 8), Month(2026, 9)
    mandatory = Version(2, JUNE, origin=HEAD_OFFICE, mandatory=True)
    scheme = Scheme((Version(1, JULY), mandatory))
    assert scheme.in_force(Month(2026, 5)) == Version()
    assert scheme.in_force(JULY) is mandatory
    with pytest.raises(Refusal) as refused:
        scheme.published(Version(3, august))
    assert refused.value == Refusal("scheme_set_by_head_office", effective_from=august, since=JUNE)
    freed = scheme.published(Version(3, august, origin=HEAD_OFFICE))
    assert freed.in_force(JULY) is mandatory
    assert freed.in_force(august).number == 3
    assert freed.published(Version(4, september)).in_force(september).number == 4


def test_a_version_said_by_all_takes_back_what_another_had_set() -> None:
    sized = Version(1, JULY, Parameters(class_size=30, window_days=60))
    scheme = Scheme((sized,)).saying(Version())
    assert [one.parameters for one in scheme.versions] == [Parameters(), Parameters()]
    assert [one.effective_from for one in scheme.versions] == [None, JULY]
