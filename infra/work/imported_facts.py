"""What an import recorded, counted, for who is to decide whether it is taken back."""

from collections.abc import Mapping

import msgspec

from domain.trainees.trainee import Trainee
from infra.database.db import TenantConnection
from infra.log.feed import position_at
from services.jobs.jobs import Job

_BY_TOPIC = """
    select topic, count(*) as facts from events
    where tenant_id = $1 and position > $2 and causation_id = $3
    group by topic order by min(position)
"""
_LAST = """
    select tenant_id, stream_id, max(version) as last from events
    where tenant_id = $1 and position > $2 and causation_id = $3 and stream_id like $4
    group by tenant_id, stream_id
"""
_PEOPLE = f"select count(*) from ({_LAST}) its"  # noqa: S608 - a statement of ours
_FOLLOWED = f"""
    select count(distinct later.stream_id) from ({_LAST}) its
    join events later on later.tenant_id = its.tenant_id and later.stream_id = its.stream_id
    where later.tenant_id = $1 and later.version > its.last
"""  # noqa: S608 - a statement of ours


class ImportedFacts(msgspec.Struct, frozen=True):
    """by_topic: how many of each kind, in the order in which they were first recorded. people: of
    how many trainees. followed: of how many of these something was recorded afterwards."""

    by_topic: Mapping[str, int]
    people: int
    followed: int


async def count_imported(tenant: TenantConnection, imported: Job) -> ImportedFacts:
    """Counts what was recorded by the cause of an import's job."""
    its = (await position_at(tenant, imported.created_at), imported.id)
    found = await tenant.fetch(_BY_TOPIC, *its)
    people = f"{Trainee.TOPIC}-%"
    return ImportedFacts(
        {row["topic"]: row["facts"] for row in found},
        await tenant.fetchval(_PEOPLE, *its, people),
        await tenant.fetchval(_FOLLOWED, *its, people),
    )
