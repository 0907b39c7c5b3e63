"""Look-ups in one tenant's log by key, each by one statement that names its tenant.

Through a connection of the log's writer. A pair of columns is looked up by each of them, and what
fits no pair is left out here: joining a list of pairs is refused by Citus.
"""

from collections.abc import Collection
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from infra.log.sealing import KeyRing, PersonSeal
from services.kernel.ports import Receipt

_STREAMS = """
    select e.stream_id, e.version, e.topic, e.class_version, e.payload::text as payload,
        e.recorded_at, k.wrapped
    from events e
    left join person_keys k on k.tenant_id = e.tenant_id and k.person_id = e.stream_id
    where e.tenant_id = $1 and e.stream_id = any ($2::text[])
    order by e.stream_id, e.version
"""
_VERSIONS = """
    select stream_id, max(version) as version from events
    where tenant_id = $1 and stream_id = any ($2::text[]) group by stream_id
"""
_WRITTEN = """
    select stream_id, version, position, correlation_id from events
    where tenant_id = $1 and stream_id = any ($2::text[]) and version = any ($3::integer[])
"""
_OWNERS = """
    select kind, key, owner from claims
    where tenant_id = $1 and kind = any ($2::text[]) and key = any ($3::text[])
"""
_COMMANDS = """
    select idempotency_key, fingerprint, position, result::text as result from commands
    where tenant_id = $1 and idempotency_key = any ($2::text[])
"""
_KEYS = """
    select person_id, wrapped from person_keys
    where tenant_id = $1 and person_id = any ($2::text[])
"""

_POSITION = "select position from heads where tenant_id = $1"

ClaimPlace = tuple[str, str]
"""A claim's kind and key."""

CommandPlace = tuple[str]
"""An idempotency key."""

CommandAnswer = tuple[bytes, Receipt]
"""The fingerprint of what was asked with a key, and its answer."""


async def stream_records(
    connection: asyncpg.Connection, tenant_id: UUID, stream_ids: Collection[str]
) -> list[asyncpg.Record]:
    """The events of these streams, each stream's in order."""
    found: list[asyncpg.Record] = await connection.fetch(_STREAMS, tenant_id, list(stream_ids))
    return found


async def versions(
    connection: asyncpg.Connection, tenant_id: UUID, stream_ids: Collection[str]
) -> dict[str, int]:
    """The last version of each of these streams that there is."""
    rows = await _fetch(connection, _VERSIONS, tenant_id, [(one,) for one in stream_ids])
    return {row["stream_id"]: row["version"] for row in rows}


async def written(
    connection: asyncpg.Connection, tenant_id: UUID, events: Collection[tuple[str, int]]
) -> dict[tuple[str, int], tuple[int, UUID | None]]:
    """Of these streams and versions: the position and correlation id of those that there are."""
    rows = await _fetch(connection, _WRITTEN, tenant_id, events)
    return {
        (row["stream_id"], row["version"]): (row["position"], row["correlation_id"]) for row in rows
    }


async def owners(
    connection: asyncpg.Connection, tenant_id: UUID, claims: Collection[ClaimPlace]
) -> dict[ClaimPlace, str]:
    """The streams that own these claims."""
    rows = await _fetch(connection, _OWNERS, tenant_id, claims)
    return {(row["kind"], row["key"]): row["owner"] for row in rows}


async def commands(
    connection: asyncpg.Connection, tenant_id: UUID, keys: Collection[CommandPlace]
) -> dict[CommandPlace, CommandAnswer]:
    """The earlier answers to these idempotency keys, as repeated receipts."""
    rows = await _fetch(connection, _COMMANDS, tenant_id, keys)
    return {
        (row["idempotency_key"],): (
            row["fingerprint"],
            Receipt(row["position"], msgspec.json.decode(row["result"]), repeated=True),
        )
        for row in rows
    }


async def seals(
    connection: asyncpg.Connection, tenant_id: UUID, people: Collection[str], keys: KeyRing
) -> dict[str, PersonSeal]:
    """The seals of these people, without those that have no key."""
    rows = await _fetch(connection, _KEYS, tenant_id, [(person,) for person in people])
    return {
        row["person_id"]: keys.unwrap(row["wrapped"], tenant_id, row["person_id"]) for row in rows
    }


async def position(
    connection: asyncpg.Connection, tenant_id: UUID, _: Collection[tuple[()]]
) -> dict[tuple[()], int]:
    """The tenant's position, by the key that says nothing."""
    return {(): await connection.fetchval(_POSITION, tenant_id) or 0}


async def _fetch(
    connection: asyncpg.Connection,
    statement: str,
    tenant_id: UUID,
    keys: Collection[tuple[Any, ...]],
) -> list[asyncpg.Record]:
    """Nothing is asked for no keys."""
    if not keys:
        return []
    columns = [list(set(column)) for column in zip(*keys, strict=True)]
    found: list[asyncpg.Record] = await connection.fetch(statement, tenant_id, *columns)
    return found
