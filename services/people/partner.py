"""Partners: joining. The tenant's registry row is the adapter's; its first event is this."""

import msgspec

from domain.kernel.errors import Refusal
from domain.kernel.values import tidy
from domain.people.partner import DEFAULT_ZONE, Partner
from services.kernel.work import Work


class JoinPartner(msgspec.Struct, frozen=True):
    """The first command of a tenant, given by the operator."""

    code: str
    name: str
    zone: str = DEFAULT_ZONE


async def join_partner(work: Work, command: JoinPartner) -> str:
    """Refuses `code_missing`, `name_missing`."""
    code, name = tidy(command.code), tidy(command.name)
    if not code:
        raise Refusal("code_missing")
    if not name:
        raise Refusal("name_missing")
    partner = Partner.join(
        f"{Partner.TOPIC}-{work.ctx.principal.tenant}", code=code, name=name, zone=command.zone
    )
    work.add(partner)
    return partner.id
