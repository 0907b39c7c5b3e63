"""`chudan user`: what an operator does for people who log in."""

import rich_click as click

from api.cli import usage
from api.cli.lines import word
from api.cli.running import app_command
from infra.bootstrap import App


@usage.group("user", "user unlock --mail li@partner.example")
def user() -> None:
    """Manage log-in accounts."""


mail_option = click.option("--mail", required=True, metavar="M", help=word("usage.option.mail"))


@app_command("user unlock", "user unlock --mail li@partner.example", of=user)
@mail_option
async def unlock(app: App, mail: str) -> None:
    """Let somebody log in again after too many failures."""
    is_lifted = await app.accounts.unlock(mail)
    click.echo(word("user.unlocked") if is_lifted else word("user.not_locked"))
