"""When reports are due, what their subject says, and what a scheme adds up to (S47 to S58)."""

from calendar import monthrange
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from tests.oracle.asking import local_day

SATURDAY = 6
"""As date.isoweekday counts."""


class CalendarNotLoadedError(Exception):
    """The statutory calendar of the year is not published, or not loaded."""


@dataclass(frozen=True)
class Calendar:
    """The statutory one of a year: weekdays that are off, and weekend days that are worked."""

    off: Collection[date] = ()
    worked: Collection[date] = ()

    def is_working(self, day: date) -> bool:
        return day in self.worked or (day.isoweekday() < SATURDAY and day not in self.off)


def last_working_day(year: int, month: int, calendars: dict[int, Calendar]) -> date:
    if year not in calendars:
        raise CalendarNotLoadedError(year)
    day = date(year, month, monthrange(year, month)[1])
    while not calendars[year].is_working(day):
        day -= timedelta(days=1)
    return day


def is_weekly_on_time(sent: datetime, saturday: date) -> bool:
    """Until 24:00 of the Saturday."""
    return local_day(sent) <= saturday


def subject(kind: str, name: str, day: date) -> str:
    return f"{kind}-{name}-{day:%y%m%d}"


def quarters_without(held: list[date], year: int) -> list[int]:
    """The calendar quarters of a year in which nothing was held."""
    done = {(day.month + 2) // 3 for day in held if day.year == year}
    return [quarter for quarter in (1, 2, 3, 4) if quarter not in done]


def longest_gap(held: list[date]) -> int:
    """In days, from one to the next."""
    days = sorted(held)
    return max((later - day).days for day, later in pairwise(days))


@dataclass(frozen=True)
class Line:
    """A line of a scheme. met: of each of its measures; None where a target is not set."""

    weight: int
    met: tuple[bool | None, ...]

    @property
    def is_scored(self) -> bool:
        return None not in self.met


@dataclass(frozen=True)
class Score:
    """Never rescaled to 100."""

    earned: int
    scored: int
    defined: int
    undefined: int


def score(lines: list[Line]) -> Score:
    """Each line earns its weight when all of its measures are met."""
    defined = sum(line.weight for line in lines)
    scored = [line for line in lines if line.is_scored]
    earned = sum(line.weight for line in scored if all(line.met))
    return Score(earned, sum(line.weight for line in scored), defined, 100 - defined)
