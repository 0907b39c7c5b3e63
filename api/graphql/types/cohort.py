"""Cohorts, and the pages of them."""

from datetime import date
from enum import Enum
from typing import Self

import strawberry

from api.graphql.engine.context import Info
from api.graphql.engine.moment import Moment
from api.graphql.engine.relay import Node, PageInfo, global_id, own_id, page_info
from api.graphql.types.figures import NewcomerFigures, figures_of
from domain.kernel.values import Month
from projections.teaching.cohorts import CohortRow
from projections.trainees.cohort_roster import RosterCounts

KIND = "Cohort"
PAGE = 50


@strawberry.enum(description="The state of a cohort.")
class CohortStatus(Enum):
    OPEN = "open"


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
    status: CohortStatus
    cohort_id: strawberry.Private[str]
    moment: strawberry.Private[Moment | None] = None

    @classmethod
    def of(cls, row: CohortRow, moment: Moment | None = None) -> Self:
        return cls(
            id=global_id(KIND, row.cohort_id),
            code=row.code,
            name=row.name,
            opened_on=row.opened_on,
            trial_required=row.trial_required,
            training_manager=row.training_manager,
            handovers=[
                Handover(on=handover.on, training_manager=handover.training_manager)
                for handover in row.handovers
            ],
            status=CohortStatus.OPEN,
            cohort_id=row.cohort_id,
            moment=moment,
        )

    @strawberry.field
    async def counts(self, info: Info) -> CohortCounts:
        counts = info.context.at(self.moment).counts_by_cohort
        found = await counts.load(self.cohort_id) or RosterCounts()
        return CohortCounts(
            entered=found.entered,
            in_training=found.in_training,
            live=found.live,
            held=found.held,
            left=found.left,
            eliminated=found.eliminated,
        )

    @strawberry.field
    async def figures(self, info: Info) -> NewcomerFigures:
        known = info.context.at(self.moment)
        figures, position = await known.figures_by_cohort.load(self.code)
        return figures_of(figures, position, known.question.narrowed("cohort", self.code))


@strawberry.type
class CohortEdge:
    cursor: str
    node: Cohort


@strawberry.type(description="A page of cohorts, the latest first.")
class CohortConnection:
    edges: list[CohortEdge]
    page_info: PageInfo
    month: strawberry.Private[Month | None]
    moment: strawberry.Private[Moment | None]

    @strawberry.field
    async def total_count(self, info: Info) -> int:
        return await info.context.at(self.moment).count_cohorts(month=self.month)


async def cohort(
    info: Info, given: str | None, code: str | None, moment: Moment | None
) -> Cohort | None:
    """By global id, or by code however it is spelt."""
    if given is None and code is None:
        return None
    cohort_id = own_id(given, KIND)[1] if given is not None else None
    row = await info.context.at(moment).get_cohort(cohort_id=cohort_id, code=code)
    return None if row is None else Cohort.of(row, moment)


async def cohorts(
    info: Info, *, first: int, after: str | None, month: str | None, moment: Moment | None
) -> CohortConnection:
    """month: YYYY-MM, of the opening."""
    opened_in = Month.parse(month) if month is not None else None
    page = await info.context.at(moment).list_cohorts(month=opened_in, first=first, after=after)
    return CohortConnection(
        edges=[
            CohortEdge(cursor=cursor, node=Cohort.of(row, moment))
            for row, cursor in zip(page.rows, page.cursors, strict=True)
        ],
        page_info=page_info(page.cursors, page.has_next, after),
        month=opened_in,
        moment=moment,
    )
