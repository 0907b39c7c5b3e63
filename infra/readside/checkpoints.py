"""How far each tenant's projections and reactors have come: the rows their runners share work by.

A projection's checkpoint is named by its table, so a new version of it starts at 0 beside the old
one.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

import msgspec

from domain.kernel.errors import Refusal
from infra.database.db import Database, TenantConnection
from infra.readside.folding import Stop
from infra.readside.skipped import SKIPPED, SKIPS, SKIPS_OF_ONE, Skip, Stretches
from projections import PROJECTIONS

JOINING = timedelta(seconds=10)
JOINING_EVENTS = 1_000
"""A tenant whose log is shorter and whose last event is younger has just joined: its read models
are a moment's work, and nobody need wait for them."""


LONGEST_PAUSE = timedelta(hours=1)
"""Between two attempts at what is parked, however long it has been."""


class Retrying(msgspec.Struct, frozen=True):
    """When what is parked is tried again: after a pause, which doubles with each attempt.

    since: what was tried before then is tried at once.
    """

    pause: timedelta = timedelta(minutes=1)
    since: datetime | None = None


class Consumer(Protocol):
    """A reader of the tenants' logs in order: a projection or a reactor."""

    @property
    def checkpoint(self) -> str: ...


class LockedCheckpoint(msgspec.Struct, frozen=True):
    """A consumer's checkpoint whose row our transaction has locked. head: of its tenant's log.

    until: where the stretch that it has begun ends, if it has begun one. parked_position,
    parked_error, parked_at: where it is parked, and since when, if it is. skipped: what it passes
    over.
    """

    consumer: str
    position: int
    head: int
    until: int | None
    parked_position: int | None
    parked_error: str | None
    parked_at: datetime | None
    skipped: Stretches = ()

    def parks_anew(self, stop: Stop) -> bool:
        """Whether it was not parked there before, for that error."""
        return (self.parked_position, self.parked_error) != (stop.position, stop.kind)


class Behind(msgspec.Struct, frozen=True):
    """A tenant with work to do. incomplete: whether checkpoints of it have yet to be made.

    is_retry: whether there is nothing to do but to try again what is parked.
    """

    tenant_id: UUID
    incomplete: bool
    is_retry: bool


class Parked(msgspec.Struct, frozen=True):
    """A consumer that waits, for one tenant, for repair before an event it cannot digest."""

    tenant_id: UUID
    consumer: str
    position: int
    error: str
    at: datetime


class Lag(msgspec.Struct, frozen=True):
    """One consumer over all tenants. furthest: events that the last of the tenants is behind.

    unbuilt: tenants, and not parked ones, for whom it has never reached the head of the log: what
    a new version has to do before it can be read.
    """

    consumer: str
    tenants_behind: int
    events_behind: int
    furthest: int
    unbuilt: int
    parked: int


_GOES_ON = "c.position < h.position and c.parked_at is null"


def _tries_again(pause: str, since: str) -> str:
    """The condition of what is parked and due; each pause is as long as all before it together."""
    so_far = f"greatest(c.tried_at - c.parked_at, {pause}::interval)"
    wait = f"least({so_far}, interval '{LONGEST_PAUSE.total_seconds()} seconds')"
    return (
        "c.position < h.position and c.parked_at is not null"
        f" and (c.tried_at < {since}::timestamptz or c.tried_at + {wait} <= now())"
    )


BEHIND = f"""
    select h.tenant_id, count(c.position) < cardinality($1::text[]) as incomplete,
        count(c.position) = cardinality($1::text[]) and not bool_or({_GOES_ON}) as is_retry
    from heads h
    left join checkpoints c on c.tenant_id = h.tenant_id and c.projection = any($1::text[])
    where h.position > 0
    group by h.tenant_id, h.position
    having count(c.position) < cardinality($1::text[])
        or bool_or({_GOES_ON}) or bool_or({_tries_again("$2", "$3")})
    order by is_retry, min(c.tried_at)
"""  # noqa: S608 - conditions of ours
_CHECKPOINT = f"""
    select c.projection as consumer, c.position, h.position as head, c.until,
        c.parked_position, c.parked_error, c.parked_at, {SKIPPED.format("c.projection")} as skipped
    from checkpoints c join heads h on h.tenant_id = c.tenant_id
    where c.tenant_id = $1 and c.projection = any($2::text[])
"""  # noqa: S608 - conditions of ours
_LOCK = f"{_CHECKPOINT} for update of c"
_LOCK_BEHIND = f"""
    {_CHECKPOINT} and ({_GOES_ON} or {_tries_again("$3", "$4")})
    for update of c skip locked
"""
LAG = """
    select p.name as consumer,
        count(*) filter (where h.position > coalesce(c.position, 0)) as tenants_behind,
        coalesce(sum(h.position - coalesce(c.position, 0)), 0)::bigint as events_behind,
        coalesce(max(h.position - coalesce(c.position, 0))
            filter (where c.parked_at is null), 0) as furthest,
        count(*) filter (where h.position > 0 and c.parked_at is null and c.built is not true
            and (h.recorded_at < now() - $2::interval
                or h.position - coalesce(c.position, 0) > $3)) as unbuilt,
        count(c.parked_at) as parked
    from unnest($1::text[]) with ordinality as p (name, place)
    cross join heads h
    left join checkpoints c on c.tenant_id = h.tenant_id and c.projection = p.name
    group by p.name, p.place order by p.place
"""
_PARKED = """
    select tenant_id, projection as consumer, parked_position as position, parked_error as error,
        parked_at as at
    from checkpoints where parked_at is not null and {}
    order by parked_at limit 1000
"""
PARKED = _PARKED.format("projection = any($1::text[])")
_PARKED_OF_ONE = _PARKED.format("tenant_id = $1 and projection = any($2::text[])")


