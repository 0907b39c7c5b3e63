"""What the commands have in common: the data folder, the application, JSON, the progress bar."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, TypeVar

import msgspec
import rich_click as click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from infra.bootstrap import bootstrap, check_database, configure_logging, connected
from infra.settings import Settings, load_settings

Command = TypeVar("Command", bound=Callable[..., Any])
Body = Callable[..., Coroutine[Any, Any, int | None]]
Decorate = Callable[[Body], click.Command]


def data_option(command: Command) -> Command:
    """`--data DIR`, or CHUDAN_DATA, or `var`."""
    return click.option(
        "--data",
        type=click.Path(),
        metavar="DIR",
        help="Data folder (default: CHUDAN_DATA, else var).",
    )(command)


def settings_for(data: str | None, *, host: str = "127.0.0.1", port: int = 8000) -> Settings:
    """The settings, with logging set up accordingly. Raises SettingsError."""
    settings = load_settings(data=data, host=host, port=port)
    configure_logging(settings.log_format)
    return settings


def command(example: str, name: str | None = None, *, of: Any = click) -> Decorate:
    """Makes a command, with `--data`, of a coroutine function of the settings and the options.

    It runs on the servers that run, or on its own for the time; it may answer an exit status. of:
    the group. Raises SettingsError, ServerError and what the function raises.
    """

    def decorate(body: Body) -> click.Command:
        @data_option
        @wraps(body)
        def run(data: str | None, **options: Any) -> Any:
            with connected(settings_for(data)) as settings:
                return asyncio.run(body(settings, **options))

        made: click.Command = of.command(name, epilog=f"Example: chudan {example}")(run)
        return made

    return decorate


def app_command(example: str, name: str | None = None, *, of: Any = click) -> Decorate:
    """The same of a coroutine function of the application and the options."""

    def decorate(body: Body) -> click.Command:
        @wraps(body)
        async def within(settings: Settings, **options: Any) -> Any:
            await check_database(settings.dsn("owner"))
            async with bootstrap(settings) as app:
                return await body(app, **options)

        return command(example, name, of=of)(within)

    return decorate


def partner_option(*, required: bool = True) -> Callable[[Command], Command]:
    """`--partner C`, a code; all partners where it may be left out."""
    only = "The partner's code." if required else "Only this partner, by code (default: all)."
    return click.option("--partner", required=required, metavar="C", help=only)


def echo_json(value: Any, *, indent: int = 2) -> None:
    """Prints a value as JSON; indent 0: in one line."""
    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=indent).decode())


def progress_bar() -> Progress:
    """How many of how many are done, and how long the rest may take; on standard error, so that
    what a command prints can be piped."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        redirect_stdout=False,
    )
