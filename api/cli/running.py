"""The data folder as an option of every command, and the application around its body."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import rich_click as click

from infra.bootstrap import App, bootstrap, check_database, configure_logging, connected
from infra.settings import Settings, load_settings

T = TypeVar("T")
Command = TypeVar("Command", bound=Callable[..., Any])


def data_option(command: Command) -> Command:
    """`--data DIR`, or CHUDAN_DATA, or `var`."""
    return click.option(
        "--data",
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="Data folder (default: CHUDAN_DATA, else var).",
    )(command)


def settings_for(data: Path | None, *, host: str = "127.0.0.1", port: int = 8000) -> Settings:
    """The settings, with logging set up accordingly. Raises SettingsError."""
    settings = load_settings(data=data, host=host, port=port)
    configure_logging(settings.log_format)
    return settings


def run(data: Path | None, body: Callable[[App], Awaitable[T]]) -> T:
    """Runs the body with the application: on the servers that run, or on its own for the time.

    Raises SettingsError, ServerError and what the body raises.
    """
    with connected(settings_for(data)) as settings:
        return asyncio.run(_with_app(settings, body))


async def _with_app(settings: Settings, body: Callable[[App], Awaitable[T]]) -> T:
    await check_database(settings.dsn("owner"))
    async with bootstrap(settings) as app:
        return await body(app)
