"""What was recorded by a cause: by the job of an import, or by one that takes it back."""

from collections.abc import Mapping
from uuid import UUID

import asyncpg
import msgspec

from domain.people.person import Person
from domain.teaching.cohort import Cohort
from domain.trainees.events import EnrolmentCorrected, FactWithdrawn, OrderCorrected
from domain.trainees.trainee import Trainee
from infra.database.db import TenantConnection
from services.jobs.jobs import UNDO, Job

_FILLED_IN = (
    EnrolmentCorrected.TOPIC,
    OrderCorrected.TOPIC,
    Person.RegistrationCorrected.TOPIC,
    Person.ContactsCorrected.TOPIC,
)
"""The topics by which an import fills in what was blank: these are corrected back."""

_WITHDRAWALS = (
    FactWithdrawn.TOPIC,
    Cohort.OpeningWithdrawn.TOPIC,
    Person.FactWithdrawn.TOPIC,
)
"""The topics by which what an import recorded is withdrawn."""

_CAUSED = """
    select tenant_id, stream_id, version, position, topic, payload from events
    where tenant_id = $1 and position > $2 and causation_id = $3
"""
_IN_ORDER = f"""
    select stream_id, version, position, topic, payload->>'cohort_id' as cohort_id,
        payload->>'manager_id' as manager_id,
        topic = '{Person.Registered.TOPIC}'
            and coalesce((payload->>'is_staff')::boolean, true) as is_staff
    from ({_CAUSED}) its order by position
"""  # noqa: S608 - a statement of ours
_TAKEN_BACK = "select id from jobs where tenant_id = $1 and (kind = $2 or undone_by is not null)"
_ANY = f"select exists ({_CAUSED})"
_UNDOINGS = """
    select id from jobs
    where tenant_id = $1 and kind = $2 and (payload->>'imported')::uuid = $3
"""
_NEVER_KNOWN = """
    select its.id from jobs its where its.tenant_id = $1 and its.undone_by is not null
        and not exists (
            select from events known where known.tenant_id = $1 and known.position = $2
                and known.recorded_at > its.created_at
        )
"""
_RECORDED_SINCE = f"""
    select count(*) from events
    where tenant_id = $1 and position > $2 and (causation_id is null or (
        causation_id not in ({_NEVER_KNOWN}) and causation_id not in (
            select id from jobs where tenant_id = $1 and kind = $3
                and (payload->>'imported')::uuid in ({_NEVER_KNOWN})
        )
    ))
"""  # noqa: S608
_WITHDRAWN = """
    exists (
        select from events gone where gone.tenant_id = $1 and gone.stream_id = its.stream_id
            and gone.version > its.version and gone.topic = any($4::text[])
            and (gone.payload->>'fact')::int
                = coalesce((its.payload->>'fact')::int, its.version)
    )
"""
_LEFT = f"""
    select tenant_id, stream_id, version, position, topic from ({_CAUSED}) its
    where (stream_id like any($7::text[]) or topic = any($5::text[])) and not {_WITHDRAWN} and not (
        topic = any($5::text[]) and exists (
            select from events back where back.tenant_id = $1 and back.stream_id = its.stream_id
                and back.version > its.version and back.causation_id = any($6::uuid[])
        )
    )
"""  # noqa: S608
_BY_TOPIC = f"""
    select topic, count(*) as facts from ({_LEFT}) its group by topic order by min(position)
"""  # noqa: S608
_LAST = f"""
    select tenant_id, stream_id, max(version) as last,
        substr(stream_id, strpos(stream_id, '-') + 1, 36) as whose
    from ({_LEFT}) its group by tenant_id, stream_id
"""  # noqa: S608
_PEOPLE = f"""
    select count(distinct whose) as people, count(distinct whose) filter (where exists (
        select from events its where its.tenant_id = $1 and its.stream_id = theirs.stream_id
            and its.version > theirs.last and its.topic <> all($4::text[])
            and (its.causation_id is null or its.causation_id <> all($8::uuid[]))
            and not {_WITHDRAWN}
    )) as followed
    from ({_LAST}) theirs
"""  # noqa: S608


class LeftOfImport(msgspec.Struct, frozen=True):
    """What goes if an import is taken back, counted.

    by_topic: what is withdrawn of each kind, in the order in which the kinds were first recorded:
    of trainees and cohorts, since nothing else is.
    filled_in: corrections that are corrected back. opened: cohorts that it opened, of which those
    stay in which something else is. people: of how many trainees. followed: of how many of these
    something else was recorded afterwards and stands. is_recorded: whether there was anything.
    """

    by_topic: Mapping[str, int]
    filled_in: int
    opened: int
    people: int
    followed: int
    is_recorded: bool


async def caused_by(tenant: TenantConnection, job: Job, *, after: int = 0) -> list[asyncpg.Record]:
    """What was recorded by the cause of a job, in order, up to now: a worker that had lost the job
    may have written still. after: a position before all of it."""
    return list(await tenant.fetch(_IN_ORDER, after, job.id))


async def taken_back(tenant: TenantConnection) -> list[UUID]:
    """The causes of what says nothing any more: undoings, and the imports that these undid."""
    return [row["id"] for row in await tenant.fetch(_TAKEN_BACK, UNDO)]


async def recorded_since(tenant: TenantConnection, position: int) -> int:
    """How many records came after a position, but those of imports that were begun after it and
    undone, and of their undoings: they count as never made."""
    found: int = await tenant.fetchval(_RECORDED_SINCE, position, UNDO)
    return found


async def count_left(tenant: TenantConnection, imported: Job) -> LeftOfImport:
    """Counts what is left of what an import recorded."""
    undoings = [row["id"] for row in await tenant.fetch(_UNDOINGS, UNDO, imported.id)]
    its = (0, imported.id, _WITHDRAWALS, _FILLED_IN, undoings)
    people, cohorts = f"{Trainee.TOPIC}-%", f"{Cohort.TOPIC}-%"
    by_topic = await tenant.fetch(_BY_TOPIC, *its, [people, cohorts])
    found = {row["topic"]: row["facts"] for row in by_topic}
    told_apart = {*_FILLED_IN, Cohort.Opened.TOPIC}
    of_people = await tenant.fetchrow(_PEOPLE, *its, [people], await taken_back(tenant))
    return LeftOfImport(
        by_topic={one: found[one] for one in found if one not in told_apart},
        filled_in=sum(found.get(topic, 0) for topic in _FILLED_IN),
        opened=found.get(Cohort.Opened.TOPIC, 0),
        people=of_people["people"],
        followed=of_people["followed"],
        is_recorded=bool(found) or await tenant.fetchval(_ANY, 0, imported.id),
    )
