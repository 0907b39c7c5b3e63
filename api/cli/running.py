"""What the commands have in common: the data folder, the application, JSON."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, TypeVar, cast

import msgspec
import rich_click as click

from api.cli import usage
from api.cli.ending import ENDING
from api.cli.lines import DATA, word
from infra.bootstrap import (
    bootstrap,
    configure_logging,
    connected,
    refuse_nothing,
)
from infra.settings import Settings, data_folder, load_settings

T = TypeVar("T")
Command = TypeVar("Command", bound=Callable[..., Any])
Body = Callable[..., Coroutine[Any, Any, int | None]]
Decorate = Callable[[Body], click.Command]


def data_option(command: Command) -> Command:
    """`--data DIR`, or CHUDAN_DATA, or `var`."""

    def told(_: click.Context, __: click.Parameter, data: str | None) -> str | None:
        DATA.set(data)
        return data

    return click.option(
        "--data",
        type=click.Path(),
        callback=told,
        metavar="DIR",
        help=word("usage.option.data"),
    )(command)


def listening(command: Command) -> Command:
    """`--host H` and `--port N`."""
    its_port = click.option(
        "--port",
        default=8000,
        show_default=True,
        type=usage.Whole(1, 65535),
        help=word("usage.option.port"),
    )
    host = word("usage.option.host")
    return click.option("--host", default="127.0.0.1", show_default=True, help=host)(
        its_port(command)
    )


def settings_for(data: str | None, *, host: str = "127.0.0.1", port: int = 8000) -> Settings:
    """The settings, with logging set up accordingly. Raises SettingsError."""
    settings = load_settings(data=data, host=host, port=port)
    configure_logging(settings.log_format, settings.log_level)
    return settings


def command(
    name: str,
    example: str,
    *,
    of: Any = click,
    up_to_date: bool = False,
    begins: bool = False,
) -> Decorate:
    """Makes a command, with `--data`, of a coroutine function of the settings and the options.

    It runs on the servers that run, or on its own for the time; it may answer an exit status. of:
    the group. up_to_date: as of `connected`. begins: an installation, where there is none. Raises
    SettingsError, ServerError (`no_installation` among them) and what the function raises.
    """

    def decorate(body: Body) -> click.Command:
        @data_option
        @wraps(body)
        def run(data: str | None, **options: Any) -> Any:
            if not begins:
                refuse_nothing(data_folder(data))
            with connected(settings_for(data), up_to_date=up_to_date) as settings:
                return run_in_loop(body(settings, **options))

        made: click.Command = usage.command(name, example, of=of)(run)
        return made

    return decorate


def app_command(name: str, example: str, *, of: Any = click, begins: bool = False) -> Decorate:
    """The same of a coroutine function of the application and the options. Alone on a data folder
    it brings the schema up to date, as `serve` does."""

    def decorate(body: Body) -> click.Command:
        @wraps(body)
        async def within(settings: Settings, **options: Any) -> Any:
            async with bootstrap(settings) as app:
                return await body(app, **options)

        return command(name, example, of=of, up_to_date=True, begins=begins)(within)

    return decorate


def run_in_loop(body: Coroutine[Any, Any, T]) -> T:
    """What a coroutine answers. Raises KeyboardInterrupt where it was cancelled, as this process
    was told to end: then, or before."""
    try:
        return asyncio.run(_cancelled(body))
    except asyncio.CancelledError:
        if not ENDING.is_asked:
            raise
        raise KeyboardInterrupt from None
    finally:
        ENDING.cancel = None


async def _cancelled(body: Coroutine[Any, Any, T]) -> T:
    """The same in the loop, which is cancelled when somebody asks to end."""
    task, loop = cast("asyncio.Task[T]", asyncio.current_task()), asyncio.get_running_loop()

    def cancel() -> None:
        if not task.done():
            task.cancel()
            loop.call_soon_threadsafe(lambda: None)  # It may wait for what never comes.

    ENDING.cancel = cancel
    if ENDING.is_asked:
        body.close()
        raise asyncio.CancelledError
    return await body


def partner_option(*, required: bool = True) -> Callable[[Command], Command]:
    """`--partner C`, a code; all partners where it may be left out."""
    only = word("usage.option.partner") if required else word("usage.option.only_partner")
    return click.option("--partner", required=required, metavar="C", help=only)


def printed_as(*forms: str) -> Callable[[Command], Command]:
    """`--format F`, handed on as `form`; the first where none is given."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(forms),
        default=forms[0],
        show_default=True,
        help=word("usage.option.format"),
    )


def echo_json(value: Any, *, indent: int = 2) -> None:
    """Prints a value as JSON; indent 0: in one line."""
    click.echo(msgspec.json.format(msgspec.json.encode(value), indent=indent).decode())
