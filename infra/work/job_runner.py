"""Working on one job: the lease is taken, kept while the work lasts, and given back with an end.

Runs at least once and ends once: every kind of job bears being begun again where it was left.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any
from uuid import UUID

import msgspec
import structlog

from domain.kernel.errors import Refusal
from infra.app import App
from infra.work.leases import JobCancelledError, JobTimes, LeaseLostError, Leases, RunningJob
from services.jobs.jobs import Job

PROGRESS_SECONDS = 0.5
"""Between two writings of how far a job is."""

EXHAUSTED, FAILED, TIMED_OUT = "job_attempts_exhausted", "job_failed", "job_timed_out"


class JobKind(msgspec.Struct, frozen=True):
    """The work of a kind of job.

    perform: answers the result; cancelled as a coroutine is when the job is. failed: records what
    the job's own state does not say of a final failure, with its code; may run twice, and does not
    for a cancelled job.
    """

    perform: Callable[[App, RunningJob], Awaitable[dict[str, Any]]]
    failed: Callable[[App, Job, str], Awaitable[None]] | None = None


class JobRunner:
    """The runner of one worker process."""

    def __init__(
        self, app: App, kinds: Mapping[str, JobKind], times: JobTimes | None = None
    ) -> None:
        self._app = app
        self._kinds = kinds
        self._times = times or JobTimes()
        self._leases = Leases(app.db, self._times)
        self._log = structlog.get_logger("worker")

    async def perform(self, tenant_id: UUID, job_id: UUID) -> None:
        """Works on one job; does nothing where it is over or another worker's."""
        running = await self._leases.take(tenant_id, job_id)
        if running is None:
            return
        with structlog.contextvars.bound_contextvars(job=str(job_id), tenant=str(tenant_id)):
            try:
                await self._work(running)
            except LeaseLostError:
                self._log.warning("job_lease_lost", kind=running.job.kind)
            except asyncio.CancelledError:
                await self._give_back(running)
                raise

    async def _work(self, running: RunningJob) -> None:
        kind = self._kinds.get(running.job.kind)
        if kind is None:
            await self._leases.fail(running, "job_kind_unknown", {"kind": running.job.kind})
            return
        try:
            if running.is_spent:
                raise Refusal(EXHAUSTED)
            result = await self._held(kind, running)
        except JobCancelledError:
            await self._leases.cancel(running)
        except Refusal as refused:
            # A rule says no, and would say so again.
            await self._fail(running, kind, refused.code, refused.params)
        except LeaseLostError:
            raise
        except Exception as error:
            self._log.error("job_attempt_failed", kind=running.job.kind, exc_info=error)
            if running.is_last:
                await self._fail(running, kind, FAILED, {})
            else:
                await self._leases.postpone(running, FAILED)
        else:
            await self._leases.finish(running, result)

    async def _held(self, kind: JobKind, running: RunningJob) -> dict[str, Any]:
        """Performs it while the lease is kept. Raises LeaseLostError and JobCancelledError, and
        refuses an attempt that takes longer than any may."""
        work = asyncio.ensure_future(kind.perform(self._app, running))
        keeping = asyncio.ensure_future(self._keep(running))
        try:
            await asyncio.wait(
                {work, keeping},
                timeout=self._times.longest,
                return_when=asyncio.FIRST_COMPLETED,
            )
            if work.done():
                with suppress(JobCancelledError):  # It was faster.
                    await self._leases.prolong(running)
                return work.result()
            if keeping.done():
                keeping.result()
            raise Refusal(TIMED_OUT)
        finally:
            for task in (work, keeping):
                task.cancel()
            await asyncio.gather(work, keeping, return_exceptions=True)

    async def _keep(self, running: RunningJob) -> None:
        pause = min(PROGRESS_SECONDS, self._times.lease / 4)
        written, last = running.changes, 0.0
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(pause)
            now, changes = loop.time(), running.changes
            if changes != written or now - last > self._times.lease / 4:
                await self._leases.prolong(running)
                written, last = changes, now

    async def _fail(
        self, running: RunningJob, kind: JobKind, code: str, params: dict[str, Any]
    ) -> None:
        if kind.failed is not None:
            await kind.failed(self._app, running.job, code)
        await self._leases.fail(running, code, params)

    async def _give_back(self, running: RunningJob) -> None:
        try:
            await self._leases.release(running)
        except Exception:
            # It is given back by time, then.
            self._log.warning("job_not_released", kind=running.job.kind)
