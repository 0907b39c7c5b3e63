"""Every mutation: one for each command that answers something, and those that are no commands.

What a command changed is read from its own stream: newer than any read model, without waiting. A
mutation that is no command is a function: its name and docstring are the mutation's.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any
from uuid import UUID

import strawberry
from msgspec import Meta, Struct
from strawberry.scalars import JSON
from strawberry.utils.str_converters import capitalize_first, to_camel_case

from api.errors import body
from api.graphql.engine.context import Info, OperationContext
from api.graphql.engine.fields import Item
from api.graphql.engine.scalars import first_sentence
from api.graphql.engine.structs import input_of, reader_of, showing
from api.graphql.types.job import Job, WhatIfForAll
from api.graphql.types.kpi import Submission
from api.graphql.types.newcomers import Trainee
from api.graphql.types.roots import Partner, partner_of
from api.graphql.types.scheme import Scheme, SchemeVersion
from domain.kernel.aggregate import Aggregate
from domain.kernel.errors import Refusal
from domain.kpi.scheme.scheme import KpiScheme
from domain.people import partner
from domain.reporting.report import Report
from projections.figures.newcomers import NEWCOMERS
from services.execute import Done, checked_key, execute
from services.jobs import jobs
from services.kernel.fields import Beside, IdOf, beside
from services.reading.streams import StreamReader, folded
from services.registry import COMMANDS
from services.reporting.report import job_of
from services.scheme import whatif
from services.scheme.scheme import AdoptScheme
from services.scheme.whatif import WhatIf

Changed = tuple[Any, int | None]
"""What is shown after a change, and the partner's position after it."""

CarryOut = Callable[[OperationContext, Any, Beside], Awaitable[Changed]]
"""Carries out what an input states. Raises Refusal."""

POSITION = "The partner's position after the change; null where there was none."


@showing()
class UserError:
    """Why a change was refused: data, not an error of the request."""

    code: str
    message: str
    path: list[str]
    params: JSON


Shown = tuple[str, Any]
"""What a payload shows beside position and errors: the name of the field and its type."""


def mutation(says: Any, struct: Any, carry_out: CarryOut, field: Shown) -> Any:
    """The mutation that carries out what a struct states; a refusal is part of its payload.

    says: the command or function that names it, and whose docstring describes it.
    """
    name = capitalize_first(to_camel_case(says.__name__))
    hints = {field[0]: field[1] | None, "position": int | None, "errors": list[UserError]}
    position = strawberry.field(description=POSITION)
    members = {"__annotations__": hints, "__module__": __name__, "position": position}
    about = f"What became of `{_lowered(name)}`."
    payload: Any = strawberry.type(type(f"{name}Payload", (), members), description=about)
    read, along = reader_of(struct), beside(struct)
    read_along = reader_of(along)

    async def resolve(self: Any, info: Info, input: Any) -> Any:
        context, shown, position, errors = info.context, None, None, []
        try:
            stated, sent = read(input, context.language), read_along(input, context.language)
            checked_key(sent.idempotency_key)
            shown, position = await carry_out(context, stated, sent)
        except Refusal as refusal:
            said = body(refusal.code, refusal.params, context.language)
            path = ["input", *_path(refusal.field, struct, along)]
            errors = [UserError(path=path, **said)]
        return payload(**{field[0]: shown}, position=position, errors=errors)

    resolve.__annotations__ |= {"input": input_of(struct, along, name=name), "return": payload}
    return strawberry.mutation(resolve, description=first_sentence(says.__doc__))


def mutation_of_command(command: Any, field: Shown) -> Any:
    """The mutation of a command."""

    async def carry_out(context: OperationContext, stated: Any, sent: Beside) -> Changed:
        done = await execute(context.command(sent), stated)
        context.floor = max(context.floor, done.position)
        return await _changed(context, done, field[1]), done.position

    return mutation(command, command, carry_out, field)


def _lowered(name: str) -> str:
    return name[0].lower() + name[1:]


def _path(field: str | None, *structs: Any) -> list[str]:
    names = field.split(".") if field else []
    known = any(names[:1] == [one] for struct in structs for one in struct.__struct_fields__)
    return list(map(to_camel_case, names)) if known else []


