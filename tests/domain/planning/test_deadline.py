"""Deadlines in the partner's zone (G10), and the names of reports (G18)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel.errors import Refusal
from domain.kernel.values import Month
from domain.planning.calendar import CalendarYear, WorkingDays
from domain.planning.deadline import (
    Deadline,
    ReportKind,
    SentReport,
    deadline_of,
    newest_due,
    report_name,
)

ZONE = "Asia/Shanghai"
CALENDAR = WorkingDays([CalendarYear(2026, days_off=(date(2026, 10, 1),), days_worked=())])


def due(report: ReportKind, on: date, zone: str = ZONE) -> Deadline:
    return deadline_of(report, on, zone, CALENDAR)


@pytest.mark.parametrize(
    ("report", "on", "due_at"),
    [
        ("daily", date(2026, 7, 18), datetime(2026, 7, 19, 0)),
        ("weekly", date(2026, 7, 12), datetime(2026, 7, 18, 16)),
        ("weekly", date(2026, 7, 18), datetime(2026, 7, 18, 16)),
        ("weekly", date(2026, 7, 19), datetime(2026, 7, 25, 16)),
        ("monthly", date(2026, 2, 1), datetime(2026, 2, 27, 16)),
        ("plan", date(2026, 7, 31), datetime(2026, 7, 25, 16)),
        ("figures", date(2026, 7, 1), datetime(2026, 7, 5, 16)),
    ],
)
def test_is_due_in_the_partner_s_zone(report: ReportKind, on: date, due_at: datetime) -> None:
    assert due(report, on).due_at == due_at.replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("on", "newest"),
    [
        (date(2026, 7, 4), Month(2026, 5)),
        (date(2026, 7, 5), Month(2026, 6)),
        (date(2026, 7, 31), Month(2026, 6)),
        (date(2026, 6, 4), None),
    ],
)
def test_the_newest_month_of_which_figures_are_due_is_another_from_the_fifth_on(
    on: date, newest: Month | None
) -> None:
    assert newest_due([Month(2026, 7), Month(2026, 5), Month(2026, 6)], on) == newest


def test_only_the_daily_report_s_is_soft() -> None:
    kinds: list[ReportKind] = ["daily", "weekly", "monthly", "plan", "figures"]
    assert [due(kind, date(2026, 7, 18)).is_soft for kind in kinds] == [True, *[False] * 4]


def test_the_zone_moves_the_instant() -> None:
    east, west = due("weekly", date(2026, 7, 18)), due("weekly", date(2026, 7, 18), "Asia/Urumqi")
    assert west.due_at - east.due_at == timedelta(hours=2)


def test_a_day_without_a_next_month_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        due("daily", date.max)
    assert refused.value.code == "day_out_of_range"


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        due("daily", date(2026, 7, 18)).is_met(datetime(2026, 7, 18))
    assert refused.value.code == "instant_without_zone"


def test_a_month_of_a_year_that_is_not_loaded_has_no_deadline() -> None:
    with pytest.raises(Refusal) as refused:
        due("monthly", date(2027, 1, 1))
    assert refused.value == Refusal("calendar_not_loaded", year=2027)


@given(st.sampled_from(["daily", "weekly", "plan", "figures"]), st.dates(date(1, 1, 1)))
def test_a_second_before_is_on_time_and_the_instant_itself_is_late(
    report: ReportKind, on: date
) -> None:
    if on.year > 9998:
        return
    deadline = due(report, on)
    assert deadline.is_met(deadline.due_at - timedelta(seconds=1))
    assert not deadline.is_met(deadline.due_at)
    assert not deadline.is_met(deadline.due_at.astimezone(UTC))


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        ("daily", "日报-杜玉璇-070718"),
        ("weekly", "周报-杜玉璇-070718"),
        ("monthly", "月报-杜玉璇-070718"),
    ],
)
def test_names_the_report_the_sender_and_the_day(report: SentReport, expected: str) -> None:
    assert report_name(report, "杜玉璇", date(2007, 7, 18)) == expected


def test_a_name_brings_no_line_of_its_own_into_a_header() -> None:
    assert report_name("daily", " 杜\r\nBcc: 玉璇 ", date(2026, 1, 2)) == "日报-杜 Bcc: 玉璇-260102"


def test_a_missing_name_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        report_name("daily", " ", date(2026, 1, 2))
    assert refused.value.code == "name_missing"
