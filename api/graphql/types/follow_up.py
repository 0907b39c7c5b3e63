"""Follow-ups of newcomers on the post."""

from datetime import date
from enum import Enum
from typing import Self

import strawberry

from api.graphql.engine.arguments import paged, taking
from api.graphql.engine.connections import Connection
from api.graphql.engine.context import Info
from api.graphql.engine.relay import Node, global_id
from api.graphql.types.trainee import TimelineEvent, Trainee, timeline_of
from projections.kernel.paging import Paging
from projections.trainees.follow_ups import FOLLOW_UP_LIST, FollowUpRow
from projections.trainees.timeline import TIMELINE_LIST
from services.reading.moment import Moment


@strawberry.enum(description="Where a follow-up stands.")
class FollowUpStatus(Enum):
    OPEN = "open"
    AGREED = "agreed"
    DONE = "done"
    DROPPED = "dropped"


@strawberry.type(description="What was seen or said on a day.")
class FollowUpNote:
    on: date
    note: str


@strawberry.type(description="A follow-up of a newcomer, from the visit to the agreed action.")
class FollowUp(Node):
    id: strawberry.ID
    code: str
    employee_no: str
    status: FollowUpStatus
    opened_on: date
    notes: list[FollowUpNote]
    action: str | None
    due_on: date | None
    ended_on: date | None
    row: strawberry.Private[FollowUpRow]
    moment: strawberry.Private[Moment | None] = None

    @classmethod
    def of(cls, row: FollowUpRow, moment: Moment | None = None) -> Self:
        return cls(
            id=global_id(FOLLOW_UP_LIST.kind, row.follow_up_id),
            code=row.code,
            employee_no=row.employee_no,
            status=FollowUpStatus(row.status),
            opened_on=row.opened_on,
            notes=[FollowUpNote(on=note.on, note=note.note) for note in row.notes],
            action=row.action,
            due_on=row.due_on,
            ended_on=row.ended_on,
            row=row,
            moment=moment,
        )

    @strawberry.field
    async def trainee(self, info: Info) -> Trainee | None:
        return await Trainee.load(info, self.row.trainee_id, self.moment)

    @taking(paged(TIMELINE_LIST.page_size), description="What happened, as it was recorded.")
    async def timeline(self, info: Info, paging: Paging) -> Connection[TimelineEvent]:
        return await timeline_of(info, self.row.follow_up_id, paging, self.moment)
