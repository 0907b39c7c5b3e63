"""Days and instants as they are typed: every usual spelling, and nothing guessed."""

from datetime import date, datetime

import pytest

from api.web.kit.days import LONGEST, day_typed, instant_typed, month_typed
from domain.kernel.errors import Refusal
from tests.spelt import DAYS_BY_FOLDING


@pytest.mark.parametrize(
    "text",
    ["2026-11-28", "2026/11/28", "2026.11.28", "20261128", "2026年11月28日", " 2026-11-28 "],
)
def test_a_day_is_read_in_every_spelling_with_the_year_first(text: str) -> None:
    assert day_typed(text) == date(2026, 11, 28)


@pytest.mark.parametrize("text", ["28/11/2026", "11-28", "yesterday", "2026-13-01", "2026-02-30"])
def test_a_day_that_could_mean_another_or_none_is_refused(text: str) -> None:
    with pytest.raises(Refusal, match="day_invalid"):
        day_typed(text)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-28 09:00",
        "2026/11/28 9:00",
        "20261128 09:00",
        "2026-11-28T09:00",
        "2026-11-28 09：00",
    ],
)
def test_an_instant_is_a_day_and_a_time(text: str) -> None:
    assert instant_typed(text) == datetime(2026, 11, 28, 9)


def test_an_instant_without_a_time_is_the_evening_of_its_day() -> None:
    assert instant_typed("2026/11/28") == datetime(2026, 11, 28, 23, 59)


@pytest.mark.parametrize("text", ["yesterday", "2026-11-28 25:00", "9:00", "2026-11-28 9 o'clock"])
def test_an_instant_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Refusal, match="instant_invalid"):
        instant_typed(text)


@pytest.mark.parametrize("text", DAYS_BY_FOLDING)
def test_a_day_or_an_instant_that_only_folding_makes_is_refused(text: str) -> None:
    with pytest.raises(Refusal, match="day_invalid"):
        day_typed(text)
    for instant in (text, f"{text} 09:00", "2026-06-12 09:0²"):
        with pytest.raises(Refusal, match="instant_invalid"):
            instant_typed(instant)


def test_a_month_may_have_wide_digits_and_none_that_only_folding_makes() -> None:
    with pytest.raises(Refusal, match="month_invalid"):
        month_typed("2026-0⑥")
    assert str(month_typed("２０２６-0６")) == "2026-06"


@pytest.mark.parametrize(
    "text", [f"a{' ' * 100_000}b", "T" * 100_000, f"2026-11-28{' ' * 100_000}x:00"]
)
def test_a_text_longer_than_any_time_is_refused_whatever_it_says(text: str) -> None:
    with pytest.raises(Refusal, match="day_invalid") as refused:
        day_typed(text)
    assert len(refused.value.params["day"]) <= LONGEST + 1
    with pytest.raises(Refusal, match="instant_invalid"):
        instant_typed(text)


@pytest.mark.parametrize("text", [None, "", "  ", " " * 100_000])
def test_an_empty_field_says_nothing(text: str | None) -> None:
    assert day_typed(text) is None
    assert instant_typed(text) is None
