"""Asking for a what-if over many months: a job, and no event."""

import strawberry

from api.graphql.engine.context import Ask, Info
from api.graphql.engine.payload import UserError, camel, user_error
from api.graphql.types.draft import DraftSchemeInput, draft_of
from api.graphql.types.job import Job
from domain.kernel.errors import Refusal
from domain.kpi.scheme.draft import Draft
from services.scheme.whatif import WhatIf, request_what_if

DRAFTED = frozenset(map(camel, Draft.__struct_fields__))
"""Fields of a draft."""


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
            job = await request_what_if(
                ask.principal,
                ask.system.jobs,
                ask.system.log,
                stated(input),
                today=ask.today,
                language=ask.language,
                key=input.idempotency_key,
            )
        except Refusal as refusal:
            errors = [what_if_error(ask, refusal)]
            return RequestWhatIfPayload(job=None, position=None, errors=errors)
        position = job.payload["position"]
        return RequestWhatIfPayload(job=Job.of(job, ask.language), position=position, errors=[])


def stated(given: RequestWhatIfInput) -> WhatIf:
    """Refuses a draft that the scheme would refuse."""
    kpis = None if given.kpis is None else tuple(given.kpis)
    return WhatIf(draft_of(given.scheme), given.since, given.until, kpis)


def what_if_error(ask: Ask, refusal: Refusal) -> UserError:
    """The refusal as data; what is wrong with the draft lies below `scheme`."""
    error = user_error(ask, refusal, WhatIf.__struct_fields__)
    if error.path[-1] in DRAFTED:
        error.path.insert(1, "scheme")
    return error
