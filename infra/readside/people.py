"""Everybody with all that is recorded of them, as of one position of a tenant's log."""

from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

from domain.kernel.aggregate import event_topics
from domain.trainees.events import Enrolled, EnrolmentCorrected
from domain.trainees.trainee import Trainee
from infra.database.db import Database
from infra.log.feed import Feed, FeedEntry, Unreadable
from infra.log.tenant_log import TenantLog
from projections.kernel.projection import Selection

SOME = 256
"""People that are read at a time."""

_ENROLMENTS = Selection((Enrolled.TOPIC, EnrolmentCorrected.TOPIC), envelope=False)
_ALL = Selection(event_topics(), personal=True, envelope=False)


async def people_at(
    db: Database, log: TenantLog, tenant_id: UUID, position: int, some: int = SOME
) -> AsyncIterator[Sequence[Trainee]]:
    """Those who were known at a position, at most `some` at a time, who entered first before who
    came later; of nobody once none. They are read beside the log's cache. Raises what an event
    raises that cannot be read."""
    feed = Feed(log)
    async with db.tenant(tenant_id) as tenant:
        entries = await feed.read(tenant, _ENROLMENTS, after=0, until=position)
    entered = {one.originator_id: one.entered_on for one in map(_event, entries)}
    ids = sorted(entered, key=lambda one: (entered[one], one))
    for start in range(0, max(len(ids), 1), some):
        async with db.tenant(tenant_id) as tenant:
            its = ids[start : start + some]
            entries = await feed.read_streams(tenant, _ALL, its, until=position)
        people: dict[str, Trainee | None] = dict.fromkeys(its)
        for event in map(_event, entries):
            people[event.originator_id] = event.mutate(people[event.originator_id])
        yield [one for one in people.values() if one is not None and not one.is_withdrawn]


def _event(entry: FeedEntry) -> Any:
    if isinstance(entry, Unreadable):
        raise entry.error
    return entry.event
