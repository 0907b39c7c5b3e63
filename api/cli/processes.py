"""One process each, for many machines; `serve` starts the same ones."""

import asyncio
import os
import signal
from pathlib import Path

import rich_click as click
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from api.cli.running import data_option, run, settings_for
from infra.bootstrap import Process, bootstrap, connected, run_process, seed_demo
from infra.settings import Settings

GRACE_SECONDS = 15
"""From SIGTERM to the end; less than the supervisor waits."""


@click.command(epilog="Example: chudan api --host 0.0.0.0 --port 8000")
@data_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64))
def api(data: Path | None, host: str, port: int, workers: int) -> None:
    """Run the API and the pages."""
    with connected(settings_for(data, host=host, port=port)) as settings:
        os.environ.update(settings.environment)
        Granian(
            "api.app:create_app",
            address=host,
            port=port,
            interface=Interfaces.ASGI,
            factory=True,
            workers=workers,
            workers_kill_timeout=3,
            log_level=LogLevels.warning,
        ).serve()


@click.command(epilog="Example: chudan projector --data var")
@data_option
def projector(data: Path | None) -> None:
    """Run a projector: keeps the read models up to date. Any number may run."""
    _run("projector", data)


@click.command(epilog="Example: chudan worker --data var")
@data_option
def worker(data: Path | None) -> None:
    """Run a worker: renders and sends. Any number may run."""
    _run("worker", data)


@click.command(epilog="Example: chudan scheduler --data var")
@data_option
def scheduler(data: Path | None) -> None:
    """Run the scheduler: wakes what is due. One leads, the others wait."""
    _run("scheduler", data)


@click.command(epilog="Example: chudan seed --data var")
@data_option
def seed(data: Path | None) -> None:
    """Fill an empty, migrated installation with the demo partners, as `serve --demo` does."""
    run(data, seed_demo)


def _run(name: Process, data: Path | None) -> None:
    with connected(settings_for(data)) as settings:
        asyncio.run(_until_told(name, settings))


async def _until_told(name: Process, settings: Settings) -> None:
    """Runs the process until SIGTERM or SIGINT cancels it."""
    async with bootstrap(settings) as app:
        task = asyncio.ensure_future(run_process(name, app))
        loop = asyncio.get_running_loop()
        told = asyncio.Event()

        def tell() -> None:
            # The system ends a process that cannot end itself, whatever it hangs in.
            signal.alarm(GRACE_SECONDS)
            told.set()

        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, tell)
        waiting = asyncio.ensure_future(told.wait())
        await asyncio.wait({task, waiting}, return_when=asyncio.FIRST_COMPLETED)
        waiting.cancel()
        if not task.done():
            task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            return
