"""A worker as a real process, to be killed: `python -m tests.infra.worker_process TENANT`.

The product's own worker, with a shorter lease, and kinds of jobs that kill it, break, hang, or
never end. It works for one tenant: what other tests left in the queue is not its business.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from threading import Event
from typing import Any
from uuid import UUID

import msgspec

from infra.bootstrap import App, bootstrap, configure_logging
from infra.servers.process import Process, Program
from infra.servers.watchdog import Watchdog
from infra.settings import Settings, load_settings
from infra.work.leases import JobTimes, RunningJob
from infra.work.worker import KINDS, JobKind, Worker
from services.kernel.threads import run_whole
from tests.place import ROOT

HASTY = JobTimes(lease=2.0, tick=0.05, resend=1.0, retry=0.01)
POISON = "tests.poison"
BROKEN = "tests.broken"
ENDLESS = "tests.endless"
RESUMED = "tests.resumed"
HUNG = "tests.hung"

PROGRAM = """
import gc
gc.set_threshold(50_000)
from tests.infra.worker_process import run
run()
"""
"""As `chudan worker` begins, which looks for no cycles among the modules that it loads."""


@contextmanager
def worker_process(
    settings: Settings,
    tenant_id: UUID,
    watchdog: Watchdog | None = None,
    longest: float = HASTY.longest,
) -> Iterator[Process]:
    """A tenant's running worker; killed at the end if it lives, and with the tests if they die.
    watchdog: that listens to it. longest: of an attempt."""
    environment = {**os.environ, **settings.environment, "CHUDAN_LOG_LEVEL": "warning"}
    argv = [sys.executable, "-c", PROGRAM, str(tenant_id), str(longest)]
    if watchdog is not None:
        environment |= watchdog.environment
    program = Program("worker", argv, environment, ROOT, stop_signal=signal.SIGTERM)
    process = Process(program, watchdog and watchdog.has_heard)
    try:
        yield process
    finally:
        kill(process)


def kill(process: Process) -> None:
    """kill -9, and waited for."""
    if process.exit_code is None:
        os.kill(process.pid, signal.SIGKILL)
    process.stop()


async def _poison(app: App, running: RunningJob) -> dict[str, Any]:
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


async def _broken(app: App, running: RunningJob) -> dict[str, Any]:
    raise ZeroDivisionError


async def _endless(app: App, running: RunningJob) -> dict[str, Any]:
    for done in count(1):
        running.progress(done, done + 1)
        await asyncio.sleep(0.01)
    return {}


async def _resumed(app: App, running: RunningJob) -> dict[str, Any]:
    if running.kept:
        return running.kept
    for step in count(1):
        running.progress(step, step)
        running.keep({"steps": step})
        await asyncio.sleep(0.01)
    return {}


async def _hung(app: App, running: RunningJob) -> dict[str, Any]:
    if running.job.attempts == 1:
        await run_whole(Event().wait)
    return {}


class TenantWorker(Worker):
    """Leaves the jobs of all tenants but one in the queue."""

    tenant_id = UUID(int=0)

    async def _perform(self, tenant_id: UUID, job_id: UUID) -> None:
        if tenant_id == self.tenant_id:
            await super()._perform(tenant_id, job_id)


async def main(tenant_id: UUID, longest: float) -> None:
    TenantWorker.tenant_id = tenant_id
    settings = load_settings()
    configure_logging(settings.log_format, settings.log_level)
    own = {POISON: _poison, BROKEN: _broken, ENDLESS: _endless, RESUMED: _resumed, HUNG: _hung}
    kinds = {**KINDS, **{name: JobKind(perform) for name, perform in own.items()}}
    times = msgspec.structs.replace(HASTY, longest=longest)
    async with bootstrap(settings) as app, TenantWorker(app, kinds, times):
        told = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
        await told.wait()


def run() -> None:
    asyncio.run(main(UUID(sys.argv[1]), float(sys.argv[2])))
