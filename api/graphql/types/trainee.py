"""Trainees: who they are, where they stand, what they did."""

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Self

import strawberry
from strawberry.scalars import JSON

from api.graphql.engine.arguments import paged, taking
from api.graphql.engine.connections import Connection
from api.graphql.engine.context import Info
from api.graphql.engine.enums import EXAM_KIND, POST
from api.graphql.engine.relay import Node, global_id
from domain.kernel.errors import NotFoundError
from domain.kpi.subjects.newcomer import Newcomer
from projections.kernel.paging import Page, Paging
from projections.teaching.cohorts import COHORT_LIST
from projections.trainees.cohort_roster import TRAINEE_LIST, CohortRosterRow
from projections.trainees.timeline import TIMELINE_LIST, TimelineRow
from services.reading.moment import Moment

if TYPE_CHECKING:
    from api.graphql.types.cohort import Cohort


@strawberry.enum(description="Where a trainee stands.")
class TraineeStatus(Enum):
    IN_TRAINING = "in_training"
    LIVE = "live"
    HELD = "held"
    LEFT = "left"
    ELIMINATED = "eliminated"


@strawberry.type(description="An order that is or was credited to this seller.")
class Order:
    order_no: str
    closed_on: date
    voided_on: date | None
    credited_on: date | None = strawberry.field(description="Since when, if it was another's.")
    reassigned_on: date | None = strawberry.field(description="Until when, if it is another's.")


@strawberry.type(description="A verdict on the trial post.")
class Trial:
    fact: int = strawberry.field(description="Its id, by which a correction names it.")
    on: date
    passed: bool


@strawberry.type(description="A result of the written exam or of the drill.")
class Exam:
    fact: int = strawberry.field(description="Its id, by which a correction names it.")
    kind: str = strawberry.field(graphql_type=EXAM_KIND)
    on: date
    passed: bool
    score: Decimal | None


@strawberry.type(description="One thing that happened to a trainee, as the log has it.")
class TimelineEvent:
    position: int
    fact: int = strawberry.field(description="The fact that it makes or is about.")
    event: str
    happened_on: date
    facts: JSON
    recorded_at: datetime
    actor: str
    source: JSON

    @classmethod
    def of(cls, row: TimelineRow) -> Self:
        return cls(
            position=row.position,
            fact=row.fact,
            event=row.topic,
            happened_on=row.happened_on,
            facts=JSON(row.facts),
            recorded_at=row.recorded_at,
            actor=row.actor,
            source=JSON(row.source),
        )


async def timeline_of(
    info: Info, stream: str, paging: Paging, moment: Moment | None
) -> Connection[TimelineEvent]:
    """A page of what happened to one thing, by its own id."""
    loaders = info.context.at(moment)
    if paging == Paging(paging.size):
        page = await loaders.first_events(paging.size).load(stream) or Page([], [], False)
    else:
        page = await loaders.reader.page(TIMELINE_LIST, paging, stream=stream)
    return Connection.of(
        page, TimelineEvent.of, lambda: loaders.reader.count(TIMELINE_LIST, stream=stream)
    )


@strawberry.type(description="A salesperson from entering the training to leaving.")
class Trainee(Node):
    id: strawberry.ID
    employee_no: str
    name: str
    post: str = strawberry.field(graphql_type=POST)
    manager: str | None
    status: TraineeStatus
    entered_on: date
    went_live_on: date | None
    left_on: date | None
    trainee_id: strawberry.Private[str]
    cohort_id: strawberry.Private[str]
    earlier_id: strawberry.Private[str | None]
    moment: strawberry.Private[Moment | None] = None
    facts: strawberry.Private[Newcomer | None] = None

    @classmethod
    def of(
        cls, row: CohortRosterRow, moment: Moment | None = None, facts: Newcomer | None = None
    ) -> Self:
        """facts: where they are known already, and perhaps newer than the read model."""
        return cls(
            id=global_id(TRAINEE_LIST.kind, row.trainee_id),
            employee_no=row.employee_no,
            name=row.name,
            post=row.post,
            manager=row.manager,
            status=TraineeStatus(row.status),
            entered_on=row.entered_on,
            went_live_on=row.live_on,
            left_on=row.left_on,
            trainee_id=row.trainee_id,
            cohort_id=row.cohort_id,
            earlier_id=row.life.rejoins,
            moment=moment,
            facts=facts,
        )

    @classmethod
    async def load(cls, info: Info, trainee_id: str, moment: Moment | None = None) -> Self | None:
        """By id, together with all others that this operation asks for."""
        row = await info.context.at(moment).row(TRAINEE_LIST).load(trainee_id)
        return None if row is None else cls.of(row, moment)

    @strawberry.field
    async def cohort(
        self, info: Info
    ) -> Annotated["Cohort", strawberry.lazy("api.graphql.types.cohort")]:
        from api.graphql.types.cohort import Cohort  # noqa: PLC0415 (the two types know each other)

        row = await info.context.at(self.moment).row(COHORT_LIST).load(self.cohort_id)
        if row is None:
            raise NotFoundError("cohort_unknown", code=self.cohort_id)
        return Cohort.of(row, self.moment)

    @strawberry.field
    async def rejoins(self, info: Info) -> "Trainee | None":
        if self.earlier_id is None:
            return None
        return await Trainee.load(info, self.earlier_id, self.moment)

    @strawberry.field
    async def orders(self, info: Info) -> list[Order]:
        facts = await self._facts(info)
        return [
            Order(
                order_no=o.no,
                closed_on=o.closed_on,
                voided_on=o.voided_on,
                credited_on=o.credited_on,
                reassigned_on=o.reassigned_on,
            )
            for o in (facts.orders if facts else ())
        ]

    @strawberry.field
    async def trials(self, info: Info) -> list[Trial]:
        facts = await self._facts(info)
        trials = facts.trials if facts else ()
        return [Trial(fact=t.fact, on=t.on, passed=t.passed) for t in trials]

    @strawberry.field
    async def exams(self, info: Info) -> list[Exam]:
        facts = await self._facts(info)
        return [
            Exam(fact=e.fact, kind=e.kind, on=e.on, passed=e.passed, score=e.score)
            for e in (facts.exams if facts else ())
        ]

    @taking(paged(TIMELINE_LIST.page_size), description="What happened, as it was recorded.")
    async def timeline(self, info: Info, paging: Paging) -> Connection[TimelineEvent]:
        return await timeline_of(info, self.trainee_id, paging, self.moment)

    async def _facts(self, info: Info) -> Newcomer | None:
        if self.facts is not None:
            return self.facts
        return await info.context.at(self.moment).newcomer_by_trainee.load(self.trainee_id)
