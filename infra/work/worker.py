"""The worker's process: dramatiq's threads take messages, the process's event loop does the work.

The application with its pools belongs to that loop, so a message becomes a coroutine on it and its
thread waits; a thread is a place in the queue, no more. A job's lease is taken, kept while the work
lasts, and given back with an end: it runs at least once and ends once, so every kind of job bears
being begun again where it was left.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from concurrent.futures import CancelledError
from contextlib import asynccontextmanager, suppress
from time import monotonic
from types import MappingProxyType
from typing import Any
from uuid import UUID

import dramatiq
import msgspec
import structlog

from domain.kernel.errors import Refusal
from infra.app import App
from infra.database.retries import is_waited_for, lack
from infra.readside.folding import tune_garbage_collector
from infra.work import import_job, mail_job, report_job, undo_job, whatif_job
from infra.work.broker import PERFORM, QUEUE, make_broker
from infra.work.leases import (
    Finished,
    JobCancelledError,
    JobTimes,
    LeaseLostError,
    Leases,
    PutOffError,
    RunningJob,
)
from services.jobs.jobs import IMPORT, RENDER, SEND_MAIL, UNDO, WHAT_IF, Job
from services.scheme.head_office import FOR_HEAD_OFFICE

THREADS = 4
"""Jobs under way at once in one process."""

IDLE_MS = 250
"""Longest pause between two looks into an empty queue."""

STOP_MS = 6_000

PROGRESS_SECONDS = 0.5
"""Between two writings of how far a job is."""

EXHAUSTED, FAILED, TIMED_OUT = "job_attempts_exhausted", "job_failed", "job_timed_out"


class JobKind(msgspec.Struct, frozen=True):
    """The work of a kind of job.

    perform: answers the result; cancelled as a coroutine is when the job is. failed: records what
    the job's own state does not say of a final failure, with its code; may run twice, and does not
    for a cancelled job. finished: see Finished.
    """

    perform: Callable[[App, RunningJob], Awaitable[dict[str, Any]]]
    failed: Callable[[App, Job, str], Awaitable[None]] | None = None
    finished: Finished | None = None


KINDS: Mapping[str, JobKind] = MappingProxyType(
    {
        RENDER: JobKind(report_job.perform, report_job.failed),
        SEND_MAIL: JobKind(mail_job.perform, mail_job.failed),
        IMPORT: JobKind(import_job.perform),
        UNDO: JobKind(undo_job.perform, finished=undo_job.finished),
        WHAT_IF: JobKind(whatif_job.perform),
        FOR_HEAD_OFFICE: JobKind(
            whatif_job.perform_for_head_office, whatif_job.failed_for_head_office
        ),
    }
)
"""Every kind of job; a new one is added here."""


class JobRunner:
    """The runner of one worker process."""

    def __init__(
        self, app: App, kinds: Mapping[str, JobKind], times: JobTimes | None = None
    ) -> None:
        self._app = app
        self._kinds = kinds
        self._times = times or JobTimes()
        self._leases = Leases(app.db, self._times)
        self._running = set[RunningJob]()
        self._log = structlog.get_logger("worker")

    def moves(self) -> bool:
        """Whether none of its jobs has outlived its lease here: one that does not end when it is to
        takes the place of others for ever. One that waits for the database has not."""
        since = monotonic() - self._times.lease
        return all(one.writes or one.moved_at >= since for one in self._running)

    async def perform(self, tenant_id: UUID, job_id: UUID) -> None:
        """Works on one job; does nothing where it is over or another worker's."""
        taking = asyncio.ensure_future(self._leases.take(tenant_id, job_id))
        try:
            running = await asyncio.shield(taking)
        except asyncio.CancelledError:
            # Interrupted while that is written down, it would be nobody's until the lease is over.
            if (taken := await taking) is not None:
                await self._give_back(taken)
            raise
        if running is None:
            return
        self._running.add(running)
        with structlog.contextvars.bound_contextvars(job=str(job_id), tenant=str(tenant_id)):
            try:
                await self._work(running)
            except LeaseLostError:
                self._log.warning("job_lease_lost", kind=running.job.kind)
            except asyncio.CancelledError:
                await self._give_back(running)
                raise
            finally:
                self._running.discard(running)

    async def _give_back(self, running: RunningJob) -> None:
        """Gives a job back that this process no longer works on."""
        try:
            await self._leases.release(running)
        except Exception:
            # It is given back by time, then.
            self._log.warning("job_not_released", kind=running.job.kind)

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
        except PutOffError as later:
            self._log.info("job_put_off", kind=running.job.kind, answer=later.answer)
            await self._leases.postpone(running, FAILED, counts=False, pause=later.pause)
        except Exception as error:
            if (lacking := lack(error)) is not None:
                self._log.warning("job_waits", kind=running.job.kind, error=lacking.code)
                await self._leases.postpone(running, FAILED, counts=False)
                return
            self._log.error("job_attempt_failed", kind=running.job.kind, exc_info=error)
            if running.is_last:
                await self._fail(running, kind, FAILED, {})
            else:
                await self._leases.postpone(running, FAILED)
        else:
            await self._leases.finish(running, result, kind.finished)

    async def _held(self, kind: JobKind, running: RunningJob) -> dict[str, Any]:
        """Performs it while the lease is kept. Raises LeaseLostError and JobCancelledError, and
        refuses an attempt that takes longer than any may."""
        async with self._kept(running) as keeping:
            work = asyncio.ensure_future(kind.perform(self._app, running))
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
                # Both at once: of work that does not end the lease is not kept.
                for task in (work, keeping):
                    task.cancel()
                await asyncio.gather(work, return_exceptions=True)

    @asynccontextmanager
    async def _kept(self, running: RunningJob) -> AsyncIterator[asyncio.Task[None]]:
        """Keeps the lease meanwhile, by a task that ends where it cannot be kept."""
        keeping = asyncio.ensure_future(self._keep(running))
        try:
            yield keeping
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)

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
            async with self._kept(running):
                await kind.failed(self._app, running.job, code)
        await self._leases.fail(running, code, params)


