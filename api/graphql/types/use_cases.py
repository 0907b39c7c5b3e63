"""The mutations that are no commands: jobs, what-ifs, and what head office does for all partners.

Each is a function: its name is the mutation's, the struct that it takes is the input, the first
sentence of its docstring is the description.
"""

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from api.graphql.engine.context import OperationContext
from api.graphql.engine.payload import CarryOut, Changed, Shown
from api.graphql.types.job import Job
from api.graphql.types.scheme import SchemeVersion
from api.graphql.types.whatif_for_all import WhatIfForAll
from services.jobs import jobs
from services.kernel.fields import IdOf
from services.scheme import whatif
from services.scheme.scheme import AdoptScheme
from services.scheme.whatif import WhatIf


class JobId(Struct, frozen=True):
    """A job by its id."""

    id: Annotated[UUID, IdOf("job"), Meta(description="The job.")]


class WhatIfForAllId(Struct, frozen=True):
    """A what-if over all partners by its id."""

    id: Annotated[UUID, IdOf("what_if"), Meta(description="The what-if over all partners.")]


async def cancel_job(context: OperationContext, given: JobId, key: str | None) -> Changed:
    """Cancels a job; what it has written stays. To ask twice is to ask once."""
    job = await jobs.cancel_job(context.principal, context.system.jobs, given.id)
    return Job(row=job, language=context.language), await context.system.log.position(
        context.tenant
    )


async def request_what_if(context: OperationContext, asked: WhatIf, key: str | None) -> Changed:
    """Requests a what-if (试算) over many months: a job, whose file names who moved each figure."""
    job = await whatif.request_what_if(
        context.principal,
        context.system.jobs,
        context.system.log,
        asked,
        today=context.today,
        language=context.language,
        key=key,
    )
    return Job(row=job, language=context.language), job.payload["position"]


async def publish_scheme_for_all(
    context: OperationContext, scheme: AdoptScheme, key: str | None
) -> Changed:
    """Publishes head office's version of the KPI scheme for all partners, who are given it soon."""
    version = await context.system.head_office.publish_scheme(context.principal, scheme, key)
    return SchemeVersion(row=version), None


async def request_what_if_for_all(
    context: OperationContext, asked: WhatIf, key: str | None
) -> Changed:
    """Requests a what-if (试算) of head office over all partners."""
    found = await context.system.head_office.request_what_if(
        context.principal, asked, today=context.today, key=key
    )
    return WhatIfForAll(row=found), None


async def cancel_what_if_for_all(
    context: OperationContext, given: WhatIfForAllId, key: str | None
) -> Changed:
    """Cancels a what-if over all partners. To ask twice is to ask once."""
    found = await context.system.head_office.cancel_what_if(context.principal, given.id)
    return WhatIfForAll(row=found), None


JOB = Shown("job", Job)
VERSION = Shown("version", SchemeVersion)
WHAT_IF = Shown("what_if", WhatIfForAll)

USE_CASES: tuple[tuple[CarryOut, Shown], ...] = (
    (cancel_job, JOB),
    (request_what_if, JOB),
    (publish_scheme_for_all, VERSION),
    (request_what_if_for_all, WHAT_IF),
    (cancel_what_if_for_all, WHAT_IF),
)
"""What each mutation carries out, and what its payload shows."""
