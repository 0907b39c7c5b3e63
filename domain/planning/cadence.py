"""Whether training was held as often as the source asks: two ways to count, which differ (S79).

By the calendar, every month or quarter needs its trainings. Rolling, no stretch of so many days may
pass without one. Supervisors trained on 31 March and 1 July miss the second quarter, and yet never
went 92 days without training; the calendar is what holds unless asked otherwise.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import pairwise
from types import MappingProxyType
from typing import Literal

from msgspec import Struct

from domain.kernel.errors import Refusal
from domain.kernel.values import Month
from domain.planning.calendar import require_reachable

CadenceKind = Literal["induction", "refresher", "supervisors"]
CadenceWay = Literal["calendar", "rolling"]

LONGEST_DAYS = 3_660
"""Ten years."""


class Cadence(Struct, frozen=True):
    """How often training is due: `times` in every calendar period of so many months.

    rolling_days: at least once in any so many days.
    """

    times: int
    months: int
    rolling_days: int


CADENCES: Mapping[CadenceKind, Cadence] = MappingProxyType(
    {
        "induction": Cadence(times=1, months=1, rolling_days=31),
        "refresher": Cadence(times=2, months=1, rolling_days=15),
        "supervisors": Cadence(times=1, months=3, rolling_days=92),
    }
)
"""Induction (S74), refresher (S75) and supervisors' training (S79)."""


class Missed(Struct, frozen=True):
    """A period, both days in it, with fewer days of training than were due."""

    since: date
    until: date
    held: int
    due: int


def missed(
    cadence: Cadence, days: Iterable[date], since: date, until: date, way: CadenceWay = "calendar"
) -> tuple[Missed, ...]:
    """The periods without training from one day to another, both included, in order.

    days: on which training was held; one day counts once. A calendar period counts when it lies
    within the days asked about as a whole.
    """
    if until < since:
        raise Refusal("period_reversed", since=since, until=until)
    if (until - since).days >= LONGEST_DAYS:
        raise Refusal("period_too_long", days=(until - since).days + 1, most=LONGEST_DAYS)
    require_reachable(until)
    held = sorted({day for day in days if since <= day <= until})
    if way == "rolling":
        return tuple(_stretches(cadence, held, since, until))
    return tuple(_periods(cadence, held, since, until))


def _periods(cadence: Cadence, held: list[date], since: date, until: date) -> Iterator[Missed]:
    month = Month(since.year, (since.month - 1) // cadence.months * cadence.months + 1)
    while month.first_day <= until:
        first, last = month.first_day, month.next(cadence.months - 1)
        count = bisect_right(held, last.last_day) - bisect_left(held, first)
        if since <= first and last.last_day <= until and count < cadence.times:
            yield Missed(first, last.last_day, count, cadence.times)
        month = last.next()


def _stretches(cadence: Cadence, held: list[date], since: date, until: date) -> Iterator[Missed]:
    """From the day after one training to the day before the next, where that is too long."""
    bounds = [since.toordinal() - 1, *(day.toordinal() for day in held), until.toordinal() + 1]
    for before, after in pairwise(bounds):
        if after - before > cadence.rolling_days:
            first, last = date.fromordinal(before + 1), date.fromordinal(after - 1)
            yield Missed(first, last, held=0, due=1)
