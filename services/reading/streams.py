"""Rows of single things from their own streams: newer than any read model, without waiting."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from domain.kernel.aggregate import Recorded
from projections.kernel.listing import Listing
from projections.kernel.projection import Projection
from services.kernel.ports import Log


class StreamReader:
    """What read models make of streams of one tenant."""

    def __init__(self, log: Log, tenant_id: UUID) -> None:
        self._log, self._tenant_id = log, tenant_id

    async def row(self, listing: Listing[Any], stream_id: str, *, fresh: bool = False) -> Any:
        """The row of a list's thing, with the names of those whom it names; None where there is
        none any more. fresh: as the log's port says."""
        row = await self._unnamed(listing, stream_id, fresh=fresh)
        for names in listing.names if row else ():
            known, wanted = dict[str, Any](), names.wanted([row])
            while wanted:
                known |= {one: await self._unnamed(names.of, one) for one in wanted}
                wanted = names.beyond(known)
            row = names.added(row, names.called(known))
        return row

    async def _unnamed(self, listing: Listing[Any], stream_id: str, *, fresh: bool = False) -> Any:
        streams = listing.projection.streams_of([stream_id])
        events = [one for its in streams for one in await self.events(its, fresh=fresh)]
        return next(iter(listing.of([folded(listing.projection, events)])), None)

    async def events(self, stream_id: str, *, fresh: bool = False) -> list[Recorded]:
        """The events of a stream, which knows their order, and not their places in the log nor when
        they were recorded."""
        return [
            Recorded(event, self._tenant_id, event.originator_version, event.timestamp, "", {})
            for event in await self._log.load(self._tenant_id, stream_id, fresh=fresh)
        ]


def folded(projection: Projection[Any], events: Iterable[Recorded]) -> Any:
    """The row that a read model makes of what is recorded of a thing."""
    row = None
    for recorded in events:
        if type(recorded.event) in projection.events:
            row = projection.evolve(row, recorded)
    return row
