"""`chudan serve`: everything of one installation."""

import sys
from typing import Final

import rich_click as click

from api.cli import usage
from api.cli.lines import word
from api.cli.running import data_option, listening, settings_for
from infra.bootstrap import demo_accounts, refuse_unusable, write_private
from infra.bootstrap import serve as run_everything
from infra.settings import Settings

FIRST_LINK: Final = "first-link"
"""The file in the data folder."""


@usage.command("serve", "serve --data var --port 8000")
@data_option
@listening
@click.option("--demo", is_flag=True, help=word("usage.option.demo"))
def serve(data: str | None, host: str, port: int, demo: bool) -> None:
    """Runs everything of one installation."""
    refuse_unusable(host, port)
    settings = settings_for(data, host=host, port=port)

    def announce(line: str, link: str | None) -> None:
        click.echo(line)
        _show_first(settings, link)
        if demo:
            for log_in in _log_ins(settings):
                click.echo(log_in)

    run_everything(settings, announce, demo=demo)


def _show_first(settings: Settings, link: str | None) -> None:
    """Shows the first account's link at a terminal alone: what else reads the output keeps it, and
    is given the name of a private file instead."""
    file = settings.data.absolute() / FIRST_LINK
    file.unlink(missing_ok=True)
    if link is None:
        return
    if sys.stdout.isatty():
        click.echo(word("first_start.open", url=link))
    else:
        write_private(file, f"{link}\n".encode())
        click.echo(word("first_start.file", file=file))


def _log_ins(settings: Settings) -> list[str]:
    accounts = demo_accounts(settings)
    if not accounts:
        return []
    width = max(len(account.email) for account in accounts)
    return [
        word("demo.open", address=settings.origin, password=accounts[0].password),
        *(
            f"  {one.email:<{width}}  {word(f'role.{one.role}')}  "
            + (one.partner or word("head_office.name"))
            + (f"  {word('demo.empty')}" if one.is_empty else "")
            for one in accounts
        ),
    ]
