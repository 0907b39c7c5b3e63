"""`chudan doctor`: what is wrong with this installation."""

import asyncio
import sys
from pathlib import Path

import rich_click as click

from api.cli.lines import refusal_line, word
from api.cli.running import data_option, settings_for
from infra.bootstrap import connected, examine


@click.command(epilog="Example: chudan doctor --data var")
@data_option
def doctor(data: Path | None) -> None:
    """Say what is wrong with this installation, and what to do: one line per check.

    Exit status 1 where there is a problem.
    """
    with connected(settings_for(data)) as settings:
        findings = asyncio.run(examine(settings))
    for finding in findings:
        what = word(f"check.{finding.check}")
        if finding.problem is None:
            click.echo(f"ok       {what}")
        else:
            click.echo(f"problem  {what}: {refusal_line(finding.problem)}")
    sys.exit(1 if any(finding.problem for finding in findings) else 0)
