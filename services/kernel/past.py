"""What was known of a thing at a position of the log."""

from uuid import UUID

from domain.kernel.aggregate import Aggregate
from services.kernel.ports import Log


async def known_at(
    log: Log, tenant_id: UUID, stream_id: str, position: int | None
) -> Aggregate | None:
    """The aggregate of a stream as it was known at a position, None: by now; None if there was
    none."""
    if position is None:
        return await log.aggregate(tenant_id, stream_id)
    # First what there is, then which of it is later: what comes in between is not among it.
    events = await log.load(tenant_id, stream_id)
    since = await log.since(tenant_id, stream_id, position)
    later = {one.event.originator_version for one in since}
    found: Aggregate | None = None
    for event in events:
        if event.originator_version not in later:
            found = event.mutate(found)
    return found
