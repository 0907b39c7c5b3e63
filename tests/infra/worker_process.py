"""A worker as a real process, to be killed: `python -m tests.infra.worker_process`.

The product's own worker, with a shorter lease, and one kind of job more, that kills it.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from infra.bootstrap import App, bootstrap, configure_logging
from infra.job_kinds import KINDS
from infra.leases import JobTimes
from infra.performing import Kind, Running
from infra.process import Process, Program
from infra.settings import Settings, load_settings
from infra.worker import Worker
from services.jobs import Job

HASTY = JobTimes(lease=2.0, tick=0.05, resend=1.0, retry=0.01)
POISON = "tests.poison"
BROKEN = "tests.broken"
ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def worker_process(settings: Settings) -> Iterator[Process]:
    """A running worker; killed at the end if it lives, and with the tests if they die."""
    environment = {**os.environ, **settings.environment, "CHUDAN_LOG": "off"}
    argv = [sys.executable, "-m", "tests.infra.worker_process"]
    process = Process(Program("worker", argv, environment, ROOT, stop_signal=signal.SIGTERM))
    try:
        yield process
    finally:
        kill(process)


def kill(process: Process) -> None:
    """kill -9, and waited for."""
    if process.exit_code is None:
        os.kill(process.pid, signal.SIGKILL)
    process.stop()


async def _poison(app: App, running: Running) -> dict[str, Any]:
    os.kill(os.getpid(), signal.SIGKILL)
    return {}


async def _broken(app: App, running: Running) -> dict[str, Any]:
    raise ZeroDivisionError


async def _nothing(app: App, job: Job, code: str) -> None:
    return


async def main() -> None:
    settings = load_settings()
    configure_logging(settings.log_format)
    kinds = {**KINDS, POISON: Kind(_poison, _nothing), BROKEN: Kind(_broken, _nothing)}
    async with bootstrap(settings) as app, Worker(app, kinds, HASTY):
        told = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
        await told.wait()


if __name__ == "__main__":
    asyncio.run(main())
