"""A figure, opened: the lines that were counted and those that were not, down to the events."""

from collections.abc import Sequence
from typing import Any

import strawberry

from api.graphql.engine.arguments import paged, taking
from api.graphql.engine.connections import Connection, connection_of, lines_field
from api.graphql.engine.context import Info
from api.graphql.engine.outputs import View, list_of, output_of, showing
from api.graphql.types.trainee import LOGGED, Trainee
from domain.kpi.proof import explanation as exact
from projections.kernel.paging import LARGEST_PAGE, Paging
from projections.trainees.timeline import TimelineRow
from services.reading.moment import Moment

RECORDED_EVENT = output_of(TimelineRow, "RecordedEvent", f"{LOGGED} event=topic")


@showing()
class OfTrainee(View):
    """Something about a trainee, whose id its row knows."""

    @strawberry.field
    async def trainee(self, info: Info) -> Trainee | None:
        return await Trainee.load(info, self.row.trainee_id, self.moment)


@showing()
class Line(OfTrainee):
    """A line of an explanation, with the events behind it."""

    @taking(answer=list_of(RECORDED_EVENT))
    async def events(self, info: Info) -> list[TimelineRow]:
        return await events_at(info, self.row.positions)


@showing(
    exact.Member,
    "positions rule employee_no=label cohort=cohort_code went_live_on=state.window.first_day "
    "last_day=state.window.last_day left_on=state.left_on scheme_version=state.window.version",
)
class CountedMember(Line):
    """A line of the denominator; `rule` says why it does not count."""

    @property
    def valid_orders(self) -> int:
        return len(self.row.state.orders)


@showing(
    exact.Member,
    "positions employee_no=label cohort=cohort_code entered_on=state.newcomer.entered_on",
)
class TraineeInTraining(Line):
    """Entered the training and has not gone live."""


@showing(
    exact.OrderLine, "positions rule employee_no=label order_no=order.no closed_on=order.closed_on"
)
class CountedOrder(Line):
    """An order; `rule` says why it is not counted."""


@showing(exact.TrialLine, "positions employee_no=label on=trial.on passed=trial.passed")
class JudgedTrial(Line):
    """A verdict on a trial post."""


def events_field() -> Any:
    """A page of every event behind the lines of a row."""

    async def resolve(self: Any, info: Info, paging: Paging) -> Any:
        positions = self.row.positions
        start, stop = paging.window(len(positions))
        events = await events_at(info, positions[start:stop])
        return Connection.numbered(events, start, len(positions))

    about = "Every event behind the lines, in the order of the log."
    answer = connection_of(RECORDED_EVENT)
    return taking(paged(LARGEST_PAGE), description=about, answer=answer)(resolve)


@showing()
class Explanation(View):
    """Every line of the figures; counted again, they give the figures."""

    counted_members: int
    not_counted_members: int
    counted_orders: int
    excluded_orders: int
    members_counted = lines_field(CountedMember, "row.members_counted")
    members_not_counted = lines_field(CountedMember, "row.members_not_counted")
    in_training = lines_field(TraineeInTraining, "row.in_training")
    orders_counted = lines_field(CountedOrder, "row.orders_counted")
    orders_excluded = lines_field(CountedOrder, "row.orders_excluded")
    trials_judged = lines_field(JudgedTrial, "row.trials")
    events = events_field()

    @classmethod
    def of(cls, found: exact.Explanation, moment: Moment | None) -> "Explanation":
        """The domain's explanation as the schema has it, with people as of the moment."""
        return cls(
            row=found,
            moment=moment,
            counted_members=len(found.members_counted),
            not_counted_members=len(found.members_not_counted),
            counted_orders=len(found.orders_counted),
            excluded_orders=len(found.orders_excluded),
        )


async def events_at(info: Info, positions: Sequence[int]) -> list[TimelineRow]:
    """The events at these places in the log."""
    rows = await info.context.at().event_by_position.load_many(list(positions))
    return [row for row in rows if row is not None]
