"""What the tests of the read side look at: stored rows, the fold, and the checkpoint."""

from typing import Any
from uuid import UUID

from infra.bootstrap import App
from infra.checkpoints import make_checkpoints
from infra.projection_rows import ProjectionRows
from projections.projection import Key, Projection

Table = dict[Key, Any]


async def stored(app: App, tenant_id: UUID, projection: Projection[Any]) -> Table:
    """The tenant's rows in the table, by key."""
    async with app.db.tenant(tenant_id) as connection:
        return await ProjectionRows(projection).load_all(connection, tenant_id)


async def folded(
    app: App, tenant_id: UUID, projection: Projection[Any], known_by: int | None = None
) -> Table:
    """The same rows by folding the log in memory."""
    rows, _ = await app.time_travel.fold(tenant_id, projection, known_by)
    return {tuple(getattr(row, name) for name in projection.primary_key): row for row in rows}


async def checkpoint(app: App, tenant_id: UUID, projection: Projection[Any]) -> Any:
    """The checkpoint's record."""
    async with app.db.tenant(tenant_id) as connection:
        return await connection.fetchrow(
            "select * from checkpoints where projection = $1", projection.table
        )


async def set_checkpoint(
    app: App, tenant_id: UUID, projection: Projection[Any], position: int
) -> None:
    """As if the projection had come no further."""
    await make_checkpoints(app.db, tenant_id, [projection])
    async with app.db.tenant(tenant_id) as connection:
        await connection.execute(
            "update checkpoints set position = $2 where projection = $1",
            projection.table,
            position,
        )


async def erase_rows(app: App, tenant_id: UUID, projection: Projection[Any]) -> None:
    """As if somebody had emptied the tenant's table."""
    async with app.db.tenant(tenant_id) as connection:
        await connection.execute(f"delete from {projection.table}")


async def head(app: App, tenant_id: UUID) -> int:
    """The tenant's position."""
    return await app.log.position(tenant_id)
