"""`chudan serve`: everything of one installation."""

from pathlib import Path

import rich_click as click

from api.cli.running import data_option, settings_for
from infra.bootstrap import serve as run_everything


@click.command(epilog="Example: chudan serve --data var --port 8000")
@data_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--demo", is_flag=True, help="Fill an empty installation with the demo partners.")
def serve(data: Path | None, host: str, port: int, demo: bool) -> None:
    """Run everything, migrated, on the embedded servers or those named in the environment.

    Prints `ready http://HOST:PORT` when it accepts requests; SIGTERM or Ctrl-C stops all of it.
    """
    run_everything(settings_for(data, host=host, port=port), click.echo, demo=demo)