async def list_behind(
    db: Database, consumers: Iterable[Consumer], retrying: Retrying
) -> list[Behind]:
    """The tenants with work to do; last those with retries alone, the longest untried first."""
    async with db.across() as connection:
        rows = await connection.fetch(BEHIND, names(consumers), retrying.pause, retrying.since)
    return [msgspec.convert(dict(row), Behind) for row in rows]


async def instant(db: Database) -> datetime:
    """What the database's clock says, by which is told when something was tried."""
    async with db.across() as connection:
        now: datetime = await connection.fetchval("select now()")
    return now


async def make_checkpoints(db: Database, tenant_id: UUID, consumers: Iterable[Consumer]) -> None:
    """Makes the checkpoints that are missing, at 0."""
    async with db.tenant(tenant_id) as tenant:
        await tenant.executemany(
            "insert into checkpoints (tenant_id, projection) values ($1, $2)"
            " on conflict do nothing",
            [(name,) for name in sorted(names(consumers))],
        )


async def lock(tenant: TenantConnection, consumer: Consumer) -> LockedCheckpoint:
    """Waits for the lock of a checkpoint; meanwhile the log's head may have moved."""
    row = await tenant.fetchrow(_LOCK, [consumer.checkpoint])
    return msgspec.convert(dict(row), LockedCheckpoint)


async def lock_behind(
    tenant: TenantConnection, consumers: Iterable[Consumer], retrying: Retrying
) -> list[LockedCheckpoint]:
    """Locks the tenant's checkpoints that are behind, but for those that another process holds and
    those that are parked and not due."""
    rows = await tenant.fetch(_LOCK_BEHIND, names(consumers), retrying.pause, retrying.since)
    return [msgspec.convert(dict(row), LockedCheckpoint) for row in rows]


async def move(
    tenant: TenantConnection,
    checkpoint: LockedCheckpoint,
    position: int,
    stop: Stop | None = None,
    *,
    anew: bool = False,
) -> None:
    """Writes how far a locked consumer has come, and where it parks, and since when.

    A stretch that it had begun is behind it, unless it has not moved. anew: whether all its rows
    were made anew.
    """
    now = await tenant.instant() if stop else None
    stays = stop is not None and stop.position == checkpoint.parked_position
    await tenant.execute(
        "update checkpoints set position = $3, parked_position = $4, parked_error = $5,"
        " parked_at = $6, tried_at = $7, built = built or $8,"
        " generation = generation + $9::boolean::int,"
        " until = case when position = $3 then until end"
        " where tenant_id = $1 and projection = $2",
        checkpoint.consumer,
        position,
        stop and stop.position,
        stop and stop.kind,
        checkpoint.parked_at if stays else now,
        now,
        position >= checkpoint.head,
        anew,
    )


async def begin(tenant: TenantConnection, consumer: str, until: int) -> None:
    """Writes where the stretch of a locked consumer ends, to be begun again after a kill."""
    await tenant.execute(
        "update checkpoints set until = $3 where tenant_id = $1 and projection = $2",
        consumer,
        until,
    )


async def list_parked(
    db: Database, consumers: Iterable[Consumer] = PROJECTIONS, *, tenant_id: UUID | None = None
) -> list[Parked]:
    """The consumers that are parked, of one tenant or of all, the oldest first."""
    rows = await _fetch(db, PARKED, _PARKED_OF_ONE, consumers, tenant_id)
    return [msgspec.convert(dict(row), Parked) for row in rows]


async def list_skips(
    db: Database, consumers: Iterable[Consumer] = PROJECTIONS, *, tenant_id: UUID | None = None
) -> list[Skip]:
    """What consumers pass over, of one tenant or of all, the oldest decision first."""
    rows = await _fetch(db, SKIPS, SKIPS_OF_ONE, consumers, tenant_id)
    return [msgspec.convert(dict(row), Skip) for row in rows]


async def _fetch(
    db: Database, of_all: str, of_one: str, consumers: Iterable[Consumer], tenant_id: UUID | None
) -> list[Any]:
    rows: list[Any]
    if tenant_id is None:
        async with db.across() as connection:
            rows = await connection.fetch(of_all, names(consumers))
    else:
        async with db.tenant(tenant_id) as tenant:
            rows = await tenant.fetch(of_one, names(consumers))
    return rows


def read_models_incomplete(found: Iterable[tuple[UUID, str]]) -> Refusal:
    """What says that read models of these tenants are parked or pass over something, of each its
    name."""
    tenants, models = (set(these) for these in zip(*found, strict=True))
    return Refusal("read_models_incomplete", models=sorted(models), partners=len(tenants))


async def lag(db: Database, consumers: Iterable[Consumer] = PROJECTIONS) -> list[Lag]:
    """One line per consumer, for health and metrics."""
    async with db.across() as connection:
        rows = await connection.fetch(LAG, names(consumers), JOINING, JOINING_EVENTS)
    return [msgspec.convert(dict(row), Lag) for row in rows]


def names(consumers: Iterable[Consumer]) -> list[str]:
    """The names of their checkpoints."""
    return [consumer.checkpoint for consumer in consumers]
