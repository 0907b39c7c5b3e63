"""Days as the partner lives them: a business date is a local date, whatever zone a clock speaks.

Working days are those of the statutory Chinese calendar, with the weekend days that are made up
for. It is announced year by year; a year that is not loaded is refused, never guessed.
"""

import hashlib
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from domain.kernel.errors import Refusal
from domain.kernel.values import Month

CIVIL_DAYS = "civil-1"
"""What reports were pinned to before there was a calendar of working days."""

LAST_YEAR = 9998
"""The last year that a date can count on from."""

_SATURDAY = 5


def local_day(instant: datetime, zone: str) -> date:
    """The date on the wall of the zone (IANA name) at an instant; 24:00 is already the next day.

    Refuses `zone_unknown` and `instant_without_zone`.
    """
    if instant.tzinfo is None:
        raise Refusal("instant_without_zone", instant=instant.isoformat())
    try:
        return instant.astimezone(ZoneInfo(zone)).date()
    except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
        raise Refusal("zone_unknown", zone=zone) from unknown


def require_reachable(day: date) -> None:
    """Refuses `day_out_of_range` for a day after which there is no other month."""
    if day.year > LAST_YEAR:
        raise Refusal("day_out_of_range", on=day)


class CalendarYear(msgspec.Struct, frozen=True):
    """The announced holidays and made-up working days of one year, in their order.

    days_off: the holidays, weekends among them. days_worked: the weekend days made up for (调休).
    """

    year: int
    days_off: tuple[date, ...]
    days_worked: tuple[date, ...]


class WorkingDays:
    """The working days of the years that are loaded (S49)."""

    def __init__(self, years: Iterable[CalendarYear]) -> None:
        loaded = sorted(years, key=lambda year: year.year)
        self._years = frozenset(year.year for year in loaded)
        self._off = frozenset(day for year in loaded for day in year.days_off)
        self._worked = frozenset(day for year in loaded for day in year.days_worked)
        self.version = _version(loaded)

    def is_working(self, day: date) -> bool:
        """Whether a day is a working day. Refuses `calendar_not_loaded`."""
        self._require(day.year)
        return day in self._worked or (day.weekday() < _SATURDAY and day not in self._off)

    def of(self, month: Month) -> list[date]:
        """The working days of a month in their order. Refuses `calendar_not_loaded`."""
        self._require(month.year)
        first = month.first_day
        days = (first + timedelta(days=n) for n in range((month.last_day - first).days + 1))
        return [day for day in days if self.is_working(day)]

    def last_working_day(self, month: Month) -> date:
        """The month's last working day, perhaps a weekend day. Refuses `calendar_not_loaded`."""
        return self.of(month)[-1]

    def _require(self, year: int) -> None:
        if year not in self._years:
            raise Refusal("calendar_not_loaded", year=year)


def _version(years: list[CalendarYear]) -> str:
    """Names exactly these days: another day anywhere is another version."""
    if not years:
        return "cn-none"
    digest = hashlib.sha256(msgspec.json.encode(years)).hexdigest()
    return f"cn-{years[0].year}-{years[-1].year}-{digest[:12]}"
