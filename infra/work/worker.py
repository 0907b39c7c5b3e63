"""The worker's process: dramatiq's threads take messages, the process's event loop does the work.

The application with its pools belongs to that loop, so a message becomes a coroutine on it and its
thread waits; a thread is a place in the queue, no more.
"""

import asyncio
from collections.abc import Mapping
from concurrent.futures import CancelledError
from types import MappingProxyType
from uuid import UUID

import dramatiq
import structlog

from infra.app import App
from infra.work import import_job, report_job, whatif_job
from infra.work.broker import PERFORM, QUEUE, make_broker
from infra.work.job_runner import JobKind, JobRunner
from infra.work.leases import JobTimes
from services.jobs.jobs import IMPORT
from services.reporting.report import RENDER
from services.scheme.head_office import FOR_HEAD_OFFICE
from services.scheme.whatif import WHAT_IF

THREADS = 4
"""Jobs under way at once in one process."""

IDLE_MS = 250
"""Longest pause between two looks into an empty queue."""

STOP_MS = 6_000

KINDS: Mapping[str, JobKind] = MappingProxyType(
    {
        RENDER: JobKind(report_job.perform, report_job.failed),
        IMPORT: JobKind(import_job.perform),
        WHAT_IF: JobKind(whatif_job.perform),
        FOR_HEAD_OFFICE: JobKind(
            whatif_job.perform_for_head_office, whatif_job.failed_for_head_office
        ),
    }
)
"""Every kind of job; a new one is added here."""


class Worker:
    """Use as `async with Worker(app): …`: jobs are done while it lasts."""

    def __init__(
        self,
        app: App,
        kinds: Mapping[str, JobKind] = KINDS,
        times: JobTimes | None = None,
    ) -> None:
        self._runner = JobRunner(app, kinds, times)
        self._broker = make_broker(app.settings.broker_url)
        self._worker = dramatiq.Worker(self._broker, worker_threads=THREADS, worker_timeout=IDLE_MS)
        self._loop = asyncio.get_running_loop()
        self._under_way: set[asyncio.Task[None]] = set()
        self._log = structlog.get_logger("worker")

    async def __aenter__(self) -> "Worker":
        declare = dramatiq.actor(actor_name=PERFORM, queue_name=QUEUE, broker=self._broker)
        declare(self._receive)
        self._worker.start()
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
            self._log.error("job_not_taken", job=job_id, exc_info=error)

    async def _perform(self, tenant_id: UUID, job_id: UUID) -> None:
        task = asyncio.ensure_future(self._runner.perform(tenant_id, job_id))
        self._under_way.add(task)
        try:
            await task
        finally:
            self._under_way.discard(task)


async def run(app: App, times: JobTimes | None = None) -> None:
    """Works until it is cancelled."""
    async with Worker(app, times=times):
        await asyncio.Event().wait()
