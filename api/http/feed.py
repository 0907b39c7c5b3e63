"""The tenant's log, page by page: replayable from any position by an authorised client."""

from typing import Any

import msgspec
from litestar import Request, get
from litestar.params import FromQuery

from api.auth import system, tenant_member
from api.needs import needs
from domain.kernel.aggregate import Recorded, payload_fields
from domain.kernel.errors import Refusal
from services.kernel.permissions import TO_READ_ALL
from services.reading.moment import checked_position

LARGEST_PAGE = 500


@get("/feed", opt=needs(*sorted(TO_READ_ALL), everything=True))
async def feed(
    request: Request[Any, Any, Any], after: FromQuery[int] = 0, limit: FromQuery[int] = 100
) -> dict[str, Any]:
    """Events after a position, in order. next: the position to ask after next time.

    Refuses `page_size_invalid`, `position_invalid`, `not_signed_in`, `permission_refused`,
    `everything_needed`, and `event_unreadable` where this program is too old for an event.
    """
    principal = tenant_member(request)
    if not 1 <= limit <= LARGEST_PAGE:
        raise Refusal("page_size_invalid", first=limit, most=LARGEST_PAGE)
    checked_position(after)
    app = system(request)
    head = await app.log.position(principal.tenant)
    events, reached = [], max(after, min(after + limit, head))
    for entry in await app.events(principal, after=after, most=reached - after):
        if not isinstance(entry, Recorded):
            raise Refusal("event_unreadable", position=entry.position, event=entry.topic)
        events.append(_shown(entry))
    return {"events": events, "next": reached, "hasMore": reached < head}


def _shown(entry: Recorded) -> dict[str, Any]:
    """The event with its envelope, the payload as it is stored: dates as ISO text."""
    event = entry.event
    return {
        "position": entry.position,
        "stream": event.originator_id,
        "version": event.originator_version,
        "event": event.TOPIC,
        "payload": {
            name: msgspec.to_builtins(getattr(event, name)) for name in payload_fields(type(event))
        },
        "recordedAt": entry.recorded_at.isoformat(),
        "actor": entry.actor,
        "source": entry.source,
    }
