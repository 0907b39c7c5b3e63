"""The months whose figures are due by the end of the 5th of the next, if anybody went live (S54).

A kind of fact, beside those of tests/oracle/known.py; only the first of a month counts:

    submitted   month: YYYY-MM, at: the instant
"""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from tests.oracle.classes import Fact, Share
from tests.oracle.groups import Wanted
from tests.oracle.standing import Standing

ZONE = ZoneInfo("Asia/Shanghai")


def submission_shares(
    submitted: dict[str, Fact], everybody: list[Standing], wanted: Wanted, day: date
) -> dict[str, Share]:
    """By month. A month belongs to no batch and to nobody."""
    if (wanted.cohort, wanted.manager, wanted.training_manager) != (None, None, None):
        return {}
    months = {one.window.month for one in everybody if one.window}
    return {
        month: _share(submitted.get(month), month, day)
        for month in months
        if wanted.month in (None, month)
    }


def _share(fact: Fact | None, month: str, day: date) -> Share:
    year, number = map(int, month.split("-"))
    fifth = date(year + number // 12, number % 12 + 1, 5)
    if day < fifth:
        return 0, 0
    late_from = datetime.combine(fifth.replace(day=6), time(0), ZONE)
    had_been = fact is not None and fact["at"].astimezone(ZONE).date() <= day
    return int(had_been and fact is not None and fact["at"] < late_from), 1
