"""Trainees: who they are, where they stand, what they did."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from api.graphql.engine.arguments import paged, taking
from api.graphql.engine.connections import Connection, Row, connection_of
from api.graphql.engine.context import Info
from api.graphql.engine.enums import POST
from api.graphql.engine.outputs import list_of, output_of, showing
from domain.kpi.subjects.facts import ExamFact, OrderFact, TrialFact
from domain.kpi.subjects.newcomer import Newcomer
from projections.kernel.paging import Page, Paging
from projections.trainees.cohort_roster import TRAINEE_LIST, CohortRosterRow
from projections.trainees.timeline import TIMELINE_LIST, TimelineRow

if TYPE_CHECKING:
    from api.graphql.types.cohort import Cohort

ORDER = output_of(OrderFact, "Order", "closed_on voided_on credited_on reassigned_on order_no=no")
TRIAL = output_of(TrialFact, "Trial", "fact on passed")
EXAM = output_of(ExamFact, "Exam", "fact kind on passed score")

LOGGED = "position happened_on recorded_at actor source"
"""What every event of the log says."""

TIMELINE_EVENT = output_of(TimelineRow, "TimelineEvent", f"{LOGGED} fact facts event=topic")


def _facts(kind: Any, read: Callable[[Newcomer], Iterable[Any]]) -> Any:
    """A field of the facts that a person's figures are counted from."""

    async def resolve(self: "Trainee", info: Info) -> Any:
        known = self.facts
        if known is None:
            loader = info.context.at(self.moment).newcomer_by_trainee
            known = await loader.load(self.row.trainee_id)
        return read(known) if known else ()

    return taking(answer=list_of(kind))(resolve)


@showing(
    CohortRosterRow,
    "employee_no name manager status entered_on left_on post went_live_on=live_on",
    post=POST,
)
class Trainee(Row):
    """A salesperson from entering the training to leaving.

    facts: where they are known already, and perhaps newer than the read model.
    """

    listing = TRAINEE_LIST
    facts: strawberry.Private[Newcomer | None] = None
    orders = _facts(ORDER, lambda known: known.orders)
    trials = _facts(TRIAL, lambda known: known.trials)
    exams = _facts(EXAM, lambda known: known.exams)

    @strawberry.field
    async def cohort(
        self, info: Info
    ) -> Annotated["Cohort", strawberry.lazy("api.graphql.types.cohort")]:
        from api.graphql.types.cohort import Cohort  # noqa: PLC0415 (the two types know each other)

        return await Cohort.behind(info, self)

    @strawberry.field
    async def rejoins(self, info: Info) -> "Trainee | None":
        return await Trainee.load(info, self.row.life.rejoins, self.moment)

    @taking(paged(TIMELINE_LIST.page_size), answer=connection_of(TIMELINE_EVENT))
    async def timeline(self, info: Info, paging: Paging) -> Any:
        loaders, stream = info.context.at(self.moment), self.row.trainee_id
        if paging == Paging(paging.size):
            page = await loaders.first_events(paging.size).load(stream) or Page([], [], False)
        else:
            page = await loaders.reader.page(TIMELINE_LIST, paging, stream=stream)
        return Connection.of(
            page,
            lambda row: row,
            lambda: loaders.reader.count(TIMELINE_LIST, stream=stream),
        )
