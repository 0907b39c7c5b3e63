"""`chudan serve`: everything of one installation."""

import rich_click as click

from api.cli.lines import word
from api.cli.running import data_option, settings_for
from infra.bootstrap import demo_accounts
from infra.bootstrap import serve as run_everything
from infra.settings import Settings


@click.command(epilog="Example: chudan serve --data var --port 8000")
@data_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--demo", is_flag=True, help="Fill an empty installation with the demo partners.")
def serve(data: str | None, host: str, port: int, demo: bool) -> None:
    """Run everything, migrated, on the embedded servers or those named in the environment.

    Prints `ready http://HOST:PORT` when it accepts requests; SIGTERM or Ctrl-C stops all of it.
    """
    settings = settings_for(data, host=host, port=port)

    def announce(line: str) -> None:
        click.echo(line)
        if demo:
            for log_in in _log_ins(settings, line.partition(" ")[2]):
                click.echo(log_in)

    run_everything(settings, announce, demo=demo)


def _log_ins(settings: Settings, address: str) -> list[str]:
    accounts = demo_accounts(settings)
    if not accounts:
        return []
    width = max(len(account.email) for account in accounts)
    return [
        word("demo.open", address=address),
        *(f"  {one.email:<{width}}  {one.password}  {one.partner}" for one in accounts),
    ]
