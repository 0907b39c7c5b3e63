"""A moment: what had happened by a day, of what was known at a position.

Everything below an object that was obtained at a moment answers at that moment. None stands for
everything, now.
"""

from datetime import date

import msgspec

from services.reading.question import Question


class Moment(msgspec.Struct, frozen=True):
    """happened_by: the last business day that counts; None: days to come count too."""

    happened_by: date | None
    position: int


def moment_of(asked: Question, position: int, today: date) -> Moment | None:
    """The moment of figures that were answered at a position; None for those of today, as known
    now."""
    if asked.known_by is None and asked.happened_by == today:
        return None
    return Moment(asked.happened_by, position)
