"""The golden cases of spec/kpi.md about days, deadlines and cadences, each through GraphQL."""

from typing import Any
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar

from infra.bootstrap import App
from services.kernel.context import Role
from tests.api.conftest import open_door
from tests.api.door import Door

MONTH = "query Q($m: String!) { workingDays(month: $m) { month lastWorkingDay days } }"
DEADLINE = """
query Q($report: ReportKind!, $on: Date!, $at: DateTime) {
  deadline(report: $report, on: $on, at: $at) { dueAt isSoft verdict }
}
"""
SUBJECT = """
query Q($report: SentReport!, $name: String!, $on: Date!) {
  reportSubject(report: $report, name: $name, on: $on)
}
"""
CADENCE = """
query Q($days: [Date!]!, $since: Date!, $until: Date!, $way: CadenceWay!) {
  cadence(kind: SUPERVISORS, days: $days, since: $since, until: $until, way: $way) {
    since until held due
  }
}
"""


@pytest.mark.parametrize(
    ("month", "day"),
    [
        ("2012-03", "2012-03-31"),
        ("2012-04", "2012-04-28"),
        ("2012-09", "2012-09-29"),
        ("2013-04", "2013-04-28"),
        ("2014-01", "2014-01-30"),
        ("2015-02", "2015-02-28"),
        ("2017-01", "2017-01-26"),
        ("2017-09", "2017-09-30"),
    ],
)
async def test_g8_the_last_working_day_is_the_statutory_calendar_s(
    door: Door, month: str, day: str
) -> None:
    """S49: a rule of Mondays to Fridays is wrong eight times of eight."""
    found = (await door.data(MONTH, m=month))["workingDays"]
    assert (found["month"], found["lastWorkingDay"], found["days"][-1]) == (month, day, day)


async def test_g8_a_holiday_is_no_working_day_and_the_weekend_made_up_for_it_is(door: Door) -> None:
    found = (await door.data(MONTH, m="2026-02"))["workingDays"]
    assert {"2026-02-14", "2026-02-28"} < set(found["days"])
    assert not {f"2026-02-{day}" for day in range(15, 24)} & set(found["days"])
    assert len(found["days"]) == 16


@pytest.mark.parametrize("month", ["2003-12", "2027-01"])
async def test_g9_a_year_that_is_not_loaded_is_refused_and_never_guessed(
    door: Door, month: str
) -> None:
    year = int(month[:4])
    (error,) = (await door.answer(MONTH, m=month))["errors"]
    assert error["extensions"]["code"] == "calendar_not_loaded"
    assert error["extensions"]["params"] == {"year": year}
    assert str(year) in error["message"]
    assert await door.code(DEADLINE, report="MONTHLY", on=f"{month}-15") == "calendar_not_loaded"


@pytest.mark.parametrize(
    ("report", "on", "last", "late"),
    [
        ("DAILY", "2026-07-18", "2026-07-19T07:59:59", "2026-07-19T08:00:00"),
        ("WEEKLY", "2026-07-15", "2026-07-18T23:59:59", "2026-07-19T00:00:00"),
        ("MONTHLY", "2026-02-03", "2026-02-28T23:59:59", "2026-03-01T00:00:00"),
        ("PLAN", "2026-07-01", "2026-07-25T23:59:59", "2026-07-26T00:00:00"),
        ("FIGURES", "2026-07-01", "2026-07-05T23:59:59", "2026-07-06T00:00:00"),
    ],
)
async def test_g10_a_second_before_is_on_time_and_the_instant_is_late(
    door: Door, report: str, on: str, last: str, late: str
) -> None:
    """S47, S48, S49, S51, S54: 24:00 is already the next day."""
    asked = {"report": report, "on": on}
    on_time = await deadline(door, **asked, at=f"{last}+08:00")
    too_late = await deadline(door, **asked, at=f"{late}+08:00")
    assert (on_time["verdict"], too_late["verdict"]) == ("ON_TIME", "LATE")
    assert on_time["dueAt"] == f"{late}+08:00"
    assert on_time["isSoft"] is (report == "DAILY")
    assert (await deadline(door, **asked))["verdict"] is None


async def test_g10_the_zone_is_the_partner_s_and_not_the_clock_s(
    app: App, web: Litestar, http: httpx.AsyncClient
) -> None:
    partner = await app.accounts.create_partner(f"p-{uuid4().hex[:12]}", "西部", "Asia/Urumqi")
    door = await open_door(app, web, http, partner.code, Role.TRAINING_MANAGER)
    asked = {"report": "WEEKLY", "on": "2026-07-18"}
    assert (await deadline(door, **asked, at="2026-07-18T17:59:59Z"))["verdict"] == "ON_TIME"
    late = await deadline(door, **asked, at="2026-07-19T02:00:00+08:00")
    assert late == {"dueAt": "2026-07-19T00:00:00+06:00", "isSoft": False, "verdict": "LATE"}


async def deadline(door: Door, **asked: str) -> dict[str, Any]:
    return dict((await door.data(DEADLINE, **asked))["deadline"])


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        ("WEEKLY", "周报-杜玉璇-070718"),
        ("DAILY", "日报-杜玉璇-070718"),
        ("MONTHLY", "月报-杜玉璇-070718"),
    ],
)
async def test_g18_the_subject_takes_any_day_of_the_week(
    door: Door, report: str, expected: str
) -> None:
    """S50, T13: the source's own day is a Wednesday."""
    asked = {"report": report, "name": " 杜玉璇 ", "on": "2007-07-18"}
    assert (await door.data(SUBJECT, **asked))["reportSubject"] == expected
    assert await door.code(SUBJECT, report=report, name="", on="2007-07-18") == "name_missing"


@pytest.mark.parametrize(
    ("way", "missing"),
    [
        ("CALENDAR", [{"since": "2026-04-01", "until": "2026-06-30", "held": 0, "due": 1}]),
        ("ROLLING", []),
    ],
)
async def test_g19_a_quarter_is_missing_by_the_calendar_and_not_rolling(
    door: Door, way: str, missing: list[dict[str, Any]]
) -> None:
    """S79: supervisors trained on 31 March and 1 July, which is 92 days later."""
    trained = {"days": ["2026-07-01", "2026-03-31"], "since": "2026-03-31", "until": "2026-09-30"}
    assert (await door.data(CADENCE, **trained, way=way))["cadence"] == missing


async def test_g19_a_period_that_ends_before_it_begins_is_refused(door: Door) -> None:
    asked = {"days": [], "since": "2026-07-01", "until": "2026-06-30", "way": "ROLLING"}
    assert await door.code(CADENCE, **asked) == "period_reversed"
