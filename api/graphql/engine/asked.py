"""From the arguments that fields share to a question about figures, which group, which evening,
known when; or to a moment, at which everything else is answered."""

from datetime import date, datetime

from api.graphql.engine.context import Info
from api.graphql.engine.moment import Moment
from domain.kernel.errors import Refusal
from domain.kernel.values import tidy
from services.reading.question import Question


def question(
    info: Info,
    month: str | None = None,
    cohort: str | None = None,
    manager: str | None = None,
    training_manager: str | None = None,
    happened_by: date | None = None,
    known_by: datetime | None = None,
    known_by_position: int | None = None,
) -> Question:
    """happened_by: the partner's today where it is not said.

    Refuses `known_by_twice`, `instant_without_zone`, `position_invalid`.
    """
    return Question(
        happened_by=happened_by or info.context.today,
        month=month,
        cohort=cohort,
        manager=None if manager is None else tidy(manager),
        training_manager=None if training_manager is None else tidy(training_manager),
        known_by=known(known_by, known_by_position),
    )


async def moment(
    info: Info,
    happened_by: date | None,
    known_by: datetime | None,
    known_by_position: int | None,
) -> Moment | None:
    """None where neither time is said.

    Refuses `known_by_twice`, `instant_without_zone`, `position_invalid`.
    """
    by = known(known_by, known_by_position)
    if happened_by is None and by is None:
        return None
    ask = info.context
    return Moment(happened_by, await ask.system.time_travel.position(ask.tenant, by))


def known(instant: datetime | None, position: int | None) -> datetime | int | None:
    """By when things were recorded; None for now.

    Refuses `known_by_twice`, `instant_without_zone`, `position_invalid`.
    """
    if instant is not None and position is not None:
        raise Refusal("known_by_twice")
    if instant is not None and instant.tzinfo is None:
        raise Refusal("instant_without_zone", instant=instant.isoformat())
    if position is not None and position < 0:
        raise Refusal("position_invalid", position=position)
    return instant if position is None else position
