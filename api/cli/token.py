"""`chudan token`: bearer tokens for integrations."""

from pathlib import Path

import rich_click as click

from api.cli.running import data_option, run
from infra.bootstrap import App
from services.people.access import Issued


@click.group(epilog="Example: chudan token create --partner CD01 --role training_manager")
def token() -> None:
    """Issue bearer tokens."""


@token.command(epilog="Example: chudan token create --partner CD01 --role training_manager")
@data_option
@click.option("--partner", metavar="C", help="The partner's code.")
@click.option("--head-office", is_flag=True, help="For head office instead of a partner.")
@click.option("--role", required=True, metavar="R", help="What the bearer may do.")
@click.option("--days", type=int, default=365, show_default=True, metavar="N", help="Valid days.")
def create(data: Path | None, partner: str | None, head_office: bool, role: str, days: int) -> None:
    """Print a new bearer token, once: it is kept nowhere."""
    if head_office == (partner is not None):
        raise click.UsageError("Give either --partner or --head-office.")

    async def body(app: App) -> Issued:
        return await app.accounts.issue_token(role=role, partner=partner, days=days)

    click.echo(run(data, body).token)
