"""What the tests of the read side look at: stored rows, live and past, the fold, the checkpoint."""

import asyncio
import contextlib
from typing import Any
from uuid import UUID

from domain.kernel.errors import Refusal
from domain.kernel.whose import person_of
from domain.trainees.trainee import Trainee
from infra.bootstrap import App
from infra.database.db import connection_to
from infra.readside.checkpoints import Consumer, make_checkpoints
from infra.readside.stored_rows import StoredRows
from projections.kernel.projection import Key, Projection, StoredTable

Table = dict[Key, Any]


async def stored(app: App, tenant_id: UUID, table: StoredTable[Any]) -> Table:
    """The tenant's rows in the table, by key."""
    async with app.db.tenant(tenant_id) as connection:
        return await StoredRows.of(table).load_all(connection)


async def folded(
    app: App, tenant_id: UUID, projection: Projection[Any], known_by: int | None = None
) -> Table:
    """The same rows by folding the log in memory."""
    rows, _ = await app.time_travel.fold(tenant_id, projection, known_by)
    return {tuple(getattr(row, name) for name in projection.primary_key): row for row in rows}


async def kept(app: App, tenant_id: UUID, projection: Projection[Any]) -> list[tuple[Any, ...]]:
    """The rows of the tenant's past, whole."""
    async with app.db.tenant(tenant_id) as connection:
        records = await connection.plain.fetch(
            f"select * from {projection.past_table} order by 2, 3"
        )
    return [tuple(record) for record in records]


async def checkpoint(app: App, tenant_id: UUID, projection: Projection[Any]) -> Any:
    """The checkpoint's record."""
    async with app.db.tenant(tenant_id) as connection:
        return await connection.plain.fetchrow(
            "select * from checkpoints where projection = $1", projection.checkpoint
        )


async def set_checkpoint(
    app: App, tenant_id: UUID, projection: Projection[Any], position: int
) -> None:
    """As if the projection had come no further."""
    await make_checkpoints(app.db, tenant_id, [projection])
    async with app.db.tenant(tenant_id) as connection:
        await connection.plain.execute(
            "update checkpoints set position = $2 where projection = $1",
            projection.checkpoint,
            position,
        )


async def erase_rows(app: App, tenant_id: UUID, projection: Projection[Any]) -> None:
    """As if somebody had emptied the tenant's table."""
    async with app.db.tenant(tenant_id) as connection:
        await connection.plain.execute(f"delete from {projection.table}")


async def head(app: App, tenant_id: UUID) -> int:
    """The tenant's position."""
    return await app.log.position(tenant_id)


async def first_enrolment(app: App, tenant_id: UUID) -> int:
    """Where it stands in the log."""
    async with app.db.tenant(tenant_id) as connection:
        position: int = await connection.plain.fetchval(
            "select min(position) from events where topic = $1", Trainee.Enrolled.TOPIC
        )
    return position


async def plant(app: App, tenant_id: UUID, topic: str, payload: str) -> None:
    """An event that no program of ours would write."""
    async with app.db.tenants([tenant_id]) as connection:
        await connection.execute("update heads set position = position + 1")
        await connection.execute(
            "insert into events (tenant_id, position, stream_id, version, topic, payload, actor,"
            " recorded_at, source) select tenant_id, position, 'trainee-planted', 1, $1, $2,"
            " 'nobody', recorded_at, '{}' from heads",
            topic,
            payload,
        )


async def reached(app: App, tenant_id: UUID, consumer: Consumer, position: int) -> None:
    """Waits until it has reached the position, also while it is still parked."""
    async with asyncio.timeout(30):
        while True:
            with contextlib.suppress(Refusal):
                return await app.wait_for(tenant_id, [consumer], position)


async def forgotten(app: App, tenant_id: UUID, person: str) -> None:
    """Deletes somebody's key, as who answers a request does by hand."""
    delete = "delete from person_keys where tenant_id = $1 and person_id = $2"
    async with connection_to(app.settings.dsn("owner")) as connection, connection.transaction():
        await connection.execute(f"set local app.tenant = '{tenant_id}'")
        gone = await connection.execute(delete, tenant_id, person_of(person))
    assert gone == "DELETE 1"
