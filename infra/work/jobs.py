"""Jobs in the database: made, looked up and followed by the doors (services' JobQueue)."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from domain.kernel.errors import NotFoundError, Refusal
from infra.database.db import Database, TenantConnection
from infra.database.retries import answered
from infra.database.watcher import Watcher
from infra.turns import out_of_turn
from services.jobs.jobs import Job, JobState
from services.words.params import read

LOOK_SECONDS = 0.3
"""Between two looks at the jobs that are followed."""

AT_ONCE = 3
"""Tenants whose jobs are looked at together: the doors need connections meanwhile."""

MOST_ATTEMPTS = 5

_STATE = "case when undone_by is null then state else 'undone' end as state"
COLUMNS = ", ".join(_STATE if name == "state" else name for name in Job.__struct_fields__)
"""What the doors see of a job: that an import was undone is said beside how it had ended."""
_INSERT = (
    "insert into jobs (tenant_id, id, kind, payload) values ($1, $2, $3, $4)"
    " on conflict (tenant_id, id) do nothing"
)
_INSERT_OF_ONE = (
    "insert into jobs (tenant_id, id, kind, payload, attempts, due_at)"
    " values ($1, $2, $3, $4, $5, now() + make_interval(secs => $6))"
)
_SELECT = f"""
    select {COLUMNS} from jobs where tenant_id = $1 and id = any($2)
    union all
    select {COLUMNS} from (
        select tenant_id, coalesce((payload->>'job_id')::uuid, id) as id, kind,
            'queued' as state, payload, 0 as done, 0 as total, 0 as attempts,
            null::jsonb as result, null as error, '{{}}'::jsonb as error_params,
            created_at, created_at as updated_at, null::uuid as undone_by
        from outbox where tenant_id = $1
    ) as waiting
    where id = any($2) and not exists (select from jobs where tenant_id = $1 and id = waiting.id)
"""  # noqa: S608 - our own text
"""The jobs of these ids; one that waits in the outbox is queued."""
_LIST = f"""
    select {COLUMNS} from jobs
    where tenant_id = $1 and kind = any($2) and ($3::uuid is null or (created_at, id) < (
        select created_at, id from jobs where tenant_id = $1 and id = $3))
    order by created_at desc, id desc limit $4
"""  # noqa: S608
_CANCEL = f"""
    update jobs set
        state = case when worker is not null and due_at > $3 then 'cancelling'
            else 'cancelled' end,
        due_at = case when worker is not null and due_at > $3 then due_at end,
        worker = case when due_at > $3 then worker end,
        error = null, error_params = '{{}}', updated_at = $3
    where tenant_id = $1 and id = $2 and state in ('queued', 'running')
    returning {COLUMNS}
"""  # noqa: S608

_Key = tuple[UUID, UUID]
"""The tenant's and the job's id."""


class Jobs:
    """The doors' view of the jobs. Every question names the tenant."""

    def __init__(self, db: Database) -> None:
        self._db, self._watcher = db, Watcher(self._list_states, LOOK_SECONDS)

    async def create_job(
        self, tenant_id: UUID, kind: str, payload: dict[str, Any], *, job_id: UUID | None = None
    ) -> Job:
        """Creates a queued job, which the scheduler sends; only once with the same `job_id`."""
        chosen = job_id or uuid7()
        async with self._db.tenant(tenant_id) as tenant:
            await insert_job(tenant, chosen, kind, payload)
            record = await tenant.fetchrow(_SELECT, [chosen])
        return job_of(record)

    async def get_job(self, tenant_id: UUID, job_id: UUID) -> Job | None:
        """The tenant's job; None if there is none."""
        # Whoever asks for a job across a restart of the database should not notice.
        found = await answered(lambda: self._get_jobs(tenant_id, [job_id]))
        return found.get(job_id)

    async def _get_jobs(self, tenant_id: UUID, job_ids: Sequence[UUID]) -> dict[UUID, Job]:
        async with self._db.tenant(tenant_id) as tenant:
            return {row["id"]: job_of(row) for row in await tenant.fetch(_SELECT, job_ids)}

    async def list_jobs(
        self, tenant_id: UUID, kinds: Collection[str], *, before: UUID | None, most: int
    ) -> list[Job]:
        async with self._db.tenant(tenant_id) as tenant:
            return [job_of(row) for row in await tenant.fetch(_LIST, list(kinds), before, most)]

    async def cancel_job(self, tenant_id: UUID, job_id: UUID) -> Job:
        async with self._db.tenant(tenant_id) as tenant:
            known = await tenant.fetchrow(_SELECT, [job_id])
            if known is None:
                raise _unknown(job_id)
            # A job still in the outbox has no row; it is made here, so that it can be cancelled.
            await insert_job(tenant, job_id, known["kind"], known["payload"])
            now = await tenant.instant()
            record = await tenant.fetchrow(_CANCEL, job_id, now)
            job = job_of(record or await tenant.fetchrow(_SELECT, [job_id]))
        if job.is_over and job.state is not JobState.CANCELLED:
            raise Refusal("job_over", field="id")
        return job

    async def watch_job(self, tenant_id: UUID, job_id: UUID) -> AsyncIterator[Job]:
        """The job as it is, then every change, until it is over. Raises NotFoundError
        `job_unknown`."""
        with self._watcher.follow((tenant_id, job_id)) as follower:
            while True:
                async with out_of_turn():
                    job = await follower.news()
                if job is None:
                    raise _unknown(job_id)
                yield job
                if job.is_over:
                    return

    async def _list_states(self, followed: Sequence[_Key]) -> dict[_Key, Job | Exception | None]:
        """Each as it is; what keeps a tenant's from being read is said of that tenant's alone."""
        ids = defaultdict[UUID, list[UUID]](list)
        for tenant_id, job_id in followed:
            ids[tenant_id].append(job_id)
        turn = asyncio.Semaphore(AT_ONCE)

        async def look(tenant_id: UUID) -> dict[UUID, Job] | Exception:
            async with turn:
                try:
                    return await self._get_jobs(tenant_id, ids[tenant_id])
                except Exception as error:
                    return error

        found = dict(zip(ids, await asyncio.gather(*map(look, ids)), strict=True))
        return {
            (tenant_id, job_id): jobs if isinstance(jobs, Exception) else jobs.get(job_id)
            for tenant_id, jobs in found.items()
            for job_id in ids[tenant_id]
        }


def _unknown(job_id: UUID) -> NotFoundError:
    return NotFoundError("job_unknown", field="id", id=str(job_id))


async def insert_job_of_one(
    tenant: TenantConnection, job_id: UUID, kind: str, payload: Mapping[str, Any], seconds: float
) -> None:
    """Inserts a job whose one attempt is about to begin; after so many seconds without one it
    fails."""
    await tenant.execute(_INSERT_OF_ONE, job_id, kind, payload, MOST_ATTEMPTS - 1, seconds)


async def insert_job(
    tenant: TenantConnection, job_id: UUID, kind: str, payload: Mapping[str, Any]
) -> None:
    """Inserts a job, queued and due at once, unless it is there already."""
    await tenant.execute(_INSERT, job_id, kind, payload)


def job_of(record: Mapping[str, Any]) -> Job:
    """The job of a record of COLUMNS."""
    said = record["error_params"]
    params = read(**said) if said else {}
    return Job(**{**record, "state": JobState(record["state"]), "error_params": params})
