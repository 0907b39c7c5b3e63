"""Asking for a what-if over many months: a job, and no event."""

import strawberry

from api.graphql.context import Ask, Info
from api.graphql.draft import DraftSchemeInput, draft_of
from api.graphql.job import Job
from api.graphql.payload import UserError, user_error
from domain.errors import Refusal
from domain.kpi.draft import Draft
from services.whatif import WhatIf, request_what_if


@strawberry.input
class RequestWhatIfInput:
    scheme: DraftSchemeInput
    since: str = strawberry.field(description="The first month, YYYY-MM.")
    until: str = strawberry.field(description="The last month, YYYY-MM; at most 24 in all.")
    kpis: list[str] | None = strawberry.field(default=None, description="Null: all.")
    idempotency_key: str | None = None


@strawberry.type
class RequestWhatIfPayload:
    job: Job | None = strawberry.field(description="Its file names who moved each figure.")
    position: int | None = strawberry.field(description="To which the answer is pinned.")
    errors: list[UserError]


@strawberry.type
class WhatIfChanges:
    @strawberry.mutation
    async def request_what_if(self, info: Info, input: RequestWhatIfInput) -> RequestWhatIfPayload:
        ask = info.context
        try:
            draft = draft_of(input.scheme)
        except Refusal as refusal:
            return _refused(_draft_error(ask, refusal))
        kpis = None if input.kpis is None else tuple(input.kpis)
        try:
            job = await request_what_if(
                ask.principal,
                ask.system.jobs,
                ask.system.log,
                WhatIf(draft, input.since, input.until, kpis),
                today=ask.today,
                language=ask.language,
                key=input.idempotency_key,
            )
        except Refusal as refusal:
            return _refused(user_error(ask, refusal, WhatIf.__struct_fields__))
        position = job.payload["position"]
        return RequestWhatIfPayload(job=Job.of(job, ask.language), position=position, errors=[])


def _refused(error: UserError) -> RequestWhatIfPayload:
    return RequestWhatIfPayload(job=None, position=None, errors=[error])


def _draft_error(ask: Ask, refusal: Refusal) -> UserError:
    error = user_error(ask, refusal, Draft.__struct_fields__)
    first, *rest = error.path
    error.path = [first, "scheme", *rest]
    return error
