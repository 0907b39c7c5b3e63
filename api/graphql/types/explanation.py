"""A figure, opened: the lines that were counted and those that were not, down to the events."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import strawberry
from strawberry.scalars import JSON

from api.graphql.engine.arguments import paged, taking
from api.graphql.engine.connections import Connection
from api.graphql.engine.context import Info
from api.graphql.types.trainee import Trainee
from domain.kpi.proof import explanation as exact
from projections.kernel.paging import LARGEST_PAGE, Paging
from services.reading.moment import Moment

LINES = paged(LARGEST_PAGE)
"""The page of an explanation that one field answers."""


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


@strawberry.type(description="Every line of the figures; counted again, they give the figures.")
class Explanation:
    source: strawberry.Private[exact.Explanation]
    moment: strawberry.Private[Moment | None]
    counted_members: int
    not_counted_members: int
    counted_orders: int
    excluded_orders: int

    @taking(LINES, description="Who counts in the denominator and the numerator.")
    def members_counted(self, info: Info, paging: Paging) -> Connection[CountedMember]:
        return self._members(self.source.members_counted, paging)

    @taking(LINES, description="Who counts in the denominator alone.")
    def members_not_counted(self, info: Info, paging: Paging) -> Connection[CountedMember]:
        return self._members(self.source.members_not_counted, paging)

    @taking(LINES, description="Who entered and has not gone live.")
    def in_training(self, info: Info, paging: Paging) -> Connection[TraineeInTraining]:
        return Connection.of_lines(
            self.source.in_training,
            paging,
            lambda line: TraineeInTraining(
                **self._line(line),
                cohort=line.cohort_code,
                entered_on=line.state.newcomer.entered_on,
            ),
        )

    @taking(LINES, description="The orders that count.")
    def orders_counted(self, info: Info, paging: Paging) -> Connection[CountedOrder]:
        return self._orders(self.source.orders_counted, paging)

    @taking(LINES, description="The orders that do not count, each with the rule.")
    def orders_excluded(self, info: Info, paging: Paging) -> Connection[CountedOrder]:
        return self._orders(self.source.orders_excluded, paging)

    @taking(LINES, description="The verdicts on trial posts.")
    def trials_judged(self, info: Info, paging: Paging) -> Connection[JudgedTrial]:
        return Connection.of_lines(
            self.source.trials,
            paging,
            lambda line: JudgedTrial(
                **self._line(line), on=line.trial.on, passed=line.trial.passed
            ),
        )

    @taking(LINES, description="Every event behind the lines, in the order of the log.")
    async def events(self, info: Info, paging: Paging) -> Connection[RecordedEvent]:
        return await events_page(info, self.source.positions, paging)

    def _members(self, lines: Sequence[exact.Member], paging: Paging) -> Connection[CountedMember]:
        return Connection.of_lines(lines, paging, self._member)

    def _member(self, line: exact.Member) -> CountedMember:
        window = line.state.window
        if window is None:
            raise LookupError(f"{line.label} has not gone live")
        return CountedMember(
            **self._line(line),
            cohort=line.cohort_code,
            went_live_on=window.first_day,
            last_day=window.last_day,
            left_on=line.state.left_on,
            valid_orders=len(line.state.orders),
            rule=line.rule,
            scheme_version=window.version,
        )

    def _orders(self, lines: Sequence[exact.OrderLine], paging: Paging) -> Connection[CountedOrder]:
        return Connection.of_lines(
            lines,
            paging,
            lambda line: CountedOrder(
                **self._line(line),
                order_no=line.order.no,
                closed_on=line.order.closed_on,
                rule=line.rule,
            ),
        )

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


async def events_at(info: Info, positions: list[int]) -> list[RecordedEvent]:
    """The events at these places in the log."""
    rows = await info.context.at().event_by_position.load_many(positions)
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


async def events_page(
    info: Info, positions: Sequence[int], paging: Paging
) -> Connection[RecordedEvent]:
    """A page of the events at these places in the log. Refuses `cursor_invalid`."""
    start, stop = paging.window(len(positions))
    events = await events_at(info, list(positions[start:stop]))
    return Connection.numbered(events, start, len(positions))
