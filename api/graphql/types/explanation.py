"""A figure, opened: the lines that were counted and those that were not, down to the events."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, TypeVar

import strawberry
from strawberry.scalars import JSON

from api.graphql.engine.context import Info
from api.graphql.types.trainee import Trainee
from domain.kernel.errors import Refusal
from domain.kpi.proof import explanation as kpi_explanation
from services.reading.moment import Moment

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


@strawberry.type(description="A line of the denominator; `rule` says why it does not count.")
class CountedMember:
    employee_no: str
    cohort: str
    went_live_on: date
    last_day: date
    left_on: date | None
    valid_orders: int
    rule: str | None
    scheme_version: int
    positions: list[int]
    trainee_id: strawberry.Private[str]
    moment: strawberry.Private[Moment | None]

    @strawberry.field
    async def trainee(self, info: Info) -> Trainee | None:
        return await Trainee.load(info, self.trainee_id, self.moment)

    @strawberry.field
    async def events(self, info: Info) -> list[RecordedEvent]:
        return await events_at(info, self.positions)


@strawberry.type(description="Entered the training and has not gone live.")
class TraineeInTraining:
    employee_no: str
    cohort: str
    entered_on: date
    positions: list[int]
    trainee_id: strawberry.Private[str]
    moment: strawberry.Private[Moment | None]

    @strawberry.field
    async def trainee(self, info: Info) -> Trainee | None:
        return await Trainee.load(info, self.trainee_id, self.moment)


@strawberry.type(description="An order; `rule` says why it is not counted.")
class CountedOrder:
    order_no: str
    employee_no: str
    closed_on: date
    rule: str | None
    positions: list[int]
    trainee_id: strawberry.Private[str]
    moment: strawberry.Private[Moment | None]

    @strawberry.field
    async def trainee(self, info: Info) -> Trainee | None:
        return await Trainee.load(info, self.trainee_id, self.moment)

    @strawberry.field
    async def events(self, info: Info) -> list[RecordedEvent]:
        return await events_at(info, self.positions)


@strawberry.type(description="A verdict on a trial post.")
class JudgedTrial:
    employee_no: str
    on: date
    passed: bool
    positions: list[int]
    trainee_id: strawberry.Private[str]
    moment: strawberry.Private[Moment | None]

    @strawberry.field
    async def trainee(self, info: Info) -> Trainee | None:
        return await Trainee.load(info, self.trainee_id, self.moment)


First = Annotated[int, strawberry.argument(description="Lines to answer, at most 200.")]
After = Annotated[int, strawberry.argument(description="Lines to leave out before them.")]


@strawberry.type(description="Every line of the figures; counted again, they give the figures.")
class Explanation:
    source: strawberry.Private[kpi_explanation.Explanation]
    moment: strawberry.Private[Moment | None]
    counted_members: int
    not_counted_members: int
    counted_orders: int
    excluded_orders: int

    @strawberry.field
    def members_counted(self, first: First = MOST_LINES, after: After = 0) -> list[CountedMember]:
        return [
            _member(m, self.moment) for m in lines_of(self.source.members_counted, first, after)
        ]

    @strawberry.field
    def members_not_counted(
        self, first: First = MOST_LINES, after: After = 0
    ) -> list[CountedMember]:
        return [
            _member(m, self.moment) for m in lines_of(self.source.members_not_counted, first, after)
        ]

    @strawberry.field
    def in_training(self, first: First = MOST_LINES, after: After = 0) -> list[TraineeInTraining]:
        return [
            TraineeInTraining(
                employee_no=one.employee_no,
                cohort=one.cohort_code,
                entered_on=one.entered_on,
                positions=list(one.positions),
                trainee_id=one.trainee_id,
                moment=self.moment,
            )
            for one in lines_of(self.source.in_training, first, after)
        ]

    @strawberry.field
    def orders_counted(self, first: First = MOST_LINES, after: After = 0) -> list[CountedOrder]:
        return [_order(o, self.moment) for o in lines_of(self.source.orders_counted, first, after)]

    @strawberry.field
    def orders_excluded(self, first: First = MOST_LINES, after: After = 0) -> list[CountedOrder]:
        return [_order(o, self.moment) for o in lines_of(self.source.orders_excluded, first, after)]

    @strawberry.field
    def trials_judged(self, first: First = MOST_LINES, after: After = 0) -> list[JudgedTrial]:
        return [
            JudgedTrial(
                employee_no=trial.employee_no,
                on=trial.on,
                passed=trial.passed,
                positions=list(trial.positions),
                trainee_id=trial.trainee_id,
                moment=self.moment,
            )
            for trial in lines_of(self.source.trials, first, after)
        ]

    @strawberry.field
    async def events(
        self, info: Info, first: First = MOST_LINES, after: After = 0
    ) -> list[RecordedEvent]:
        found = self.source
        places = {
            place
            for lines in (
                [line.positions for line in found.members],
                [line.positions for line in found.in_training],
                [line.positions for line in found.orders_counted],
                [line.positions for line in found.orders_excluded],
                [line.positions for line in found.trials],
            )
            for positions in lines
            for place in positions
        }
        return await events_at(info, lines_of(sorted(places), first, after))


def explanation_of(found: kpi_explanation.Explanation, moment: Moment | None) -> Explanation:
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


def _member(line: kpi_explanation.Member, moment: Moment | None) -> CountedMember:
    return CountedMember(
        employee_no=line.employee_no,
        cohort=line.cohort_code,
        went_live_on=line.went_live_on,
        last_day=line.last_day,
        left_on=line.left_on,
        valid_orders=line.valid_orders,
        rule=line.rule,
        scheme_version=line.version,
        positions=list(line.positions),
        trainee_id=line.trainee_id,
        moment=moment,
    )


def _order(line: kpi_explanation.OrderLine, moment: Moment | None) -> CountedOrder:
    return CountedOrder(
        order_no=line.no,
        employee_no=line.employee_no,
        closed_on=line.closed_on,
        rule=line.rule,
        positions=list(line.positions),
        trainee_id=line.trainee_id,
        moment=moment,
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
