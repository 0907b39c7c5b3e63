"""Partners: joining. The tenant's registry row is the adapter's; its first event is this."""

from typing import Annotated

import msgspec
from msgspec import Meta
from msgspec.structs import asdict

from domain.kernel.bounds import Text
from domain.kernel.errors import TakenError
from domain.kernel.values import required
from domain.people.partner import DEFAULT_ZONE, Partner
from services.kernel import fields
from services.kernel.handler import handler
from services.kernel.work import Work


class JoinPartner(msgspec.Struct, frozen=True):
    """Takes a partner in: the first command of a tenant, given by the operator."""

    code: Annotated[str, fields.CODE, fields.TIDIED, Meta(description="The partner's code.")]
    name: fields.Title
    zone: Annotated[str, Text(64), Meta(description="The IANA name of its time zone.")] = (
        DEFAULT_ZONE
    )


@handler
async def join_partner(work: Work, command: JoinPartner) -> str:
    required(command.code, "code")
    required(command.name, "name")
    tenant = work.ctx.principal.tenant
    partner_id = f"{Partner.TOPIC}-{tenant}"
    if await work.ctx.log.load(tenant, partner_id):
        raise TakenError("partner_code_taken", field="code", code=command.code)
    return work.add(Partner.join(partner_id, **asdict(command)))
