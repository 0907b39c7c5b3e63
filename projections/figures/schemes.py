"""The published versions of a partner's KPI scheme."""

from datetime import datetime
from typing import cast

import msgspec
from msgspec.structs import asdict

from domain.kernel.aggregate import Recorded
from domain.kernel.values import Month
from domain.kpi.scheme.lines import Line
from domain.kpi.scheme.scheme import KpiScheme, version_of
from domain.kpi.scheme.versions import Parameters, Scheme, Version
from projections.kernel.projection import Key, Projection, TenantTables
from projections.kernel.rows import row_codec, selected


class SchemeRow(msgspec.Struct, frozen=True):
    """One version, see Version; effective_from: YYYY-MM. actor: who published it."""

    number: int
    effective_from: str
    parameters: Parameters
    lines: tuple[Line, ...]
    origin: str
    mandatory: bool
    reason: str | None
    position: int
    recorded_at: datetime
    actor: str

    @property
    def version(self) -> Version:
        stated = {name: getattr(self, name) for name in Version.__struct_fields__}
        return Version(**stated | {"effective_from": Month.parse(self.effective_from)})


def key(recorded: Recorded) -> Key | None:
    return (cast(KpiScheme.Published, recorded.event).scheme_version,)


def evolve(row: SchemeRow | None, recorded: Recorded) -> SchemeRow | None:
    version = version_of(cast(KpiScheme.Published, recorded.event))
    stated = asdict(version) | {"effective_from": str(version.effective_from)}
    return SchemeRow(
        **stated, position=recorded.position, recorded_at=recorded.recorded_at, actor=recorded.actor
    )


SCHEMES = Projection(
    name="schemes",
    version=2,
    row=SchemeRow,
    primary_key=("number",),
    events=(KpiScheme.Published,),
    key=key,
    evolve=evolve,
    envelope=True,
    loads=False,
    past_every=4_000,
)

_SELECT = (
    f"select {selected(SchemeRow)} from {SCHEMES.table}"  # noqa: S608 - names of ours
    " where tenant_id = $1 order by number"
)
_ROWS = row_codec(SchemeRow).rows_of


async def list_scheme_versions(tenant: TenantTables) -> list[SchemeRow]:
    """All versions in the order in which they were published."""
    return _ROWS(await tenant.fetch(_SELECT))


async def get_scheme(tenant: TenantTables) -> Scheme:
    """The scheme that figures are scored by; without versions the defaults hold."""
    return Scheme(tuple(row.version for row in await list_scheme_versions(tenant)))
