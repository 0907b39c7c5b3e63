"""Partners: joining. The tenant's registry row is the adapter's; its first event is this."""

from typing import Annotated

import msgspec
from msgspec import Meta

from domain.kernel.bounds import Text
from domain.kernel.errors import Refusal
from domain.kernel.values import tidy
from domain.people.partner import DEFAULT_ZONE, Partner
from services.kernel.fields import CODE, Title
from services.kernel.handler import handler
from services.kernel.work import Work


class JoinPartner(msgspec.Struct, frozen=True):
    """Takes a partner in: the first command of a tenant, given by the operator."""

    code: Annotated[str, CODE, Meta(description="The partner's code.")]
    name: Title
    zone: Annotated[str, Text(64), Meta(description="The IANA name of its time zone.")] = (
        DEFAULT_ZONE
    )


@handler
async def join_partner(work: Work, command: JoinPartner) -> str:
    """Refuses `code_missing`, `name_missing`."""
    code, name = tidy(command.code), tidy(command.name)
    if not code:
        raise Refusal("code_missing", field="code")
    if not name:
        raise Refusal("name_missing", field="name")
    partner = Partner.join(
        f"{Partner.TOPIC}-{work.ctx.principal.tenant}", code=code, name=name, zone=command.zone
    )
    work.add(partner)
    return partner.id
