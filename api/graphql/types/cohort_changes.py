"""The mutations of cohorts: their inputs, what they answer, and the commands that they give."""

from datetime import date

import strawberry

from api.graphql.engine.context import Info
from api.graphql.engine.payload import UserError, given
from api.graphql.types.changed import changed_cohort
from api.graphql.types.cohort import Cohort
from services.teaching.cohort import HandOverCohort, OpenCohort


@strawberry.input
class OpenCohortInput:
    code: str
    name: str
    opened_on: date
    trial_required: bool = False
    training_manager: str | None = None
    idempotency_key: str | None = None


@strawberry.input
class HandOverCohortInput:
    cohort: str = strawberry.field(description="The cohort's code.")
    training_manager: str
    on: date = strawberry.field(description="From this day on.")
    idempotency_key: str | None = None


@strawberry.type
class OpenCohortPayload:
    cohort: Cohort | None
    position: int | None
    errors: list[UserError]


@strawberry.type
class HandOverCohortPayload:
    cohort: Cohort | None
    position: int | None
    errors: list[UserError]


@strawberry.type
class CohortChanges:
    @strawberry.mutation
    async def open_cohort(self, info: Info, input: OpenCohortInput) -> OpenCohortPayload:
        outcome = await given(info, OpenCohort, input)
        cohort = await changed_cohort(info.context, outcome)
        return OpenCohortPayload(cohort=cohort, position=outcome.position, errors=outcome.errors)

    @strawberry.mutation
    async def hand_over_cohort(
        self, info: Info, input: HandOverCohortInput
    ) -> HandOverCohortPayload:
        outcome = await given(info, HandOverCohort, input)
        cohort = await changed_cohort(info.context, outcome)
        return HandOverCohortPayload(
            cohort=cohort, position=outcome.position, errors=outcome.errors
        )
