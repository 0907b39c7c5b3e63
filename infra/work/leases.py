"""A worker's hold on a job: taken, prolonged, given back, always in one statement that checks it.

Whoever lost the lease writes nothing any more (decisions/0008).
"""

from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import msgspec

from infra.database.db import Database, TenantConnection
from infra.database.retries import kept_up, retried
from infra.work.jobs import COLUMNS, MOST_ATTEMPTS, job_of
from services.jobs.jobs import Job, JobState
from services.words.params import kept


class JobTimes(msgspec.Struct, frozen=True):
    """The times of leases, in seconds. lease: how long a silent worker holds a job.

    tick: between two of the scheduler's looks. resend: after which a queued job is sent again,
    doubled thrice. retry: before the second attempt, five times as long before every further one.
    longest: of one attempt.
    """

    lease: float = 15.0
    tick: float = 0.2
    resend: float = 20.0
    retry: float = 2.0
    longest: float = 3600.0


class RunningJob:
    """A job that is ours: what its kind sees of it, and the lease.

    kept: what an earlier attempt kept last that was written down, to go on from; {} on the first.
    is_last: no further attempt follows. is_spent: none is left, not even this one. moved_at: when
    it was last written of, or tried to, by our own clock. writes: of it under way, which take as
    long as the database does.
    """

    def __init__(
        self,
        job: Job,
        kept: dict[str, Any],
        worker: UUID,
        *,
        is_last: bool = False,
        is_spent: bool = False,
    ) -> None:
        self.job, self.kept, self.worker = job, kept, worker
        self.is_last, self.is_spent = is_last, is_spent
        self.done, self.total = job.done, job.total
        self.changes = 0
        self.moved_at, self.writes = monotonic(), 0

    def progress(self, done: int, total: int) -> None:
        """Says how far it is; written down now and then."""
        self.done, self.total = done, total
        self.changes += 1

    def keep(self, state: dict[str, Any]) -> None:
        """Keeps a state from which a later attempt goes on: JSON-like, whole, not changed
        afterwards.

        Written down with the progress, and together with what is said of it without waiting in
        between. Gone when the job is over.
        """
        self.kept = state
        self.changes += 1

    @property
    def reached(self) -> tuple[int, int, dict[str, Any]]:
        """What is written down of it: how far it is, of how much, and the state kept."""
        return self.done, self.total, self.kept


Finished = Callable[[TenantConnection, Job, dict[str, Any]], Awaitable[None]]
"""Writes, in the transaction that ends a job as done, what its result says of another job."""


class LeaseLostError(Exception):
    """The job is over, or another worker's."""


class PutOffError(Exception):
    """Whoever the job asked wants to be asked again after a pause, in seconds. answer: what they
    said."""

    def __init__(self, pause: float, answer: str) -> None:
        super().__init__(answer)
        self.pause, self.answer = pause, answer


class JobCancelledError(Exception):
    """The job is to be cancelled."""


_TAKE = f"""
    update jobs set state = 'running', attempts = least(attempts + 1, $3::int), worker = $4,
        due_at = now() + make_interval(secs => $5), updated_at = now()
    where tenant_id = $1 and id = $2
        and (state = 'queued' or (state = 'running' and due_at <= now()))
    returning {COLUMNS}, kept
"""  # noqa: S608 - our own text
_HELD = " where tenant_id = $1 and id = $2 and worker = $3 returning state"
"""Whoever works on a job is its worker; a job that is over or queued has none."""
_GIVEN_BACK = "state = case state when 'cancelling' then 'cancelled' else 'queued' end"
_OVER = "kept = null, due_at = null, worker = null, updated_at = now()"
_BEFORE = "select attempts from jobs where tenant_id = $1 and id = $2 for update"
_PROLONG = f"""
    update jobs set done = $4, total = $5, kept = $6,
        due_at = now() + make_interval(secs => $7),
        updated_at = case when (done, total) = ($4, $5) then updated_at else $8 end {_HELD}
"""  # noqa: S608 - our own text
_FINISH = f"""
    update jobs set state = 'done', result = $4, error = null, error_params = '{{}}',
        done = total, {_OVER} {_HELD}
"""  # noqa: S608
_FAIL = f"""
    update jobs set state = 'failed', error = $4, error_params = $5, {_OVER} {_HELD}
"""  # noqa: S608
_POSTPONE = f"""
    update jobs set {_GIVEN_BACK}, error = case state when 'running' then $4 end,
        attempts = attempts - $6::int, worker = null, sent = 0,
        due_at = case state when 'running' then $7::timestamptz + make_interval(secs => $5) end,
        updated_at = $7 {_HELD}
"""  # noqa: S608
_RELEASE = f"""
    update jobs set {_GIVEN_BACK}, done = $4, total = $5, kept = $6,
        attempts = attempts - 1, worker = null, sent = 0,
        due_at = case state when 'running' then $7::timestamptz end, updated_at = $7 {_HELD}
"""  # noqa: S608
_CANCEL = f"""
    update jobs set state = 'cancelled', done = $4, total = $5, error = null, error_params = '{{}}',
        {_OVER} {_HELD}
"""  # noqa: S608


