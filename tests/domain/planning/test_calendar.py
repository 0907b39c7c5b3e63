"""Local days."""

from datetime import UTC, date, datetime

import pytest

from domain.kernel.errors import Refusal
from domain.kernel.values import Month
from domain.planning.calendar import CalendarYear, WorkingDays, local_day


def test_the_day_changes_at_the_zone_s_midnight() -> None:
    assert local_day(datetime(2026, 6, 30, 15, 59, 59, tzinfo=UTC), "Asia/Shanghai") == date(
        2026, 6, 30
    )
    assert local_day(datetime(2026, 6, 30, 16, tzinfo=UTC), "Asia/Shanghai") == date(2026, 7, 1)


@pytest.mark.parametrize("zone", ["Asia/Nowhere", "", "../secret", "Asia"])
def test_refuses_a_zone_that_is_none(zone: str) -> None:
    with pytest.raises(Refusal) as refused:
        local_day(datetime(2026, 6, 30, tzinfo=UTC), zone)
    assert refused.value.code == "zone_unknown"


def test_refuses_an_instant_without_a_zone() -> None:
    with pytest.raises(Refusal) as refused:
        local_day(datetime(2026, 6, 30, tzinfo=UTC).replace(tzinfo=None), "Asia/Shanghai")
    assert refused.value.code == "instant_without_zone"


A_YEAR = CalendarYear(
    2012,
    days_off=(date(2012, 4, 30), date(2012, 5, 1)),
    days_worked=(date(2012, 4, 28),),
)


class TestWorkingDays:
    def test_a_weekend_day_made_up_for_may_be_the_last_of_a_month(self) -> None:
        calendar = WorkingDays([A_YEAR])
        assert calendar.last_working_day(Month(2012, 4)) == date(2012, 4, 28)
        assert not calendar.is_working(date(2012, 4, 29))
        assert not calendar.is_working(date(2012, 5, 1))
        assert calendar.is_working(date(2012, 5, 2))

    def test_a_year_that_is_not_loaded_is_refused(self) -> None:
        with pytest.raises(Refusal) as refused:
            WorkingDays([A_YEAR]).last_working_day(Month(2013, 1))
        assert refused.value == Refusal("calendar_not_loaded", year=2013)

    def test_the_version_is_another_where_a_day_is(self) -> None:
        version = WorkingDays([A_YEAR]).version
        assert version == WorkingDays([A_YEAR]).version
        assert version.startswith("cn-2012-2012-")
        other = CalendarYear(2012, A_YEAR.days_off, days_worked=())
        assert WorkingDays([other]).version != version
        assert WorkingDays([]).version == "cn-none"
