"""How figures are printed and which targets they may have."""

from fractions import Fraction

import pytest

from tests.oracle.units import Unit, may_be_a_target, meets, shown, shows_its_fraction, unit_of


@pytest.mark.parametrize(
    ("slug", "value", "truncated", "rounded"),
    [
        ("order_rate", Fraction(12, 18), "66.6%", "66.7%"),
        ("order_rate", Fraction(0), "0.0%", "0.0%"),
        ("average_orders", Fraction(21, 18), "1.16", "1.17"),
        ("average_orders", Fraction(1, 18), "0.05", "0.06"),
        ("entered", Fraction(20), "20", "20"),
        ("average_exam_score", Fraction(170, 3), "56.6", "56.7"),
        ("days_to_go_live", Fraction(25, 2), "12.5", "12.5"),
        ("days_late", Fraction(1, 16), "0.0", "0.1"),
    ],
)
def test_a_figure_is_cut_or_rounded_in_its_unit(
    slug: str, value: Fraction, truncated: str, rounded: str
) -> None:
    assert shown(value, unit_of(slug)) == truncated
    assert shown(value, unit_of(slug), "half_up") == rounded


def test_a_figure_of_nobody_is_neither_printed_nor_scored() -> None:
    assert shown(None, "percent") is None
    assert meets(None, Fraction(4, 5)) is None
    assert meets(Fraction(4, 5), None) is None


@pytest.mark.parametrize(
    ("slug", "is_shown"),
    [
        ("order_rate", True),
        ("average_orders", True),
        ("orders_in_first_week", True),
        ("average_exam_score", False),
        ("days_late", False),
        ("entered", False),
        ("plan_kept", False),
    ],
)
def test_the_fraction_beside_a_figure_is_of_people_or_orders(slug: str, is_shown: bool) -> None:
    assert shows_its_fraction(slug) is is_shown


@pytest.mark.parametrize(
    ("unit", "target", "is_allowed"),
    [
        ("percent", 0, True),
        ("percent", 1, True),
        ("percent", Fraction(1001, 1000), False),
        ("percent", Fraction(-1, 1000), False),
        ("average", 3, True),
        ("points", 100, True),
        ("points", -1, False),
        ("people", -1, False),
        ("days", -1, False),
    ],
)
def test_a_target_within_and_beyond_the_range_of_its_unit(
    unit: Unit, target: int, is_allowed: bool
) -> None:
    assert may_be_a_target(Fraction(target), unit) is is_allowed
