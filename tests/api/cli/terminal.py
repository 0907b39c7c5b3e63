"""The command `chudan` as a person types it, beside running servers or alone on a data folder."""

import asyncio
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from inspect import signature, unwrap
from pathlib import Path

import rich_click as click

from api.cli import COMMANDS, REFUSED, WRONG_USAGE, commands
from api.cli.failures import error_line
from api.cli.usage import usage_line
from infra.bootstrap import App
from tests import warm
from tests.place import ROOT


def every_command() -> Iterator[tuple[str, click.Command]]:
    """Each with its name as people type it, groups too."""
    context = click.Context(commands)
    for name in COMMANDS:
        found = commands.get_command(context, name)
        assert found is not None
        yield name, found
        if isinstance(found, click.Group):
            yield from ((f"{name} {inner}", one) for inner, one in found.commands.items())


OF_THE_APPLICATION = {
    name: command
    for name, command in every_command()
    if command.callback and "app" in signature(unwrap(command.callback)).parameters
}
"""The commands that ask the application, and nothing of the machine that it runs on."""


async def ended_within(app: App, name: str, arguments: Sequence[str]) -> int:
    """The exit status of a command that is carried out within an application; raises what a person
    would see as a traceback."""
    command = OF_THE_APPLICATION[name]
    assert command.callback is not None
    try:
        given = command.make_context(name, [*arguments]).params
        del given["data"]
        await unwrap(command.callback)(app, **given)
    except click.UsageError as error:
        usage_line(error)
        return WRONG_USAGE
    except Exception as error:
        if error_line(error) is None:
            raise
        return REFUSED
    return 0


async def started(
    environment: Mapping[str, str], *arguments: str | Path, language: str = "C.UTF-8"
) -> asyncio.subprocess.Process:
    """The running command; environment: where its servers are."""
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "api.cli", *map(str, arguments)),
        cwd=ROOT,
        env=_environment(environment, language),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def ended(process: asyncio.subprocess.Process) -> tuple[int, str, str]:
    """Exit status, standard output and standard error."""
    output, errors = await process.communicate()
    return process.returncode or 0, output.decode(), errors.decode()


async def chudan(
    environment: Mapping[str, str],
    *arguments: str | Path,
    language: str = "C.UTF-8",
    first: Callable[[], object] = int,
) -> tuple[int, str, str]:
    """Both, one after the other, of a process that is forked: it begins in a fourth of the time.
    first: is done in it before."""
    told = _environment(environment, language)
    return await asyncio.to_thread(warm.ended, told, [*map(str, arguments)], first)


def _environment(told: Mapping[str, str], language: str) -> dict[str, str]:
    same = {"CHUDAN_LOG_LEVEL": "warning", "LC_ALL": language, "COLUMNS": "200"}
    return {**os.environ, **told, **same}
