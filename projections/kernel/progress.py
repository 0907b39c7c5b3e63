"""How far have this tenant's read models come? The positions that their checkpoints show."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from projections.kernel.projection import DatabaseConnection, Projection, TenantTables

_STANDINGS = """
    select projection, position, generation from checkpoints
    where tenant_id = $1 and projection = any($2::text[])
"""
REACHED = """
    select tenant_id, min(position) as position from checkpoints
    where projection = any($1::text[]) and tenant_id = any($2::uuid[]) group by tenant_id
"""


class Standing(NamedTuple):
    """Where a read model stands: two equal ones are of the same rows.

    generation: how often its rows were made anew, which may be at the same position.
    """

    position: int
    generation: int = 0


Standings = tuple[Standing, ...]


async def list_standings(tenant: TenantTables, projections: Iterable[Projection[Any]]) -> Standings:
    """Where each of the tenant's read models stands, in their order; at 0 before the first
    event."""
    names = [projection.checkpoint for projection in projections]
    known = {name: Standing(*at) for name, *at in await tenant.fetch(_STANDINGS, names)}
    return tuple(known.get(name, Standing(0)) for name in names)


async def list_positions(
    tenant: TenantTables, projections: Iterable[Projection[Any]]
) -> tuple[int, ...]:
    """The tenant's position that each of them shows, in their order; 0 before the first event."""
    return tuple(at.position for at in await list_standings(tenant, projections))


async def list_reached(
    connection: DatabaseConnection,
    projections: Iterable[Projection[Any]],
    tenant_ids: Sequence[UUID],
) -> dict[UUID, int]:
    """The last position that all of them show, by tenant; a tenant without checkpoints has none."""
    names = [projection.checkpoint for projection in projections]
    return dict(await connection.fetch(REACHED, names, list(tenant_ids)))