async def _changed(context: OperationContext, done: Done, kind: Any) -> Any:
    if kind is Scheme:
        return Scheme()
    if kind is Partner:
        return await partner_of(context)
    if kind is Job:
        return await Job.load(context, job_of(done.stream_id))
    streams = StreamReader(context.system.log, tenant := context.principal.tenant)
    if kind is Submission:
        found = await context.system.log.since(tenant, done.stream_id, 0)
        return kind(row=folded(kind.listing.projection, found))
    row = await streams.row(kind.listing, done.stream_id, fresh=done.repeated)
    if row is None or kind is not Trainee:
        return row and kind(row=row)
    facts = folded(NEWCOMERS, await streams.events(done.stream_id)).facts
    return kind(row=row, facts=facts)


JOB = ("job", Job)

OTHERS: Mapping[type[Aggregate], Shown] = {
    KpiScheme: ("scheme", Scheme),
    partner.Partner: ("partner", Partner),
    Report: JOB,
}


def shown_of(answers: type[Aggregate]) -> Shown:
    """What a payload shows of the aggregate that a command's row names as its answer."""
    return OTHERS.get(answers) or (answers.TOPIC, Item.of_kind[answers.__name__])


class JobId(Struct, frozen=True):
    """A job by its id."""

    id: Annotated[UUID, IdOf("job"), Meta(description="The job.")]


class WhatIfForAllId(Struct, frozen=True):
    """A what-if over all partners by its id."""

    id: Annotated[UUID, IdOf("what_if"), Meta(description="The what-if over all partners.")]


async def cancel_job(context: OperationContext, given: JobId, sent: Beside) -> Changed:
    """Cancels a job; what it has written stays. To ask twice is to ask once."""
    job = await jobs.cancel_job(context.principal, context.system.jobs, given.id)
    return Job(row=job), await context.system.log.position(context.principal.tenant)


async def request_what_if(context: OperationContext, asked: WhatIf, sent: Beside) -> Changed:
    """Requests a what-if (试算) over many months: a job, whose file names who moved each figure."""
    job = await whatif.request_what_if(
        context.principal,
        context.system.jobs,
        context.system.log,
        asked,
        today=context.today,
        language=context.language,
        key=sent.idempotency_key,
    )
    return Job(row=job), job.payload["position"]


async def publish_scheme_for_all(
    context: OperationContext, scheme: AdoptScheme, sent: Beside
) -> Changed:
    """Publishes head office's version of the KPI scheme for all partners, who are given it soon."""
    office, key, today = context.system.head_office, sent.idempotency_key, context.today
    version = await office.publish_scheme(context.principal, scheme, today=today, key=key)
    return SchemeVersion(row=version), None


async def request_what_if_for_all(
    context: OperationContext, asked: WhatIf, sent: Beside
) -> Changed:
    """Requests a what-if (试算) of head office over all partners."""
    found = await context.system.head_office.request_what_if(
        context.principal, asked, today=context.today, key=sent.idempotency_key
    )
    return WhatIfForAll(row=found), None


async def cancel_what_if_for_all(
    context: OperationContext, given: WhatIfForAllId, sent: Beside
) -> Changed:
    """Cancels a what-if over all partners. To ask twice is to ask once."""
    found = await context.system.head_office.cancel_what_if(context.principal, given.id)
    return WhatIfForAll(row=found), None


USE_CASES: tuple[tuple[CarryOut, type[Struct], Shown], ...] = (
    (cancel_job, JobId, JOB),
    (request_what_if, WhatIf, JOB),
    (publish_scheme_for_all, AdoptScheme, ("version", SchemeVersion)),
    (request_what_if_for_all, WhatIf, ("what_if", WhatIfForAll)),
    (cancel_what_if_for_all, WhatIfForAllId, ("what_if", WhatIfForAll)),
)
"""What each mutation carries out, the struct that it takes, and what its payload shows."""


_MUTATIONS = {
    _lowered(one.__name__): mutation_of_command(one, shown_of(row.answers))
    for one, row in COMMANDS.items()
    if row.answers is not None
} | {
    to_camel_case(one.__name__): mutation(one, struct, one, shown)
    for one, struct, shown in USE_CASES
}

Mutation = strawberry.type(
    type("Mutation", (), {**_MUTATIONS, "__module__": __name__}),
    description="What may be changed: every mutation takes one input and answers one payload.",
)
