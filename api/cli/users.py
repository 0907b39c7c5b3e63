"""`chudan user`: what an operator does for people who log in."""

import rich_click as click

from api.cli import usage
from api.cli.accounts import owned, role_option
from api.cli.lines import word
from api.cli.running import app_command, echo_json
from infra.bootstrap import App
from services.people.links import Issuing


@usage.group("user", "user reset --partner CD01 --mail li@partner.example")
def user() -> None:
    """Manage log-in accounts."""


mail_option = click.option("--mail", required=True, metavar="M", help=word("usage.option.mail"))
send_option = click.option("--send", is_flag=True, help=word("usage.option.send"))


@app_command(
    "user invite",
    "user invite --partner CD01 --mail li@partner.example --name 李小龙 --role training_manager",
    of=user,
)
@owned
@mail_option
@click.option("--name", required=True, metavar="N", help=word("usage.option.person_name"))
@role_option
@send_option
async def invite(
    app: App, partner: str | None, mail: str, name: str, role: str, send: bool
) -> None:
    """Make an account, and a one-time link by which it gets a password."""
    issued = await app.links.invite(email=mail, name=name, role=role, partner=partner, by_mail=send)
    _show(app, mail, issued)


@app_command(
    "user readdress",
    "user readdress --partner CD01 --mail lee@partner.example --to li@partner.example",
    of=user,
)
@owned
@mail_option
@click.option("--to", required=True, metavar="M", help=word("usage.option.right_mail"))
@send_option
async def readdress(app: App, partner: str | None, mail: str, to: str, send: bool) -> None:
    """Correct the address of an invitation that nobody accepted, and make another link."""
    _show(app, to, await app.links.reinvite(email=mail, to=to, partner=partner, by_mail=send))


@app_command("user reset", "user reset --partner CD01 --mail li@partner.example", of=user)
@owned
@mail_option
@send_option
async def reset(app: App, partner: str | None, mail: str, send: bool) -> None:
    """Make a one-time link for somebody who lost the password."""
    _show(app, mail, await app.links.reset(email=mail, partner=partner, by_mail=send))


@app_command("user unlock", "user unlock --mail li@partner.example", of=user)
@mail_option
async def unlock(app: App, mail: str) -> None:
    """Let somebody log in again after too many failures."""
    is_lifted = await app.accounts.unlock(mail)
    click.echo(word("user.unlocked") if is_lifted else word("user.not_locked"))


@app_command("user sessions", "user sessions --partner CD01 --mail li@partner.example", of=user)
@owned
@mail_option
@click.option("--end", is_flag=True, help=word("usage.option.end_sessions"))
async def sessions(app: App, partner: str | None, mail: str, end: bool) -> None:
    """Print where somebody is logged in as JSON, or end it all."""
    if end:
        ended = await app.sessions.end_of(partner=partner, email=mail)
        click.echo(word("user.sessions_ended", count=ended))
    else:
        echo_json(await app.sessions.list_of(partner=partner, email=mail))


@app_command("user recover", "user recover --partner CD01 --mail li@partner.example", of=user)
@owned
@mail_option
async def recover(app: App, partner: str | None, mail: str) -> None:
    """Let the password alone log in somebody who lost what makes codes, or a passkey."""
    had_codes = await app.second_factor.reset(partner=partner, email=mail)
    passkeys = await app.passkeys.remove_all(partner=partner, email=mail)
    click.echo(word("user.recovered") if had_codes or passkeys else word("user.no_factor"))


def _show(app: App, mail: str, issued: Issuing) -> None:
    if issued.mail_id is None:
        click.echo(issued.url)
        return
    click.echo(word("user.mailed", email=mail, mail=issued.mail_id))
    if file := app.mail_file(issued.mail_id):
        click.echo(word("user.mail_file", file=file))
