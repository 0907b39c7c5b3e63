"""Working on one job: the lease is taken, kept while the work lasts, and given back with an end.

Runs at least once and ends once: every kind of job bears being begun again where it was left.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, Generic, TypeVar
from uuid import UUID

import msgspec
import structlog

from domain.kernel.errors import Refusal
from infra.work.leases import JobCancelledError, JobTimes, Lease, LeaseLostError, Leases
from services.jobs.jobs import Job

A = TypeVar("A")

PROGRESS_SECONDS = 0.5
"""Between two writings of how far a job is."""

EXHAUSTED, FAILED, TIMED_OUT = "job_attempts_exhausted", "job_failed", "job_timed_out"


class RunningJob:
    """A job in work, as its kind sees it.

    kept: what an earlier attempt kept last that was written down, to go on from; {} on the first.
    """

    def __init__(self, job: Job, kept: dict[str, Any]) -> None:
        self.job = job
        self.done, self.total = job.done, job.total
        self.kept = kept
        self.changes = 0

    def progress(self, done: int, total: int) -> None:
        """Sets how many steps are done; written down now and then."""
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


class JobKind(msgspec.Struct, Generic[A], frozen=True):
    """The work of a kind of job.

    perform: answers the result; cancelled as a coroutine is when the job is. failed: records what
    the job's own state does not say of a final failure, with its code; may run twice, and does not
    for a cancelled job.
    """

    perform: Callable[[A, RunningJob], Awaitable[dict[str, Any]]]
    failed: Callable[[A, Job, str], Awaitable[None]] | None = None


class JobRunner(Generic[A]):
    """The runner of one worker process. app: what the kinds are given."""

    def __init__(
        self, app: A, kinds: Mapping[str, JobKind[A]], leases: Leases, times: JobTimes
    ) -> None:
        self._app = app
        self._kinds = kinds
        self._leases = leases
        self._times = times
        self._log = structlog.get_logger("worker")

    async def perform(self, tenant_id: UUID, job_id: UUID) -> None:
        """Works on one job; does nothing where it is over or another worker's."""
        lease = await self._leases.take(tenant_id, job_id)
        if lease is None:
            return
        running = RunningJob(lease.job, lease.kept)
        with structlog.contextvars.bound_contextvars(job=str(job_id), tenant=str(tenant_id)):
            try:
                await self._work(lease, running)
            except LeaseLostError:
                self._log.warning("job_lease_lost", kind=lease.job.kind)
            except asyncio.CancelledError:
                await self._give_back(lease, running)
                raise

    async def _work(self, lease: Lease, running: RunningJob) -> None:
        kind = self._kinds.get(lease.job.kind)
        if kind is None:
            await self._leases.fail(lease, "job_kind_unknown", {"kind": lease.job.kind})
            return
        try:
            if lease.is_spent:
                raise Refusal(EXHAUSTED)
            result = await self._held(lease, kind, running)
        except JobCancelledError:
            await self._leases.cancel(lease, running.done, running.total)
        except Refusal as refused:
            # A rule says no, and would say so again.
            await self._fail(lease, kind, refused.code, refused.params)
        except LeaseLostError:
            raise
        except Exception as error:
            self._log.error("job_attempt_failed", kind=lease.job.kind, exc_info=error)
            if lease.is_last:
                await self._fail(lease, kind, FAILED, {})
            else:
                await self._leases.postpone(lease, FAILED)
        else:
            await self._leases.finish(lease, result)

    async def _held(self, lease: Lease, kind: JobKind[A], running: RunningJob) -> dict[str, Any]:
        """Performs it while the lease is kept. Raises LeaseLostError and JobCancelledError, and
        refuses an attempt that takes longer than any may."""
        work = asyncio.ensure_future(kind.perform(self._app, running))
        keeping = asyncio.ensure_future(self._keep(lease, running))
        try:
            await asyncio.wait(
                {work, keeping},
                timeout=self._times.longest,
                return_when=asyncio.FIRST_COMPLETED,
            )
            if work.done():
                with suppress(JobCancelledError):  # It was faster.
                    await self._beat(lease, running)
                return work.result()
            if keeping.done():
                keeping.result()
            raise Refusal(TIMED_OUT)
        finally:
            for task in (work, keeping):
                task.cancel()
            await asyncio.gather(work, keeping, return_exceptions=True)

    async def _keep(self, lease: Lease, running: RunningJob) -> None:
        pause = min(PROGRESS_SECONDS, self._times.lease / 4)
        written, last = running.changes, 0.0
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(pause)
            now, changes = loop.time(), running.changes
            if changes != written or now - last > self._times.lease / 4:
                await self._beat(lease, running)
                written, last = changes, now

    async def _beat(self, lease: Lease, running: RunningJob) -> None:
        await self._leases.prolong(lease, running.done, running.total, running.kept)

    async def _fail(
        self, lease: Lease, kind: JobKind[A], code: str, params: dict[str, Any]
    ) -> None:
        if kind.failed is not None:
            await kind.failed(self._app, lease.job, code)
        await self._leases.fail(lease, code, params)

    async def _give_back(self, lease: Lease, running: RunningJob) -> None:
        try:
            await self._leases.release(lease, running.done, running.total, running.kept)
        except Exception:
            # It is given back by time, then.
            self._log.warning("job_not_released", kind=lease.job.kind)
