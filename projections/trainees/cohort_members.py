"""Who has ever belonged to a batch, or had an employee number? So that their past is read from
these people's streams alone, whatever was withdrawn since."""

from typing import Any, cast

import msgspec

from domain.kernel.aggregate import Recorded
from domain.kernel.values import number_key
from domain.trainees.trainee import Trainee
from projections.kernel.listing import Narrowing
from projections.kernel.projection import Key, Projection


class CohortMemberRow(msgspec.Struct, frozen=True):
    """A trainee came into a batch; position: of the first event that says so.

    employee_no_key: as it is compared, where that is the batch of the enrolment.
    """

    cohort_id: str
    trainee_id: str
    position: int
    employee_no_key: str | None = None


def key(recorded: Recorded) -> Key | None:
    return (cast(Any, recorded.event).cohort_id, recorded.event.originator_id)


def evolve(row: CohortMemberRow | None, recorded: Recorded) -> CohortMemberRow | None:
    event = cast(Any, recorded.event)
    number = getattr(event, "employee_no", None)
    return row or CohortMemberRow(
        event.cohort_id, event.originator_id, recorded.position, number and number_key(number)
    )


COHORT_MEMBERS = Projection(
    name="cohort_members",
    version=2,
    row=CohortMemberRow,
    primary_key=("cohort_id", "trainee_id"),
    indexes=(("employee_no_key",),),
    events=(Trainee.Enrolled, Trainee.CohortTransferred),
    key=key,
    evolve=evolve,
)
"""Its events are those that have a `cohort_id`, into which the trainee comes by them."""


MEMBERS = Narrowing(COHORT_MEMBERS, column="cohort_id", stream_column="trainee_id")
"""The streams of the trainees who have ever belonged to some batches, by the batches' ids."""

NUMBERED = Narrowing(COHORT_MEMBERS, column="employee_no_key", stream_column="trainee_id")
"""The streams of the trainees who have ever had some employee numbers."""
