"""A worker as a real process, to be killed: `python -m tests.infra.worker_process`.

The product's own worker, with a shorter lease, and one kind of job more, that kills it.
"""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from infra.bootstrap import App, bootstrap, configure_logging
from infra.job_kinds import KINDS
from infra.leases import JobTimes
from infra.performing import Kind, Running
from infra.settings import Settings, load_settings
from infra.worker import Worker
from services.jobs import Job

HASTY = JobTimes(lease=1.0, tick=0.05, resend=1.0, retry=0.01)
POISON = "tests.poison"
BROKEN = "tests.broken"
ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def worker_process(settings: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """A running worker; killed at the end if it lives."""
    environment = {**os.environ, **settings.environment, "CHUDAN_LOG": "off"}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.infra.worker_process"], env=environment, cwd=ROOT
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


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
