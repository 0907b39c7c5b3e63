"""Small values: what a month and a storable text are."""

from decimal import Decimal

import pytest

from domain.kernel.errors import Refusal
from domain.kernel.values import (
    LONGEST_NUMBER,
    Month,
    is_storable,
    number_key,
    number_of,
    typed_key,
)
from tests.spelt import NUMBERS_IN_OTHER_DIGITS


@pytest.mark.parametrize("text", ["1900-01", "2026-06", "2999-12"])
def test_a_month_lies_in_the_years_of_commands(text: str) -> None:
    month = Month.parse(text)
    assert str(month) == text
    assert month.first_day < month.last_day < month.next().last_day


@pytest.mark.parametrize(
    "text", ["0000-12", "1899-12", "3000-01", "9999-12", "2026-13", "2026-6", "２０２６-06"]
)
def test_a_month_outside_them_or_in_other_digits_is_refused(text: str) -> None:
    with pytest.raises(Refusal, match="month_invalid"):
        Month.parse(text)


@pytest.mark.parametrize(
    ("text", "storable"),
    [("王小明", True), ("a\u3000b\n", True), ("a\x00", False), ("a\ud800", False)],
    ids=["name", "spaces", "nul", "lone_surrogate"],
)
def test_a_text_with_a_nul_or_a_lone_surrogate_cannot_be_stored(text: str, storable: bool) -> None:
    assert is_storable(text) is storable


@pytest.mark.parametrize(
    ("text", "number"),
    [("10", 10), (" 10", 10), ("１，２８０.５", Decimal("1280.5")), ("-0.25", Decimal("-0.25"))],
)
def test_a_number_is_digits_as_people_write_them(text: str, number: Decimal) -> None:
    assert number_of(text) == number


def test_a_number_of_more_characters_than_anybody_types_is_none() -> None:
    assert number_of("9" * LONGEST_NUMBER) == 10**LONGEST_NUMBER - 1
    assert number_of("9" * (LONGEST_NUMBER + 1)) is None


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "1_0",
            "1e2",
            "١٠",
            "NaN",
            "inf",
            "+1",
            "1 0",
            ".5",
            "1.",
            "0x1",
            "½",
            "5²",
            "⑩",
            "𝟓",
        ),
        *("1,5", "12,80", ",5", "1,2800", "1280,", "1,,280", "1.280,5"),
    ],
)
def test_what_only_a_program_takes_for_a_number_or_has_a_comma_elsewhere_is_none(text: str) -> None:
    assert number_of(text) is None


def test_who_types_a_number_whose_digits_only_folding_makes_finds_nobody() -> None:
    assert [typed_key(text) for text in NUMBERS_IN_OTHER_DIGITS] == NUMBERS_IN_OTHER_DIGITS
    assert typed_key("'ｈｚ５２ ") == "HZ52"


@pytest.mark.parametrize("text", ["AB-1", " ab-１ ", "ab‐1", "ab‑1", "ab–1", "ab−1", "ＡＢ－1"])
def test_a_number_is_the_same_whatever_hyphen_case_and_width_it_is_typed_with(text: str) -> None:
    assert number_key(text) == "AB-1"
