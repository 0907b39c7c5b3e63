"""What the commands of backups and exports have in common: their file and its passphrase."""

import sys
from collections.abc import Sequence
from pathlib import Path

import rich_click as click

from api.cli.lines import word
from api.cli.running import Command
from domain.kernel.errors import Refusal
from infra.bootstrap import require_long
from infra.settings import Settings, given_passphrase


def passphrase_option(command: Command) -> Command:
    """`--passphrase-file FILE`; never the passphrase itself, which others would see in the list of
    processes."""
    return click.option(
        "--passphrase-file",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help=word("usage.option.passphrase_file"),
    )(command)


def replace_option(command: Command) -> Command:
    """`--replace` the file that is there."""
    return click.option("--replace", is_flag=True, help=word("usage.option.replace"))(command)


def lost_files_option(command: Command) -> Command:
    """`--without-lost-files`, which else refuse."""
    return click.option(
        "--without-lost-files", is_flag=True, help=word("usage.option.without_lost_files")
    )(command)


def say_lost(settings: Settings, lost: Sequence[str]) -> None:
    """Names the files that an archive lacks, where they would be here."""
    for file in lost:
        click.echo(word("archive.lost", file=settings.data / file))


def passphrase_of(file: Path | None, *, is_new: bool) -> str:
    """The passphrase that is given, else asked for at the terminal: twice where it is new.

    Refuses `passphrase_missing`, `passphrase_short`, `passphrase_differs`, and
    `passphrase_unreadable` (name).
    """
    passphrase = given_passphrase(file)
    if passphrase is None:
        passphrase = _asked(word("archive.passphrase"))
        if is_new:
            require_long(passphrase)
            if passphrase != _asked(word("archive.passphrase_again")):
                raise Refusal("passphrase_differs")
    elif is_new:
        require_long(passphrase)
    return passphrase


def _asked(question: str) -> str:
    if not sys.stdin.isatty():
        raise Refusal("passphrase_missing")
    said: str = click.prompt(question, hide_input=True, err=True)
    return said
