"""The moment of figures that were answered: at which what is below them is answered, too."""

from datetime import date

from api.figures import Question
from services.reading.moment import Moment


def moment_of(asked: Question, position: int, today: date) -> Moment | None:
    """None for the figures of today, as known now."""
    if asked.known_by is None and asked.happened_by == today:
        return None
    return Moment(asked.happened_by, position)
