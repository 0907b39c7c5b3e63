"""The two times of a question: the day up to which things happened, and what was known by when."""

from dataclasses import dataclass
from datetime import date, datetime

from tests.oracle.classes import Fact
from tests.oracle.known import ZONE


class DayInFutureError(Exception):
    """`happenedBy` lies after today."""


@dataclass(frozen=True)
class Times:
    """position: of the last whole command that was known; None: everything.

    day: what has happened by its evening. today: the day of who asks, or of what was known.
    """

    position: int | None
    day: date
    today: date


def local_day(instant: datetime) -> date:
    """From 00:00:00 to 23:59:59 where the partner is."""
    return instant.astimezone(ZONE).date()


def asked(
    log: list[Fact],
    now: datetime,
    happened_by: date | None = None,
    known_by: datetime | int | None = None,
) -> Times:
    """known_by: an instant or a position; one inside a command means the command before it."""
    position, today = None, local_day(now)
    if known_by is not None:
        measure = "position" if isinstance(known_by, int) else "recorded_at"
        before = [fact for fact in log if fact[measure] <= known_by]
        position = before[-1]["position"] if before else 0
        if isinstance(known_by, datetime):
            today = local_day(known_by)
        elif before:
            today = local_day(before[-1]["recorded_at"])
    if happened_by is not None and happened_by > local_day(now):
        raise DayInFutureError(happened_by)
    return Times(position, happened_by or today, today)
