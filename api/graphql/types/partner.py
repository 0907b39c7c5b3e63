"""Who asks, and their partner."""

from datetime import datetime

import strawberry

from api.graphql.engine.arguments import AS_KNOWN, taking
from api.graphql.engine.context import Info
from api.graphql.engine.enums import PERMISSION, ROLE
from api.graphql.engine.outputs import Node, View, showing
from api.graphql.types.scheme import Scheme
from services.kernel.permissions import ROLES, may
from services.people import access
from services.reading.moment import Moment

KIND = "Partner"


@showing(access.Tenant, "code name zone")
class Partner(View, Node):
    """A channel company."""

    kind, key = KIND, "row.tenant_id"

    @taking(AS_KNOWN)
    async def scheme(self, info: Info, moment: Moment | None) -> Scheme:
        return Scheme(moment=moment)


@showing()
class Viewer:
    """Who the credential stands for."""

    actor: str
    name: str | None
    role: str = strawberry.field(graphql_type=ROLE)
    permissions: list[str] = strawberry.field(graphql_type=list[PERMISSION])
    expires_at: datetime | None

    @strawberry.field
    async def partner(self, info: Info) -> Partner | None:
        return await partner(info) if info.context.principal.tenant_id else None


async def partner(info: Info) -> Partner:
    """The partner of the credential."""
    context = info.context
    return Partner(row=await context.system.accounts.partner_of(context.tenant))


def viewer(info: Info) -> Viewer:
    """The principal of the credential."""
    principal, session = info.context.principal, info.context.session
    return Viewer(
        actor=principal.actor,
        name=session.name if session else None,
        role=str(principal.role),
        permissions=sorted(str(p) for p in ROLES[principal.role] if may(principal, p)),
        expires_at=principal.expires_at,
    )
