"""How far each tenant's projections have come: the rows the projectors share the work by.

A checkpoint is named by the projection's table, so a new version of a projection starts at 0
beside the old one.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from infra.db import Database
from infra.folding import Stop
from projections import PROJECTIONS
from projections.projection import Projection

JOINING = timedelta(seconds=10)
JOINING_EVENTS = 1_000
"""A tenant whose log is shorter and whose last event is younger has just joined: its read models
are a moment's work, and nobody need wait for them."""


class Stand(msgspec.Struct, frozen=True):
    """A projection of a tenant that is locked by us and behind its log."""

    table: str
    position: int
    head: int


class Parked(msgspec.Struct, frozen=True):
    """A projection of one tenant that waits for repair before an event it cannot digest."""

    tenant_id: UUID
    table: str
    position: int
    error: str
    at: datetime


class Lag(msgspec.Struct, frozen=True):
    """One projection over all tenants. furthest: events that the last of the tenants is behind.

    unbuilt: tenants, and not parked ones, for whom it has never reached the head of the log: what
    a new version has to do before it can be read.
    """

    table: str
    tenants_behind: int
    events_behind: int
    furthest: int
    unbuilt: int
    parked: int


_BEHIND = """
    select h.tenant_id, count(c.position) < cardinality($1::text[]) as incomplete
    from heads h
    left join checkpoints c on c.tenant_id = h.tenant_id and c.projection = any($1::text[])
    where h.position > 0
    group by h.tenant_id, h.position
    having count(c.position) < cardinality($1::text[])
        or bool_or(c.position < h.position and c.parked_position is null)
"""
_LOCK = """
    select c.projection as table, c.position, h.position as head
    from checkpoints c join heads h on h.tenant_id = c.tenant_id
    where c.tenant_id = $1 and c.projection = any($2::text[])
        and c.position < h.position and c.parked_position is null
    for update of c skip locked
"""
_LAG = """
    select p.name as table,
        count(*) filter (where h.position > coalesce(c.position, 0)) as tenants_behind,
        coalesce(sum(h.position - coalesce(c.position, 0)), 0)::bigint as events_behind,
        coalesce(max(h.position - coalesce(c.position, 0))
            filter (where c.parked_position is null), 0) as furthest,
        count(*) filter (where h.position > 0 and c.parked_position is null and c.built is not true
            and (h.recorded_at < now() - $2::interval
                or h.position - coalesce(c.position, 0) > $3)) as unbuilt,
        count(c.parked_position) as parked
    from unnest($1::text[]) with ordinality as p (name, place)
    cross join heads h
    left join checkpoints c on c.tenant_id = h.tenant_id and c.projection = p.name
    group by p.name, p.place order by p.place
"""
_PARKED = """
    select tenant_id, projection as table, parked_position as position, parked_error as error,
        parked_at as at
    from checkpoints where parked_position is not null and projection = any($1::text[])
    order by parked_at limit $2
"""


async def list_behind(
    db: Database, projections: Iterable[Projection[Any]]
) -> list[tuple[UUID, bool]]:
    """The tenants with work to do, and whether checkpoints of theirs have yet to be made."""
    async with db.across() as connection:
        rows = await connection.fetch(_BEHIND, tables(projections))
    return [(row["tenant_id"], row["incomplete"]) for row in rows]


async def make_checkpoints(
    db: Database, tenant_id: UUID, projections: Iterable[Projection[Any]]
) -> None:
    """Starts at 0 what has no checkpoint yet."""
    async with db.tenant(tenant_id) as connection:
        await connection.executemany(
            "insert into checkpoints (tenant_id, projection) values ($1, $2)"
            " on conflict do nothing",
            [(tenant_id, table) for table in sorted(tables(projections))],
        )


async def lock_behind(
    connection: asyncpg.Connection, tenant_id: UUID, projections: Iterable[Projection[Any]]
) -> list[Stand]:
    """Locks those of the tenant's projections that are behind and that nobody else works on."""
    rows = await connection.fetch(_LOCK, tenant_id, tables(projections))
    return [msgspec.convert(dict(row), Stand) for row in rows]


async def move(
    connection: asyncpg.Connection,
    tenant_id: UUID,
    table: str,
    position: int,
    *,
    head: int,
    stop: Stop | None = None,
) -> None:
    """Writes how far a locked projection has come, and where it parks."""
    await connection.execute(
        "update checkpoints set position = $3, parked_position = $4, parked_error = $5,"
        " parked_at = case when $4::bigint is null then null else now() end,"
        " built = built or $6"
        " where tenant_id = $1 and projection = $2",
        tenant_id,
        table,
        position,
        stop and stop.position,
        stop and stop.kind,
        position >= head,
    )


async def unpark(db: Database, parked: Parked) -> None:
    """Lets a projection try again the event that it parked at."""
    async with db.tenant(parked.tenant_id) as connection:
        await connection.execute(
            "update checkpoints set parked_position = null, parked_error = null, parked_at = null"
            " where tenant_id = $1 and projection = $2 and parked_position = $3",
            parked.tenant_id,
            parked.table,
            parked.position,
        )


async def list_parked(
    db: Database, projections: Iterable[Projection[Any]] = PROJECTIONS, limit: int = 1_000
) -> list[Parked]:
    """What is parked, the oldest first; for repair, health and metrics."""
    async with db.across() as connection:
        rows = await connection.fetch(_PARKED, tables(projections), limit)
    return [msgspec.convert(dict(row), Parked) for row in rows]


async def lag(db: Database, projections: Iterable[Projection[Any]] = PROJECTIONS) -> list[Lag]:
    """One line per projection, for health and metrics."""
    async with db.across() as connection:
        rows = await connection.fetch(_LAG, tables(projections), JOINING, JOINING_EVENTS)
    return [msgspec.convert(dict(row), Lag) for row in rows]


def tables(projections: Iterable[Projection[Any]]) -> list[str]:
    """The names of the projections' tables and checkpoints."""
    return [projection.table for projection in projections]
