"""Everybody with all that is recorded of them, as of one position of a tenant's log."""

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any
from uuid import UUID

from domain.kernel.aggregate import event_topics
from domain.trainees.events import Enrolled, EnrolmentCorrected
from domain.trainees.trainee import Trainee
from infra.database.db import Database
from infra.log.feed import Feed, FeedEntry, Unreadable
from infra.log.tenant_log import TenantLog
from projections.kernel.projection import Selection
from services.kernel.beside import beside

SOME = 256
"""People that are read at a time."""

# The database puts them in order, so that no event of everybody's is read for it.
_ENTERED = f"""
    select stream_id
    from (
        select distinct on (stream_id) stream_id, payload ->> '{Enrolled.DAY}' as entered_on
        from events
        where tenant_id = $1 and topic = any($2::text[]) and position <= $3
        order by stream_id, version desc
    ) as said_last
    order by entered_on collate "C", stream_id collate "C"
"""  # noqa: S608 - a name of ours
_SAYING_WHEN = [Enrolled.TOPIC, EnrolmentCorrected.TOPIC]
_ALL = Selection(event_topics(), personal=True, envelope=False)


async def people_at(
    db: Database, log: TenantLog, tenant_id: UUID, position: int, some: int = SOME
) -> AsyncIterator[Sequence[Trainee]]:
    """Those who were known at a position, at most `some` at a time, who entered first before who
    came later; of nobody once none. They are read beside the log's cache. Raises what an event
    raises that cannot be read."""
    feed = Feed(log)
    async with db.tenant(tenant_id) as tenant:
        entered = tenant.cursor(_ENTERED, _SAYING_WHEN, position, prefetch=some)
        ids = [record["stream_id"] async for record in entered]
    for start in range(0, max(len(ids), 1), some):
        its = ids[start : start + some]
        async with db.tenant(tenant_id) as tenant:
            entries = await feed.read_streams(tenant, _ALL, its, until=position)
        yield await beside(_people, its, entries)


def _people(ids: Sequence[str], entries: Iterable[FeedEntry]) -> list[Trainee]:
    """Those of these ids who are there, in the order of the ids."""
    people: dict[str, Trainee | None] = dict.fromkeys(ids)
    for event in map(_event, entries):
        people[event.originator_id] = event.mutate(people[event.originator_id])
    return [one for one in people.values() if one is not None and not one.is_withdrawn]


def _event(entry: FeedEntry) -> Any:
    if isinstance(entry, Unreadable):
        raise entry.error
    return entry.event
