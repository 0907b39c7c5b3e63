"""The stretches of a tenant's log that a projection was let pass over, each a whole command.

They hold for that version of the projection, wherever it is folded: for its live rows, a rebuild,
the past and what verifies them; until that is taken back. A new version, which may know better,
begins without.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from infra.database.db import TenantConnection
from infra.log.feed import FeedEntry

Stretches = Sequence[Sequence[int]]
"""Each its first and its last position."""

# One that is tried again has been taken back.
_IN_FORCE = """
    r.way = 'skip' and not exists (select from repairs later
        where later.tenant_id = r.tenant_id and later.projection = r.projection
        and later.way = 'retry' and later.position = r.position and later.repair_id > r.repair_id)
"""
SKIPPED = f"""
    array(select array[r.position, r.until] from repairs r
        where r.tenant_id = $1 and r.projection = {{}} and {_IN_FORCE} order by r.position)
"""  # noqa: S608 - conditions of ours
_SKIPS = f"""
    select r.tenant_id, r.projection as consumer, r.position, r.until, r.error, r.made_at as at,
        r.actor, r.reason
    from repairs r where {{}} and {_IN_FORCE}
    order by r.made_at limit 1000
"""  # noqa: S608 - conditions of ours
SKIPS = _SKIPS.format("r.projection = any($1::text[])")
SKIPS_OF_ONE = _SKIPS.format("r.tenant_id = $1 and r.projection = any($2::text[])")


class Skip(msgspec.Struct, frozen=True):
    """A command that a projection passes over for one tenant, from position to until: for which
    error, since when, by whose decision and why."""

    tenant_id: UUID
    consumer: str
    position: int
    until: int
    error: str
    at: datetime
    actor: str
    reason: str


async def read_skipped(tenant: TenantConnection, checkpoint: str) -> Stretches:
    """What the projection of a checkpoint passes over."""
    found: Stretches = await tenant.fetchval(f"select {SKIPPED.format('$2')}", checkpoint)
    return found


def without(entries: Iterable[FeedEntry], skipped: Stretches) -> Iterable[FeedEntry]:
    """The entries that are not passed over."""
    if not skipped:
        return entries
    return [
        entry
        for entry in entries
        if not any(first <= entry.position <= last for first, last in skipped)
    ]
