"""Who asks, their partner, and the partner's scheme."""

from datetime import datetime
from typing import Self

import strawberry

from api.graphql.context import Info
from api.graphql.relay import Node, global_id
from projections.schemes import SchemeRow, list_scheme_versions
from services.permissions import ROLES, may

KIND = "Partner"


@strawberry.type(description="The parameters of the figures from a month on.")
class SchemeVersion:
    number: int
    effective_from: str
    window_days: int
    leaver_cutoff: str
    rounding: str
    kpi_month: str
    regolive: str
    recorded_at: datetime
    actor: str

    @classmethod
    def of(cls, row: SchemeRow) -> Self:
        rules = row.parameters
        return cls(
            number=row.number,
            effective_from=row.effective_from,
            window_days=rules.window_days,
            leaver_cutoff=rules.leaver_cutoff,
            rounding=rules.rounding,
            kpi_month=rules.kpi_month,
            regolive=rules.regolive,
            recorded_at=row.recorded_at,
            actor=row.actor,
        )


@strawberry.type(description="The KPI scheme; without versions the defaults hold.")
class Scheme:
    @strawberry.field
    async def versions(self, info: Info) -> list[SchemeVersion]:
        rows = await info.context.read(list_scheme_versions)
        return [SchemeVersion.of(row) for row in rows]


@strawberry.type(description="A channel company.")
class Partner(Node):
    id: strawberry.ID
    code: str
    name: str
    zone: str

    @strawberry.field
    def scheme(self) -> Scheme:
        return Scheme()


@strawberry.type(description="Who the credential stands for.")
class Viewer:
    actor: str
    name: str | None
    role: str
    permissions: list[str]
    expires_at: datetime | None

    @strawberry.field
    async def partner(self, info: Info) -> Partner | None:
        return await partner(info) if info.context.principal.tenant_id else None


async def partner(info: Info) -> Partner:
    """The partner of the credential."""
    ask = info.context
    found = await ask.system.accounts.partner_of(ask.tenant)
    return Partner(
        id=global_id(KIND, str(found.tenant_id)), code=found.code, name=found.name, zone=found.zone
    )


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
