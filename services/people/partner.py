"""Partners: joining. The tenant's registry row is the adapter's; its first event is this."""

from typing import Annotated

import msgspec
from msgspec import Meta

from domain.kernel.bounds import Text
from domain.kernel.errors import TakenError
from domain.kpi.scheme.versions import Parameters
from domain.people.partner import DEFAULT_ZONE, Partner
from services.kernel import fields
from services.kernel.handler import handler
from services.kernel.work import Work
from services.scheme.scheme import PublishScheme, publish_scheme

BEGINNING = "2000-01"
"""From when a scheme holds that is given with the partner: before any business of its own."""


class JoinPartner(msgspec.Struct, frozen=True):
    """Takes a partner in: the first command of a tenant, given by the operator."""

    code: Annotated[str, fields.CODE, Meta(description="The partner's code.")]
    name: fields.Title
    zone: Annotated[str, Text(64), Meta(description="The IANA name of its time zone.")] = (
        DEFAULT_ZONE
    )
    parameters: Annotated[
        Parameters | None, Meta(description="Of a scheme from the beginning on; null: none.")
    ] = None


@handler
async def join_partner(work: Work, command: JoinPartner) -> str:
    tenant = work.ctx.principal.tenant
    partner_id = Partner.id_of(tenant)
    if await work.ctx.log.load(tenant, partner_id):
        raise TakenError("partner_code_taken", field="code", code=command.code)
    facts = {"code": command.code, "name": command.name, "zone": command.zone}
    work.add(Partner.join(partner_id, **facts))
    if command.parameters is not None:
        await publish_scheme(work, PublishScheme(BEGINNING, command.parameters))
    return partner_id
