"""The golden cases of calendars, reports and the scheme: G8 to G10 and G17 to G19."""

from datetime import date, datetime

import pytest

from tests.oracle.duties import (
    Calendar,
    CalendarNotLoadedError,
    Line,
    Score,
    is_weekly_on_time,
    last_working_day,
    longest_gap,
    quarters_without,
    score,
    subject,
)
from tests.oracle.known import ZONE


def days(*iso: str) -> tuple[date, ...]:
    return tuple(map(date.fromisoformat, iso))


CALENDARS = {
    2012: Calendar(off=days("2012-04-30"), worked=days("2012-03-31", "2012-04-28", "2012-09-29")),
    2013: Calendar(off=days("2013-04-29", "2013-04-30"), worked=days("2013-04-27", "2013-04-28")),
    2014: Calendar(off=days("2014-01-31"), worked=days("2014-01-26")),
    2015: Calendar(off=days("2015-02-23", "2015-02-24"), worked=days("2015-02-28")),
    2017: Calendar(off=days("2017-01-27", "2017-01-30", "2017-01-31"), worked=days("2017-09-30")),
}
"""Near the ends of the months below."""


@pytest.mark.parametrize(
    "last",
    days(
        *("2012-03-31", "2012-04-28", "2012-09-29", "2013-04-28"),
        *("2014-01-30", "2015-02-28", "2017-01-26", "2017-09-30"),
    ),
)
def test_g8_the_last_working_day_where_weekends_are_worked_or_weekdays_off(last: date) -> None:
    assert last_working_day(last.year, last.month, CALENDARS) == last
    by_weekday = last_working_day(last.year, last.month, {last.year: Calendar()})
    assert by_weekday != last, "a rule of Monday to Friday would do"


def test_g9_a_year_whose_calendar_is_not_loaded() -> None:
    with pytest.raises(CalendarNotLoadedError):
        last_working_day(2018, 1, CALENDARS)


@pytest.mark.parametrize(
    ("sent", "is_on_time"), [("2007-07-21T23:59:59", True), ("2007-07-22T00:00:00", False)]
)
def test_g10_a_weekly_of_the_last_second_and_of_the_one_after_it(
    sent: str, is_on_time: bool
) -> None:
    instant = datetime.fromisoformat(sent).replace(tzinfo=ZONE)
    assert is_weekly_on_time(instant, date(2007, 7, 21)) is is_on_time


LINES = [Line(15, (True,)), Line(15, (True,)), Line(10, (True, True)), Line(15, (True,) * 5)]


def test_g17_the_five_known_lines_fully_met() -> None:
    assert score([*LINES, Line(10, (True,))]) == Score(65, 65, 65, 35)


def test_g4_and_lines_without_a_target_or_with_one_measure_not_met() -> None:
    nobody_live = Line(10, (None,))
    assert score([*LINES, nobody_live]) == Score(55, 55, 65, 35)
    assert score([*LINES, Line(10, (True, False))]) == Score(55, 65, 65, 35)


def test_g18_the_subject_of_a_weekly() -> None:
    assert subject("周报", "杜玉璇", date(2007, 7, 18)) == "周报-杜玉璇-070718"


def test_g19_trainings_around_a_quarter_that_has_none() -> None:
    held = days("2026-03-31", "2026-07-01")
    assert 2 in quarters_without(list(held), 2026)
    assert longest_gap(list(held)) == 92
