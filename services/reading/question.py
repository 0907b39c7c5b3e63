"""A question about figures: of which group, on which evening, known by when."""

from datetime import date, datetime
from typing import Annotated

import msgspec

from domain.kernel.bounds import Days, Text
from domain.kernel.values import Month
from domain.kpi.group import By, Group
from services.reading.moment import Moment


class Question(msgspec.Struct, frozen=True):
    """A group, an evening and an instant of knowledge; see `Group`.

    month: YYYY-MM. cohort: a code, however it is spelt. manager: of the newcomers (主管);
    training_manager: of their batches. known_by: an instant or a position; None for now.
    FigureReader checks the bounds: what is remembered by a question is of bounded size.
    """

    happened_by: Annotated[date, Days()]
    month: str | None = None
    cohort: Annotated[str, Text(64)] | None = None
    manager: Annotated[str, Text(64)] | None = None
    known_by: datetime | int | None = None
    training_manager: Annotated[str, Text(64)] | None = None

    def narrowed(self, by: By, key: str) -> "Question":
        """The question about the group within the group that a key names."""
        return msgspec.structs.replace(self, **{by: key})

    def on(self, day: date) -> "Question":
        """The question about the evening of another day."""
        return msgspec.structs.replace(self, happened_by=day)

    def at(self, position: int) -> "Question":
        """The question, to be answered as it was known at a position."""
        return msgspec.structs.replace(self, known_by=position)

    def moment(self, position: int, today: date) -> Moment | None:
        """When what is behind an answer is looked at; None for today's figures, as known now."""
        is_now = self.known_by is None and self.happened_by == today
        return None if is_now else Moment(self.happened_by, position)

    def group(self, cohort: str | None) -> Group:
        """cohort: the code as the batch spells it. Refuses `month_invalid`."""
        return Group(
            month=Month.parse(self.month) if self.month else None,
            cohort=cohort,
            manager=self.manager,
            training_manager=self.training_manager,
        )
