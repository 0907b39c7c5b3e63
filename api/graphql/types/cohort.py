"""Cohorts: what they are called, who answers for them, and where their people stand."""

from collections import Counter
from datetime import date
from enum import Enum
from typing import Self, get_args

import strawberry

from api.graphql.engine.arguments import taking
from api.graphql.engine.context import Info
from api.graphql.engine.relay import Node, global_id
from api.graphql.types.figures import NewcomerFigures, figures_of
from projections.teaching.cohorts import COHORT_LIST, COHORT_STATUS, CohortRow
from projections.trainees.cohort_roster import STATUSES_BY_COHORT, Status
from services.reading.moment import Moment


@strawberry.enum(description="Where a cohort stands, by where its people do.")
class CohortStatus(Enum):
    OPEN = strawberry.enum_value("open", description="Nobody has entered yet.")
    IN_TRAINING = strawberry.enum_value("in_training", description="Somebody is in training.")
    FINISHED = strawberry.enum_value(
        "finished", description="Everybody who entered has gone live or left."
    )


@strawberry.type(description="How many entered, and of these how many stand where.")
class CohortCounts:
    entered: int
    in_training: int
    live: int
    held: int
    left: int
    eliminated: int


@strawberry.type(description="Who answered for a cohort from a day on.")
class Handover:
    on: date
    training_manager: str | None


@strawberry.type(description="A batch of newcomers that is trained together.")
class Cohort(Node):
    id: strawberry.ID
    code: str
    name: str
    opened_on: date
    trial_required: bool
    training_manager: str | None = strawberry.field(description="Who answers for it now.")
    handovers: list[Handover] = strawberry.field(description="From the opening on, as recorded.")
    cohort_id: strawberry.Private[str]
    moment: strawberry.Private[Moment | None] = None

    @classmethod
    def of(cls, row: CohortRow, moment: Moment | None = None) -> Self:
        return cls(
            id=global_id(COHORT_LIST.kind, row.cohort_id),
            code=row.code,
            name=row.name,
            opened_on=row.opened_on,
            trial_required=row.trial_required,
            training_manager=row.training_manager,
            handovers=[
                Handover(on=handover.on, training_manager=handover.training_manager)
                for handover in row.handovers
            ],
            cohort_id=row.cohort_id,
            moment=moment,
        )

    @taking(description="Where it stands, by where its people do.")
    async def status(self, info: Info) -> CohortStatus:
        return CohortStatus(COHORT_STATUS.state_of(await self._counts(info)))

    @strawberry.field
    async def counts(self, info: Info) -> CohortCounts:
        found = await self._counts(info)
        return CohortCounts(
            entered=sum(found.values()), **{status: found[status] for status in get_args(Status)}
        )

    @strawberry.field
    async def figures(self, info: Info) -> NewcomerFigures:
        known = info.context.at(self.moment)
        figures, position = await known.figures_by_cohort.load(self.code)
        return figures_of(figures, position, known.question.narrowed("cohort", self.code))

    async def _counts(self, info: Info) -> Counter[str]:
        counts = info.context.at(self.moment).counts(STATUSES_BY_COHORT)
        return await counts.load(self.cohort_id) or Counter()
