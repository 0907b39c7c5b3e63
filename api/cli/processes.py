"""The commands that run one process, for many machines; `serve` starts them all."""

import asyncio
import os
import signal
from contextlib import suppress
from typing import get_args

import rich_click as click

from api.cli import usage
from api.cli.lines import word
from api.cli.running import (
    app_command,
    command,
    data_option,
    listening,
    run_in_loop,
    settings_for,
)
from api.http.server import serve_http
from infra.bootstrap import (
    App,
    ProcessName,
    allow_files,
    bootstrap,
    connected,
    connections_within,
    refuse_nothing,
    refuse_unusable_address,
    require_database,
    run_process,
    seed_demo,
)
from infra.settings import Settings, data_folder

GRACE_SECONDS = 15
"""From SIGTERM to the end; less than the supervisor waits."""


@usage.command("api", "api --host 0.0.0.0 --port 8000")
@data_option
@listening
@click.option(
    "--workers",
    default=1,
    show_default=True,
    type=usage.Whole(1, 64),
    help=word("usage.option.workers"),
)
def api(data: str | None, host: str, port: int, workers: int) -> None:
    """Run the API and the pages."""
    refuse_unusable_address(host, port)
    refuse_nothing(data_folder(data))
    with connected(settings_for(data, host=host, port=port)) as settings:
        # Said here in one line; a worker of the server would say it by a traceback.
        run_in_loop(require_database(settings))
        # The server's workers begin anew by it, and know no host and port.
        os.environ.update(settings.environment | {"CHUDAN_ADDRESS": settings.origin})
        connections = connections_within(allow_files())
        serve_http("api.app:create_app", host, port, workers=workers, connections=connections)


def _process(name: ProcessName) -> click.Command:
    async def body(settings: Settings) -> None:
        await _until_stopped(name, settings)

    return command(name, f"{name} --data var")(body)


projector, worker, scheduler = map(_process, get_args(ProcessName))


@app_command("seed", "seed --data var", begins=True)
async def seed(app: App) -> None:
    """Fill an empty, migrated installation with the demo partners, as `serve --demo` does."""
    await seed_demo(app)


async def _until_stopped(name: ProcessName, settings: Settings) -> None:
    """Runs the process until SIGTERM or SIGINT cancels it."""
    async with bootstrap(settings) as app:
        task = asyncio.ensure_future(run_process(name, app))
        loop = asyncio.get_running_loop()

        def stop() -> None:
            # The system ends a process that cannot end itself, whatever it hangs in.
            signal.alarm(GRACE_SECONDS)
            if not task.cancelling():
                task.cancel()

        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop)
        with suppress(asyncio.CancelledError):
            await task
