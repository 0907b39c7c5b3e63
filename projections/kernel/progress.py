"""How far has this tenant's read models come? The positions that their checkpoints show."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from projections.kernel.projection import DatabaseConnection, Projection, TenantTables

_POSITIONS = """
    select projection, position from checkpoints
    where tenant_id = $1 and projection = any($2::text[])
"""
REACHED = """
    select tenant_id, min(position) as position from checkpoints
    where projection = any($1::text[]) and tenant_id = any($2::uuid[]) group by tenant_id
"""


async def list_positions(
    tenant: TenantTables, projections: Iterable[Projection[Any]]
) -> tuple[int, ...]:
    """The tenant's position that each of them shows, in their order; 0 before the first event."""
    names = [projection.checkpoint for projection in projections]
    known = dict(await tenant.fetch(_POSITIONS, names))
    return tuple(known.get(name, 0) for name in names)


async def list_reached(
    connection: DatabaseConnection,
    projections: Iterable[Projection[Any]],
    tenant_ids: Sequence[UUID],
) -> dict[UUID, int]:
    """The last position that all of them show, by tenant; a tenant without checkpoints has none."""
    names = [projection.checkpoint for projection in projections]
    return dict(await connection.fetch(REACHED, names, list(tenant_ids)))
