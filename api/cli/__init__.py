"""The command `chudan`: loaded one by one, one door for what goes wrong."""

import atexit
import gc
import os
import signal
import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Any, NoReturn

import rich_click as click
from click.exceptions import NoArgsIsHelpError

from api.cli.ending import ENDING
from api.cli.lines import word
from api.cli.usage import SpokenGroup, group, speak, usage_line

COMMANDS: Mapping[str, str] = {
    "serve": "api.cli.serve:serve",
    "api": "api.cli.processes:api",
    "projector": "api.cli.processes:projector",
    "worker": "api.cli.processes:worker",
    "scheduler": "api.cli.processes:scheduler",
    "seed": "api.cli.processes:seed",
    "migrate": "api.cli.installation:migrate",
    "doctor": "api.cli.installation:doctor",
    "backup": "api.cli.backups:backup",
    "restore": "api.cli.backups:restore",
    "rebuild": "api.cli.read_models:rebuild",
    "verify": "api.cli.read_models:verify",
    "projection": "api.cli.incomplete:projection",
    "figures": "api.cli.figures:figures",
    "import": "api.cli.import_:import_command",
    "export": "api.cli.partner_archives:export",
    "adopt": "api.cli.partner_archives:adopt",
    "partner": "api.cli.accounts:partner",
    "key": "api.cli.key:key",
    "token": "api.cli.accounts:token",
    "user": "api.cli.users:user",
}
"""Command -> where it is; loaded when it is asked for, so that each starts as fast as it can."""

FAILURES = "api.cli.failures"
HIDDEN = frozenset({"seed"})
REFUSED, WRONG_USAGE = 1, 2


class Commands(SpokenGroup):
    """The commands of the table above."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name in COMMANDS if name not in HIDDEN]

    def get_command(self, ctx: click.Context, cmd_name: str) -> Any:
        place = COMMANDS.get(cmd_name)
        if place is None:
            return None
        module, _, attribute = place.partition(":")
        return getattr(import_module(module), attribute)


@group("chudan", "serve --data var --port 8000", cls=Commands)
def commands() -> None:
    """All commands."""


def main() -> NoReturn:
    """Runs one command and ends the process: 0 done, 1 refused, 2 wrong usage."""
    # Modules that are loaded make few cycles, and a third of a start went into looking.
    gc.set_threshold(50_000, 50, 100)
    atexit.register(gc.freeze)  # Nor is anything of what ends looked through.
    os.umask(0o077)  # What it makes, logs among it, is for nobody else.
    try:
        result = _carried_out()
    except NoArgsIsHelpError as error:
        click.echo(error.message)
        sys.exit(WRONG_USAGE)
    except click.UsageError as error:
        _complain(usage_line(error))
        sys.exit(WRONG_USAGE)
    except (click.Abort, KeyboardInterrupt):
        _complain(word("usage.interrupted"))
        sys.exit(REFUSED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(REFUSED)
    except Exception as error:
        line = import_module(FAILURES).told(error)
        if line is None:
            raise
        _complain(line)
        sys.exit(REFUSED)
    sys.exit(result if isinstance(result, int) else 0)


def _carried_out() -> Any:
    """What the command answers, or raises, whenever it is told to end."""
    try:
        signal.signal(signal.SIGTERM, ENDING.ask)
        speak()
        return commands.main(prog_name="chudan", standalone_mode=False)
    finally:
        ENDING.is_done = True


def _complain(line: str) -> None:
    click.echo(f"chudan: {line}", err=True)
