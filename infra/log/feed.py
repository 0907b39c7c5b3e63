"""A tenant's log read in order: bounded stretches of it, typed.

Positions are gap-free, so a stretch is named by its two ends, whatever topics are left out of it.
An event that cannot be read stands in its place as Unreadable: what to do about it is for whoever
looks at that topic.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, final

import msgspec
from eventsourcing.utils import resolve_topic

from domain.kernel.aggregate import Recorded, sealed_fields
from domain.kernel.whose import person_of
from infra.database.db import TenantConnection
from infra.log import lookups
from infra.log.mapper import ENVELOPE, RECORDED
from infra.log.sealing import PersonSeal
from infra.log.tenant_log import TenantLog
from projections.kernel.projection import Selection

_SELECT = {False: f"select {RECORDED}", True: f"select {RECORDED}, {ENVELOPE}"}
_STRETCH = """
    from events
    where tenant_id = $1 and position > $2 and position <= $3
        and topic = any($4::text[])
    order by position
"""
_STREAMS = """
    from events
    where tenant_id = $1 and stream_id = any($2::text[]) and position <= $3
        and topic = any($4::text[])
    order by position
"""
_WHOLE_UNTIL = """
    select position from events
    where tenant_id = $1 and position <= $2 and is_last order by position desc limit 1
"""
_WHOLE_FROM = """
    select position from events
    where tenant_id = $1 and position >= $2 and is_last order by position limit 1
"""
# Recorded times never go back along a tenant's log, and no position is missing in it.
_POSITION_AT = """
    with recursive search (low, high) as (
        select 0::bigint, position from heads where tenant_id = $1
        union all
        select case when e.recorded_at <= $2 then e.position else low end,
            case when e.recorded_at <= $2 then high else e.position - 1 end
        from search
        join events e on e.tenant_id = $1 and e.position = (low + high + 1) / 2
        where low < high
    )
    select low from search where low = high
"""


@final
class Unreadable(msgspec.Struct, frozen=True):
    """An event that this program cannot read, and why."""

    position: int
    topic: str
    error: Exception


FeedEntry = Recorded | Unreadable


class Feed:
    """Reads a tenant's log in order, through a connection in the tenant's transaction."""

    def __init__(self, log: TenantLog) -> None:
        self._log = log
        self._to_recorded = log.mapper.to_recorded

    async def read(
        self, tenant: TenantConnection, wanted: Selection, *, after: int, until: int
    ) -> list[FeedEntry]:
        """The events after one position and up to another, in order."""
        return await self._read(tenant, wanted, _STRETCH, after, until)

    async def read_streams(
        self, tenant: TenantConnection, wanted: Selection, stream_ids: Sequence[str], *, until: int
    ) -> list[FeedEntry]:
        """The events of these streams up to a position, in order."""
        return await self._read(tenant, wanted, _STREAMS, stream_ids, until)

    async def _read(
        self, tenant: TenantConnection, wanted: Selection, source: str, *place: Any
    ) -> list[FeedEntry]:
        records = await tenant.fetch(
            f"{_SELECT[wanted.envelope]} {source}", *place, list(wanted.topics)
        )
        seals: dict[str, PersonSeal] = {}
        if wanted.personal:
            sealed = {record["stream_id"] for record in records if _is_sealed(record["topic"])}
            whose = {stream: person_of(stream) for stream in sealed}
            found = await lookups.seals(tenant, whose.values(), self._log.keys)
            seals = {stream: found[person] for stream, person in whose.items() if person in found}
        to_recorded, tenant_id, seal_of = self._to_recorded, tenant.tenant_id, seals.get
        entries: list[FeedEntry] = []
        for record in records:
            try:
                entries.append(to_recorded(tenant_id, seal_of(record["stream_id"]), *record))
            except Exception as error:
                entries.append(Unreadable(record["position"], record["topic"], error))
        return entries


async def position_at(tenant: TenantConnection, known_by: int | datetime | None) -> int:
    """The tenant's last position that was known by then: by a position, an instant, or now.

    Where a command ends: inside of one half of it would be known.
    """
    if known_by is None:
        return await tenant.fetchval(lookups.POSITION) or 0
    statement = _POSITION_AT if isinstance(known_by, datetime) else _WHOLE_UNTIL
    return await tenant.fetchval(statement, known_by) or 0


async def end_of_command(tenant: TenantConnection, position: int) -> int:
    """The position of the last event of the command that the event of a position belongs to; of
    what is not recorded yet the same."""
    ending: int | None = await tenant.fetchval(_WHOLE_FROM, position)
    return position if ending is None else ending


@cache
def _is_sealed(topic: str) -> bool:
    try:
        return bool(sealed_fields(resolve_topic(topic)))
    except Exception:
        return False  # Unknown topics show when they are mapped.