class Worker:
    """Use as `async with Worker(app): …`: jobs are done while it lasts."""

    def __init__(
        self, app: App, kinds: Mapping[str, JobKind] = KINDS, times: JobTimes | None = None
    ) -> None:
        self._signs, self._runner = app.signs, JobRunner(app, kinds, times)
        self._broker = make_broker(app.settings.broker_url)
        self._worker = dramatiq.Worker(self._broker, worker_threads=THREADS, worker_timeout=IDLE_MS)
        self._loop = asyncio.get_running_loop()
        self._under_way: set[asyncio.Task[None]] = set()
        self._log = structlog.get_logger("worker")

    async def __aenter__(self) -> "Worker":
        declare = dramatiq.actor(actor_name=PERFORM, queue_name=QUEUE, broker=self._broker)
        declare(self._receive)
        self._worker.start()
        self._signs.moves = self._runner.moves
        return self

    async def __aexit__(self, *_: object) -> None:
        stopping = asyncio.ensure_future(asyncio.to_thread(self._worker.stop, timeout=STOP_MS))
        cancelled: set[asyncio.Task[None]] = set()
        while not stopping.done():
            # Once each: a second time would interrupt it giving its job back.
            for task in self._under_way - cancelled:
                task.cancel()
            cancelled |= self._under_way
            await asyncio.wait({stopping}, timeout=0.1)
        await stopping
        await asyncio.to_thread(self._broker.close)

    def _receive(self, tenant_id: str, job_id: str) -> None:
        """Takes a message, in a thread of dramatiq; never fails: what is not done is sent again."""
        work = asyncio.run_coroutine_threadsafe(
            self._perform(UUID(tenant_id), UUID(job_id)), self._loop
        )
        try:
            work.result()
        except CancelledError:
            self._log.info("job_given_back", job=job_id)
        except Exception as error:
            if is_waited_for(error):
                self._log.warning("job_not_taken", job=job_id, error=type(error).__name__)
            else:
                self._log.error("job_not_taken", job=job_id, exc_info=error)

    async def _perform(self, tenant_id: UUID, job_id: UUID) -> None:
        task = asyncio.ensure_future(self._runner.perform(tenant_id, job_id))
        self._under_way.add(task)
        try:
            await task
        finally:
            self._under_way.discard(task)


async def run(app: App) -> None:
    """Works until it is cancelled."""
    tune_garbage_collector()
    async with Worker(app):
        await asyncio.Event().wait()
