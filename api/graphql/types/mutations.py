"""Every mutation: one for each command that answers something, and those that are no commands.

What a command changed is read from its own stream: newer than any read model, without waiting. A
mutation that is no command is a function: its name is the mutation's, the struct that it takes is
the input, the first sentence of its docstring is the description.
"""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any
from uuid import UUID

import strawberry
from msgspec import Meta, Struct
from strawberry.utils.str_converters import to_camel_case

from api.graphql.engine.connections import Row
from api.graphql.engine.context import OperationContext
from api.graphql.engine.payload import (
    CarryOut,
    Changed,
    Read,
    Shown,
    mutation_of,
    mutation_of_command,
)
from api.graphql.types.head_office import WhatIfForAll
from api.graphql.types.job import Job
from api.graphql.types.newcomers import Cohort, FollowUp, Trainee
from api.graphql.types.scheme import Scheme, SchemeVersion
from api.graphql.types.session import Session
from api.graphql.types.submission import Submission
from domain.kernel.aggregate import Aggregate, Recorded
from domain.kpi.scheme import scheme
from domain.reporting import report, submission
from domain.teaching import cohort, session
from domain.trainees import follow_up, trainee
from projections.figures.newcomers import NEWCOMERS
from projections.kernel.projection import Projection
from services.execute import Done
from services.jobs import jobs
from services.kernel.fields import IdOf
from services.registry import COMMANDS
from services.reporting.report import job_of
from services.scheme import whatif
from services.scheme.scheme import AdoptScheme
from services.scheme.whatif import WhatIf


async def _events(context: OperationContext, done: Done) -> list[Recorded]:
    # A stream knows its own order and not its places in the tenant's log; nothing here shows them.
    return [
        Recorded(event, context.tenant, event.originator_version, event.timestamp, "", {})
        for event in await context.system.log.load(context.tenant, done.stream_id)
    ]


def _row(projection: Projection[Any], events: Iterable[Recorded]) -> Any:
    """The row that a read model makes of a stream."""
    row = None
    for recorded in events:
        if recorded.event.TOPIC in projection.topics:
            row = projection.evolve(row, recorded)
    return row


def _shown(name: str, show: type[Row]) -> tuple[Shown, Read]:
    async def show_row(context: OperationContext, done: Done) -> Any:
        return show(row=_row(show.listing.projection, await _events(context, done)))

    return (name, show), show_row


async def _show_trainee(context: OperationContext, done: Done) -> Trainee:
    events = await _events(context, done)
    facts = _row(NEWCOMERS, events).facts
    return Trainee(row=_row(Trainee.listing.projection, events), facts=facts)


async def _show_scheme(*_: object) -> Scheme:
    return Scheme()


async def _show_job(context: OperationContext, done: Done) -> Job | None:
    found = await context.system.jobs.get_job(context.tenant, job_of(done.stream_id))
    return None if found is None else Job(row=found)


JOB = ("job", Job)

ANSWERS: Mapping[type[Aggregate], tuple[Shown, Read]] = {
    cohort.Cohort: _shown("cohort", Cohort),
    session.Session: _shown("session", Session),
    submission.Submission: _shown("submission", Submission),
    trainee.Trainee: (("trainee", Trainee), _show_trainee),
    follow_up.FollowUp: _shown("follow_up", FollowUp),
    scheme.KpiScheme: (("scheme", Scheme), _show_scheme),
    report.Report: (JOB, _show_job),
}
"""The aggregate that a command's row names as its answer -> what the payload shows."""


class JobId(Struct, frozen=True):
    """A job by its id."""

    id: Annotated[UUID, IdOf("job"), Meta(description="The job.")]


class WhatIfForAllId(Struct, frozen=True):
    """A what-if over all partners by its id."""

    id: Annotated[UUID, IdOf("what_if"), Meta(description="The what-if over all partners.")]


async def cancel_job(context: OperationContext, given: JobId, key: str | None) -> Changed:
    """Cancels a job; what it has written stays. To ask twice is to ask once."""
    job = await jobs.cancel_job(context.principal, context.system.jobs, given.id)
    return Job(row=job), await context.system.log.position(context.tenant)


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
    return Job(row=job), job.payload["position"]


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


USE_CASES: tuple[tuple[CarryOut, Shown], ...] = (
    (cancel_job, JOB),
    (request_what_if, JOB),
    (publish_scheme_for_all, ("version", SchemeVersion)),
    (request_what_if_for_all, ("what_if", WhatIfForAll)),
    (cancel_what_if_for_all, ("what_if", WhatIfForAll)),
)
"""What each mutation carries out, and what its payload shows."""


_COMMANDS = {
    command.__name__[0].lower() + command.__name__[1:]: mutation_of_command(
        command, *ANSWERS[row.answers]
    )
    for command, row in COMMANDS.items()
    if row.answers is not None
}
_OTHERS = {to_camel_case(one.__name__): mutation_of(one, shown) for one, shown in USE_CASES}

Mutation = strawberry.type(
    type("Mutation", (), {**_COMMANDS, **_OTHERS, "__module__": __name__}),
    description="What may be changed: every mutation takes one input and answers one payload.",
)
