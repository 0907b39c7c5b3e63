"""The moment of figures that were answered: at which what is below them is answered, too."""

from datetime import date

from services.reading.moment import Moment
from services.reading.question import Question


def moment_of(asked: Question, position: int, today: date) -> Moment | None:
    """None for the figures of today, as known now."""
    if asked.known_by is None and asked.happened_by == today:
        return None
    return Moment(asked.happened_by, position)
