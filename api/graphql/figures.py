"""The newcomers' figures: exact, with the state they are of, and opened down to the events."""

from datetime import date, datetime
from typing import Annotated, TypeVar

import strawberry

from api.figures import Question
from api.graphql.context import Info
from api.graphql.trainee import Trainee
from domain.errors import Refusal
from domain.kpi import explanation as kpi_explanation
from domain.kpi import figures as kpi
from domain.kpi.rounding import Unit, shown
from domain.values import Ratio as ExactRatio

MOST_LINES = 200
"""Lines of an explanation that one field answers at a time."""

L = TypeVar("L")


@strawberry.type(description="An exact fraction; value and shown are null when it is undefined.")
class Ratio:
    numerator: int
    denominator: int
    value: float | None
    shown: str | None


@strawberry.type(description="The state that figures are of.")
class AsOf:
    happened_by: date
    known_by: datetime | None
    position: int
    scheme_version: int = strawberry.field(description="0 stands for the defaults.")
    scheme_versions: list[int]


@strawberry.type(description="An event as the partner's log has it.")
class RecordedEvent:
    position: int
    event: str
    happened_on: date
    recorded_at: datetime
    actor: str


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

    @strawberry.field
    async def trainee(self, info: Info) -> Trainee | None:
        return await Trainee.load(info, self.trainee_id)

    @strawberry.field
    async def events(self, info: Info) -> list[RecordedEvent]:
        return await _events(info, self.positions)


@strawberry.type(description="Entered the training and has not gone live.")
class TraineeInTraining:
    employee_no: str
    cohort: str
    entered_on: date
    positions: list[int]
    trainee_id: strawberry.Private[str]

    @strawberry.field
    async def trainee(self, info: Info) -> Trainee | None:
        return await Trainee.load(info, self.trainee_id)


@strawberry.type(description="An order; `rule` says why it is not counted.")
class CountedOrder:
    order_no: str
    employee_no: str
    closed_on: date
    rule: str | None
    positions: list[int]
    trainee_id: strawberry.Private[str]

    @strawberry.field
    async def trainee(self, info: Info) -> Trainee | None:
        return await Trainee.load(info, self.trainee_id)

    @strawberry.field
    async def events(self, info: Info) -> list[RecordedEvent]:
        return await _events(info, self.positions)


@strawberry.type(description="A verdict on a trial post.")
class JudgedTrial:
    employee_no: str
    on: date
    passed: bool
    positions: list[int]
    trainee_id: strawberry.Private[str]

    @strawberry.field
    async def trainee(self, info: Info) -> Trainee | None:
        return await Trainee.load(info, self.trainee_id)


First = Annotated[int, strawberry.argument(description="Lines to answer, at most 200.")]
After = Annotated[int, strawberry.argument(description="Lines to leave out before them.")]


