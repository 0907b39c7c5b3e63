"""What may be changed about work under way: that it stops."""

import strawberry

from api.graphql.engine.context import Info
from api.graphql.engine.payload import UserError, user_error
from api.graphql.types.job import Job, job_id_of
from domain.kernel.errors import Refusal
from services.jobs.jobs import cancel_job


@strawberry.input
class CancelJobInput:
    id: strawberry.ID
    idempotency_key: str | None = strawberry.field(
        default=None, description="Never needed: to ask twice is to ask once."
    )


@strawberry.type
class CancelJobPayload:
    job: Job | None
    position: int | None = strawberry.field(description="The partner's; no event is written.")
    errors: list[UserError]


@strawberry.type
class JobChanges:
    @strawberry.mutation
    async def cancel_job(self, info: Info, input: CancelJobInput) -> CancelJobPayload:
        ask = info.context
        try:
            job = await cancel_job(ask.principal, ask.system.jobs, job_id_of(input.id))
        except Refusal as refusal:
            errors = [user_error(ask, refusal, ("id",))]
            return CancelJobPayload(job=None, position=None, errors=errors)
        position = await ask.system.log.position(ask.tenant)
        return CancelJobPayload(job=Job.of(job, ask.language), position=position, errors=[])
