"""The stretches of a tenant's log that a projection was let pass over, each a whole command.

They hold for that version of the projection, wherever it is folded: for its live rows, a rebuild,
the past and what verifies them. A new version, which may know better, begins without.
"""

from collections.abc import Iterable, Sequence

from infra.database.db import TenantConnection
from infra.log.feed import FeedEntry

Stretches = Sequence[Sequence[int]]
"""Each its first and its last position."""

SKIPPED = """
    array(select array[r.position, r.until] from repairs r
        where r.tenant_id = $1 and r.projection = {} and r.way = 'skip')
"""


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