@strawberry.type(description="Every line of the figures; counted again, they give the figures.")
class Explanation:
    source: strawberry.Private[kpi_explanation.Explanation]
    counted_members: int
    not_counted_members: int
    counted_orders: int
    excluded_orders: int

    @strawberry.field
    def members_counted(self, first: First = MOST_LINES, after: After = 0) -> list[CountedMember]:
        return [_member(m) for m in _lines(self.source.members_counted, first, after)]

    @strawberry.field
    def members_not_counted(
        self, first: First = MOST_LINES, after: After = 0
    ) -> list[CountedMember]:
        return [_member(m) for m in _lines(self.source.members_not_counted, first, after)]

    @strawberry.field
    def in_training(self, first: First = MOST_LINES, after: After = 0) -> list[TraineeInTraining]:
        return [
            TraineeInTraining(
                employee_no=one.employee_no,
                cohort=one.cohort_code,
                entered_on=one.entered_on,
                positions=list(one.positions),
                trainee_id=one.trainee_id,
            )
            for one in _lines(self.source.in_training, first, after)
        ]

    @strawberry.field
    def orders_counted(self, first: First = MOST_LINES, after: After = 0) -> list[CountedOrder]:
        return [_order(o) for o in _lines(self.source.orders_counted, first, after)]

    @strawberry.field
    def orders_excluded(self, first: First = MOST_LINES, after: After = 0) -> list[CountedOrder]:
        return [_order(o) for o in _lines(self.source.orders_excluded, first, after)]

    @strawberry.field
    def trials(self, first: First = MOST_LINES, after: After = 0) -> list[JudgedTrial]:
        return [
            JudgedTrial(
                employee_no=trial.employee_no,
                on=trial.on,
                passed=trial.passed,
                positions=list(trial.positions),
                trainee_id=trial.trainee_id,
            )
            for trial in _lines(self.source.trials, first, after)
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
        return await _events(info, _lines(sorted(places), first, after))


@strawberry.type(description="The figures of a group of newcomers on the evening of a day.")
class NewcomerFigures:
    entered: int
    went_live: int
    employed: int
    order_rate: Ratio
    average_orders: Ratio
    trial_pass_rate: Ratio
    trial_pass_rate_of_entered: Ratio
    floor: Ratio = strawberry.field(description="Of the order rate: what can no longer be lost.")
    ceiling: Ratio = strawberry.field(description="Of the order rate: if all who still can did.")
    is_final: bool
    final_on: date | None
    as_of: AsOf
    question: strawberry.Private[Question]

    @strawberry.field
    async def explanation(self, info: Info) -> Explanation:
        asked, position = self.question, self.as_of.position
        ask = info.context
        found = await ask.figures.explain(ask.principal, asked, position)
        return Explanation(
            source=found,
            counted_members=len(found.members_counted),
            not_counted_members=len(found.members_not_counted),
            counted_orders=len(found.orders_counted),
            excluded_orders=len(found.orders_excluded),
        )


@strawberry.type(description="The figures of one month, cohort or manager.")
class GroupFigures:
    key: str = strawberry.field(description="The month (YYYY-MM), the cohort's code, the manager.")
    figures: NewcomerFigures


@strawberry.type(description="A partner's figures at a glance.")
class Board:
    whole: NewcomerFigures
    months: list[GroupFigures]
    by_cohort: list[GroupFigures]
    by_manager: list[GroupFigures]
    as_of: AsOf


def figures_of(found: kpi.NewcomerFigures, position: int, asked: Question) -> NewcomerFigures:
    """The domain's figures as the schema has them."""
    rounding = found.rounding
    return NewcomerFigures(
        entered=found.entered,
        went_live=found.went_live,
        employed=found.employed,
        order_rate=_ratio(found.order_rate, "percent", rounding),
        average_orders=_ratio(found.average_orders, "per_person", rounding),
        trial_pass_rate=_ratio(found.trial_pass_rate, "percent", rounding),
        trial_pass_rate_of_entered=_ratio(found.trial_pass_rate_of_entered, "percent", rounding),
        floor=_ratio(found.floor, "percent", rounding),
        ceiling=_ratio(found.ceiling, "percent", rounding),
        is_final=found.is_final,
        final_on=found.final_on,
        as_of=_as_of(found, position, asked),
        question=asked,
    )


async def newcomer_figures(info: Info, asked: Question) -> NewcomerFigures:
    """Answers a question."""
    ask = info.context
    figured = await ask.figures.figures(ask.principal, asked)
    return figures_of(figured.figures, figured.position, asked)


async def board(info: Info, asked: Question, last_months: int) -> Board:
    """Answers a question by month, cohort and manager; of months the last so many."""
    ask = info.context
    if not 1 <= last_months <= 120:
        raise Refusal("page_size_invalid", first=last_months, most=120)
    boarded = await ask.figures.board(ask.principal, asked)
    found, position = boarded.board, boarded.position

    def groups(by: dict[str, kpi.NewcomerFigures], field: str) -> list[GroupFigures]:
        return [
            GroupFigures(key=key, figures=figures_of(its, position, _narrowed(asked, field, key)))
            for key, its in by.items()
        ]

    months = {str(month): found.by_month[month] for month in list(found.by_month)[-last_months:]}
    return Board(
        whole=figures_of(found.whole, position, asked),
        months=groups(months, "month"),
        by_cohort=groups(found.by_cohort, "cohort"),
        by_manager=groups(found.by_manager, "manager"),
        as_of=_as_of(found.whole, position, asked),
    )


def _narrowed(asked: Question, field: str, key: str) -> Question:
    return Question(
        happened_by=asked.happened_by,
        month=key if field == "month" else asked.month,
        cohort=key if field == "cohort" else asked.cohort,
        manager=key if field == "manager" else asked.manager,
        known_by=asked.known_by,
    )


def _as_of(found: kpi.NewcomerFigures, position: int, asked: Question) -> AsOf:
    known_by = asked.known_by
    return AsOf(
        happened_by=found.happened_by,
        known_by=known_by if isinstance(known_by, datetime) else None,
        position=position,
        scheme_version=found.scheme_version,
        scheme_versions=list(found.versions),
    )


def _ratio(exact: ExactRatio, unit: Unit, rounding: str) -> Ratio:
    return Ratio(
        numerator=exact.numerator,
        denominator=exact.denominator,
        value=exact.value,
        shown=shown(exact, unit, rounding),
    )


def _lines(lines: "tuple[L, ...] | list[L]", first: int, after: int) -> list[L]:
    if not 0 <= first <= MOST_LINES or after < 0:
        raise Refusal("page_size_invalid", first=first, most=MOST_LINES)
    return list(lines[after : after + first])


def _member(line: kpi_explanation.Member) -> CountedMember:
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
    )


def _order(line: kpi_explanation.OrderLine) -> CountedOrder:
    return CountedOrder(
        order_no=line.no,
        employee_no=line.employee_no,
        closed_on=line.closed_on,
        rule=line.rule,
        positions=list(line.positions),
        trainee_id=line.trainee_id,
    )


async def _events(info: Info, positions: list[int]) -> list[RecordedEvent]:
    rows = await info.context.event_by_position.load_many(positions)
    return [
        RecordedEvent(
            position=row.position,
            event=row.topic,
            happened_on=row.happened_on,
            recorded_at=row.recorded_at,
            actor=row.actor,
        )
        for row in rows
        if row is not None
    ]
