"""Follow-ups of newcomers on the post."""

import strawberry

from api.graphql.engine.connections import Row
from api.graphql.engine.context import Info
from api.graphql.engine.outputs import output_of, showing
from api.graphql.types.newcomers import Trainee, timeline_field
from projections.trainees.follow_ups import FOLLOW_UP_LIST, FollowUpRow, Note

output_of(Note, "FollowUpNote", "on note")


@showing(FollowUpRow, "code employee_no status opened_on notes action due_on ended_on")
class FollowUp(Row):
    """A follow-up of a newcomer, from the visit to the agreed action."""

    listing = FOLLOW_UP_LIST
    timeline = timeline_field()

    @strawberry.field
    async def trainee(self, info: Info) -> Trainee | None:
        return await Trainee.load(info, self.row.trainee_id, self.moment)
