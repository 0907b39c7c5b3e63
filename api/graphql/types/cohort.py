"""Cohorts: what they are called, who answers for them, and where their people stand."""

from collections import Counter
from typing import get_args

import strawberry

from api.graphql.engine.arguments import taking
from api.graphql.engine.connections import Row
from api.graphql.engine.context import Info
from api.graphql.engine.enums import enum_of
from api.graphql.engine.outputs import output_of, showing
from api.graphql.types.figures import NewcomerFigures, figures_of
from domain.kernel.errors import NotFoundError
from domain.kpi.subjects.teaching import Handover
from projections.teaching.cohorts import COHORT_LIST, COHORT_STATUS, CohortRow, CohortStatus
from projections.trainees.cohort_roster import STATUSES_BY_COHORT, Status

output_of(Handover, "Handover", "on training_manager")


@showing()
class CohortCounts:
    """How many entered, and of these how many stand where."""

    entered: int
    in_training: int
    live: int
    held: int
    left: int
    eliminated: int


@showing(CohortRow, "code name opened_on trial_required training_manager handovers")
class Cohort(Row):
    """A batch of newcomers that is trained together."""

    listing = COHORT_LIST

    @classmethod
    async def behind(cls, info: Info, shown: Row) -> "Cohort":
        """The cohort of a person or class. Raises NotFoundError `cohort_unknown`."""
        found = await cls.load(info, shown.row.cohort_id, shown.moment)
        if found is None:
            raise NotFoundError("cohort_unknown", code=shown.row.cohort_id)
        return found

    @taking(answer=enum_of(CohortStatus))
    async def status(self, info: Info) -> str:
        return COHORT_STATUS.state_of(await self._counts(info))

    @strawberry.field
    async def counts(self, info: Info) -> CohortCounts:
        found = await self._counts(info)
        return CohortCounts(
            entered=sum(found.values()), **{status: found[status] for status in get_args(Status)}
        )

    @strawberry.field
    async def figures(self, info: Info) -> NewcomerFigures:
        known, code = info.context.at(self.moment), self.row.code
        figures, position = await known.figures_by_cohort.load(code)
        return figures_of(figures, position, known.question.narrowed("cohort", code))

    async def _counts(self, info: Info) -> Counter[str]:
        counts = info.context.at(self.moment).counts(STATUSES_BY_COHORT)
        return await counts.load(self.row.cohort_id) or Counter()
