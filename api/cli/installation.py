"""`chudan migrate` and `chudan doctor`: the schema, and what is wrong with this installation."""

import rich_click as click

from api.cli.failures import refusal_line
from api.cli.lines import word
from api.cli.running import command, echo_json
from infra.bootstrap import check_own_database, examine
from infra.bootstrap import migrate as bring_up_to_date
from infra.settings import Settings


@command("migrate", "migrate --data var", begins=True)
async def migrate(settings: Settings) -> None:
    """Brings the schema up to date."""
    await check_own_database(settings)
    applied = await bring_up_to_date(settings)
    echo_json({"applied": applied}, indent=0)


@command("doctor", "doctor --data var")
async def doctor(settings: Settings) -> int:
    """Says what is wrong with this installation; answers the exit status."""
    findings = await examine(settings)
    for finding in findings:
        what = word(f"check.{finding.check}")
        if finding.problem is not None:
            problem = refusal_line(finding.problem)
            click.echo(word("doctor.problem", what=what, problem=problem))
        elif finding.note is not None:
            click.echo(word("doctor.note", what=what, note=refusal_line(finding.note)))
        elif finding.after:
            after = word(f"check.{finding.after}")
            click.echo(word("doctor.not_looked_at", what=what, after=after))
        elif finding.found:
            click.echo(word("doctor.found", what=what, found=finding.found))
        else:
            click.echo(word("doctor.ok", what=what))
    return int(any(finding.problem for finding in findings))