class Leases:
    """The leases of one worker process."""

    def __init__(self, db: Database, times: JobTimes) -> None:
        self._db = db
        self._times = times

    async def take(self, tenant_id: UUID, job_id: UUID) -> RunningJob | None:
        """Takes a job; None where it is over, unknown, or another worker's."""
        worker = uuid4()

        async def attempt() -> tuple[int, asyncpg.Record | None]:
            async with self._db.tenant(tenant_id) as tenant:
                before = await tenant.fetchval(_BEFORE, job_id)
                record = await tenant.fetchrow(
                    _TAKE, job_id, MOST_ATTEMPTS, worker, self._times.lease
                )
            return before, record

        before, record = await retried(attempt)
        if record is None:
            return None
        values = dict(record)
        kept = values.pop("kept") or {}
        job = job_of(values)
        is_last = job.attempts >= MOST_ATTEMPTS
        return RunningJob(job, kept, worker, is_last=is_last, is_spent=before >= MOST_ATTEMPTS)

    async def prolong(self, running: RunningJob) -> None:
        """Prolongs the lease and writes down how far the job is. Raises LeaseLostError,
        JobCancelledError."""
        held = await self._keep_writing(
            running, _PROLONG, *running.reached, self._times.lease, timed=True
        )
        if held["state"] == JobState.CANCELLING:
            raise JobCancelledError

    async def finish(
        self, running: RunningJob, result: dict[str, Any], finished: Finished | None = None
    ) -> None:
        """Ends the job as done. Raises LeaseLostError."""

        async def also(tenant: TenantConnection) -> None:
            if finished is not None:
                await finished(tenant, running.job, result)

        await self._keep_writing(running, _FINISH, result, also=also)

    async def fail(self, running: RunningJob, code: str, params: dict[str, Any]) -> None:
        """Ends the job as failed for good. Raises LeaseLostError."""
        await self._keep_writing(running, _FAIL, code, kept(params))

    async def postpone(
        self, running: RunningJob, code: str, *, counts: bool = True, pause: float | None = None
    ) -> None:
        """Puts the job off to another attempt. counts: this one, among those after which it has
        failed. pause: in seconds, else longer every time. Raises LeaseLostError."""
        if pause is None:
            pause = self._times.retry * 5 ** (running.job.attempts - 1)
        await self._keep_writing(running, _POSTPONE, code, pause, 0 if counts else 1, timed=True)

    async def release(self, running: RunningJob) -> None:
        """Gives a job back unfinished; it does not count as an attempt. Tried once: who gives it
        back is to end, and by time it is given back anyway."""
        await self._write(running, _RELEASE, *running.reached, timed=True)

    async def cancel(self, running: RunningJob) -> None:
        """Ends a cancelled job with its progress. Raises LeaseLostError."""
        await self._keep_writing(running, _CANCEL, running.done, running.total)

    async def _keep_writing(
        self, running: RunningJob, statement: str, *values: Any, **how: Any
    ) -> asyncpg.Record:
        """Writes, however long the database is away or its disk full."""
        return await kept_up(lambda: self._write(running, statement, *values, **how))

    async def _write(
        self,
        running: RunningJob,
        statement: str,
        *values: Any,
        timed: bool = False,
        also: Callable[[TenantConnection], Awaitable[None]] | None = None,
    ) -> asyncpg.Record:
        """timed: whether the statement's last parameter is the instant. also: writes more in its
        transaction."""
        job = running.job
        running.writes += 1
        try:
            async with self._db.tenant(job.tenant_id) as tenant:
                at = [await tenant.instant()] if timed else []
                written = await tenant.fetchrow(statement, job.id, running.worker, *values, *at)
                if written is None:
                    raise LeaseLostError
                if also is not None:
                    await also(tenant)
        finally:
            running.writes -= 1
            running.moved_at = monotonic()
        return written
