"""A figure, opened: the lines that were counted and those that were not, down to the events."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, TypeVar

import strawberry
from strawberry.scalars import JSON

from api.graphql.engine.context import Info
from api.graphql.engine.moment import Moment
from api.graphql.types.trainee import Trainee
from domain.kernel.errors import Refusal
from domain.kpi.proof import explanation as exact

MOST_LINES = 200
"""Lines of an explanation that one field answers at a time."""

L = TypeVar("L")


@strawberry.type(description="An event as the partner's log has it.")
class RecordedEvent:
    position: int
    event: str
    happened_on: date
    recorded_at: datetime
    actor: str
    source: JSON = strawberry.field(
        description="How it came in: typed, integrated, or imported with file, sheet and row."
    )


@strawberry.type
class _OfTrainee:
    """What every line about a newcomer has."""

    employee_no: str
    positions: list[int]
    trainee_id: strawberry.Private[str]
    moment: strawberry.Private[Moment | None]

    @strawberry.field
    async def trainee(self, info: Info) -> Trainee | None:
        return await Trainee.load(info, self.trainee_id, self.moment)

    @strawberry.field
    async def events(self, info: Info) -> list[RecordedEvent]:
        return await events_at(info, self.positions)


@strawberry.type(description="A line of the denominator; `rule` says why it does not count.")
class CountedMember(_OfTrainee):
    cohort: str
    went_live_on: date
    last_day: date
    left_on: date | None
    valid_orders: int
    rule: str | None
    scheme_version: int


@strawberry.type(description="Entered the training and has not gone live.")
class TraineeInTraining(_OfTrainee):
    cohort: str
    entered_on: date


@strawberry.type(description="An order; `rule` says why it is not counted.")
class CountedOrder(_OfTrainee):
    order_no: str
    closed_on: date
    rule: str | None


@strawberry.type(description="A verdict on a trial post.")
class JudgedTrial(_OfTrainee):
    on: date
    passed: bool


First = Annotated[int, strawberry.argument(description="Lines to answer, at most 200.")]
After = Annotated[int, strawberry.argument(description="Lines to leave out before them.")]


@strawberry.type(description="Every line of the figures; counted again, they give the figures.")
class Explanation:
    source: strawberry.Private[exact.Explanation]
    moment: strawberry.Private[Moment | None]
    counted_members: int
    not_counted_members: int
    counted_orders: int
    excluded_orders: int

    @strawberry.field
    def members_counted(self, first: First = MOST_LINES, after: After = 0) -> list[CountedMember]:
        return self._members(self.source.members_counted, first, after)

    @strawberry.field
    def members_not_counted(
        self, first: First = MOST_LINES, after: After = 0
    ) -> list[CountedMember]:
        return self._members(self.source.members_not_counted, first, after)

    @strawberry.field
    def in_training(self, first: First = MOST_LINES, after: After = 0) -> list[TraineeInTraining]:
        return [
            TraineeInTraining(
                **self._line(line),
                cohort=line.cohort_code,
                entered_on=line.state.newcomer.entered_on,
            )
            for line in lines_of(self.source.in_training, first, after)
        ]

    @strawberry.field
    def orders_counted(self, first: First = MOST_LINES, after: After = 0) -> list[CountedOrder]:
        return self._orders(self.source.orders_counted, first, after)

    @strawberry.field
    def orders_excluded(self, first: First = MOST_LINES, after: After = 0) -> list[CountedOrder]:
        return self._orders(self.source.orders_excluded, first, after)

    @strawberry.field
    def trials_judged(self, first: First = MOST_LINES, after: After = 0) -> list[JudgedTrial]:
        return [
            JudgedTrial(**self._line(line), on=line.trial.on, passed=line.trial.passed)
            for line in lines_of(self.source.trials, first, after)
        ]

    @strawberry.field
    async def events(
        self, info: Info, first: First = MOST_LINES, after: After = 0
    ) -> list[RecordedEvent]:
        return await events_at(info, lines_of(self.source.positions, first, after))

    def _members(
        self, lines: Sequence[exact.Member], first: int, after: int
    ) -> list[CountedMember]:
        return [
            CountedMember(
                **self._line(line),
                cohort=line.cohort_code,
                went_live_on=window.first_day,
                last_day=window.last_day,
                left_on=line.state.left_on,
                valid_orders=len(line.state.orders),
                rule=line.rule,
                scheme_version=window.version,
            )
            for line in lines_of(lines, first, after)
            if (window := line.state.window)
        ]

    def _orders(
        self, lines: Sequence[exact.OrderLine], first: int, after: int
    ) -> list[CountedOrder]:
        return [
            CountedOrder(
                **self._line(line),
                order_no=line.order.no,
                closed_on=line.order.closed_on,
                rule=line.rule,
            )
            for line in lines_of(lines, first, after)
        ]

    def _line(self, line: exact.Explained) -> dict[str, Any]:
        return {
            "employee_no": line.state.label,
            "positions": list(line.positions),
            "trainee_id": line.state.trainee_id,
            "moment": self.moment,
        }


def explanation_of(found: exact.Explanation, moment: Moment | None) -> Explanation:
    """The domain's explanation as the schema has it, with people as of the moment."""
    return Explanation(
        source=found,
        moment=moment,
        counted_members=len(found.members_counted),
        not_counted_members=len(found.members_not_counted),
        counted_orders=len(found.orders_counted),
        excluded_orders=len(found.orders_excluded),
    )


def lines_of(lines: Sequence[L], first: int, after: int) -> list[L]:
    """A page of lines. Refuses `page_size_invalid`."""
    if not 0 <= first <= MOST_LINES or after < 0:
        raise Refusal("page_size_invalid", first=first, most=MOST_LINES)
    return list(lines[after : after + first])


async def events_at(info: Info, positions: list[int]) -> list[RecordedEvent]:
    """The events at these places in the log."""
    rows = await info.context.live.event_by_position.load_many(positions)
    return [
        RecordedEvent(
            position=row.position,
            event=row.topic,
            happened_on=row.happened_on,
            recorded_at=row.recorded_at,
            actor=row.actor,
            source=JSON(row.source),
        )
        for row in rows
        if row is not None
    ]
