"""Look-ups in one tenant's log by key, each by one statement that names its tenant.

Through a connection of the log's writer. A pair of columns is looked up by each of them, and what
fits no pair is left out here: joining a list of pairs is refused by Citus.
"""

from collections.abc import Collection
from typing import Any
from uuid import UUID

import msgspec

from infra.database.db import TenantConnection
from infra.log.mapper import ENVELOPE, RECORDED
from infra.log.sealing import KeyRing, PersonSeal, WrappedKey
from services.kernel.ports import ClaimPlace, Receipt

STREAMS = """
    select e.stream_id, e.version, e.topic, e.class_version, e.payload::text as payload,
        e.recorded_at, k.person_id, k.wrapped, k.key_id
    from events e
    left join person_keys k on k.tenant_id = e.tenant_id
        and k.person_id = substr(e.stream_id, strpos(e.stream_id, '-') + 1, 36)
    where e.tenant_id = $1 and e.stream_id = any ($2::text[])
    order by e.stream_id, e.version
"""
SINCE = f"""
    select {RECORDED}, {ENVELOPE} from events
    where tenant_id = $1 and stream_id = $2 and position > $3
    order by version
"""  # noqa: S608 - our own text
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
    select person_id, wrapped, key_id from person_keys
    where tenant_id = $1 and person_id = any ($2::text[])
"""

NAMING = """
    select h.position, array(
        select e.stream_id from events e
        where e.tenant_id = $1 and e.payload ->> $2 = $3
            and e.position > (
                select min(position) from events where tenant_id = $1 and stream_id = $3)
            and not exists (
                select from events w
                where w.tenant_id = $1 and w.stream_id = e.stream_id and w.version > e.version
                    and w.topic = any($4)
                    and (w.payload ->> 'fact')::int
                        = coalesce((e.payload ->> 'fact')::int, e.version))
        group by e.stream_id order by min(e.position)
    ) as streams
    from heads h where h.tenant_id = $1
"""
"""Only what was recorded after a stream began can name it; what is said of a fact counts as it was
said last. $4: the topics of what withdraws a fact, or says the field anew."""

CLAIMED = """
    select h.position, array(
        select c.key from claims c where c.tenant_id = $1 and c.kind = $2 order by c.key
    ) as keys
    from heads h where h.tenant_id = $1
"""

POSITION = "select position from heads where tenant_id = $1"

CommandPlace = tuple[str]
"""An idempotency key."""

CommandAnswer = tuple[bytes, Receipt]
"""The fingerprint of what was asked with a key, and its answer."""


async def versions(tenant: TenantConnection, stream_ids: Collection[str]) -> dict[str, int]:
    """The last version of each of these streams that there is."""
    found = await _found(tenant, _VERSIONS, [(one,) for one in stream_ids])
    return {stream: version for (stream,), (version,) in found}


async def written(
    tenant: TenantConnection, events: Collection[tuple[str, int]]
) -> dict[tuple[str, int], tuple[int, UUID | None]]:
    """The position and correlation id by stream and version, of those that are recorded."""
    return dict(await _found(tenant, _WRITTEN, events))


async def owners(tenant: TenantConnection, claims: Collection[ClaimPlace]) -> dict[ClaimPlace, str]:
    """The streams that own these claims."""
    return {claim: owner for claim, (owner,) in await _found(tenant, _OWNERS, claims)}


async def commands(
    tenant: TenantConnection, keys: Collection[CommandPlace]
) -> dict[CommandPlace, CommandAnswer]:
    """The earlier answers to these idempotency keys, as repeated receipts."""
    found = await _found(tenant, _COMMANDS, keys)
    return {
        key: (fingerprint, Receipt(position, msgspec.json.decode(result), repeated=True))
        for key, (fingerprint, position, result) in found
    }


async def seals(
    tenant: TenantConnection, people: Collection[str], keys: KeyRing
) -> dict[str, PersonSeal]:
    """The seals of these people, without those that have no key."""
    found = await _found(tenant, _KEYS, [(person,) for person in people])
    return {
        person: keys.unwrap(WrappedKey(*key), tenant.tenant_id, person) for (person,), key in found
    }


async def position(tenant: TenantConnection, _: Collection[tuple[()]]) -> dict[tuple[()], int]:
    """The tenant's position, by the key that says nothing."""
    return {(): await tenant.fetchval(POSITION) or 0}


async def _found(
    tenant: TenantConnection, statement: str, keys: Collection[tuple[Any, ...]]
) -> list[tuple[Any, tuple[Any, ...]]]:
    """Each record as its key, in the columns that come first, and the rest."""
    if not keys:
        return []
    columns = [list(set(column)) for column in zip(*keys, strict=True)]
    width = len(columns)
    records = map(tuple, await tenant.fetch(statement, *columns))
    return [(record[:width], record[width:]) for record in records]
