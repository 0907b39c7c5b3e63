"""Everybody with all that is recorded of them, as of one position of a tenant's log."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from domain.kernel.aggregate import event_topics
from domain.kernel.whose import own_stream
from domain.people.person import Person
from domain.trainees.events import Enrolled, EnrolmentCorrected
from domain.trainees.trainee import Trainee
from infra.database.db import Database
from infra.log.feed import Feed, FeedEntry, Unreadable
from infra.log.tenant_log import TenantLog
from projections.kernel.projection import Selection
from services.importing.sheets.kind import StayRecord
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
) -> AsyncIterator[Sequence[StayRecord]]:
    """Those who were known at a position, at most `some` at a time, who entered first before who
    came later; of nobody once none. They are read beside the log's cache. Raises what an event
    raises that cannot be read."""
    feed, staff = Feed(log), dict[str, Person]()
    async with db.tenant(tenant_id) as tenant:
        entered = tenant.cursor(_ENTERED, _SAYING_WHEN, position, prefetch=some)
        ids = [record["stream_id"] async for record in entered]
    for start in range(0, max(len(ids), 1), some):
        its = ids[start : start + some]
        async with db.tenant(tenant_id) as tenant:
            entries = await feed.read_streams(tenant, _ALL, its, until=position)
            found = await beside(_folded, its, entries)
            stays = [one for one in found if not one.is_withdrawn]
            own = sorted({own_stream(one.id) for one in stays})
            entries = await feed.read_streams(tenant, _ALL, own, until=position)
            persons = {one.id: one for one in await beside(_folded, own, entries)}
            for _ in ("those who are named", "whom these were joined into"):
                wanted = _named(stays, staff)
                entries = await feed.read_streams(tenant, _ALL, wanted, until=position)
                staff |= {one.id: one for one in await beside(_folded, wanted, entries)}
        names = {one.id: staff[one.joined_into or one.id].name for one in staff.values()}
        yield [StayRecord(one, persons[own_stream(one.id)], names) for one in stays]


def _folded(ids: Sequence[str], entries: Iterable[FeedEntry]) -> list[Any]:
    """Those of these ids who are there, in the order of the ids."""
    found: dict[str, Any] = dict.fromkeys(ids)
    for event in map(_event, entries):
        found[event.originator_id] = event.mutate(found[event.originator_id])
    return [one for one in found.values() if one is not None]


def _named(stays: Iterable[Trainee], known: Mapping[str, Person]) -> list[str]:
    """The ids of the managers of stays, and of whom known people were joined into, who are not
    known yet."""
    named = {one.employment.enrolled.manager_id for one in stays}
    named |= {its.manager_id for one in stays for its in one.employment.managers}
    named |= {one.joined_into for one in known.values()}
    return sorted({one for one in named if one} - known.keys())


def _event(entry: FeedEntry) -> Any:
    if isinstance(entry, Unreadable):
        raise entry.error
    return entry.event
