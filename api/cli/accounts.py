"""`chudan partner` and `chudan token`: tenants, and bearer tokens for integrations."""

from typing import Any
from uuid import UUID

import rich_click as click

from api.cli import usage
from api.cli.lines import texts, word
from api.cli.running import Command, app_command, echo_json
from api.cli.usage import Identifier, Whole
from domain.people.partner import HEAD_OFFICE_ID
from infra.bootstrap import App
from services.kernel.context import Principal, Role
from services.kernel.permissions import Permission
from services.kernel.roles import ROLES
from services.people.access import OPERATOR, Tenant
from services.people.tokens import LONGEST_TOKEN_DAYS, MOST_OVERLAP_DAYS


@usage.group("partner", "partner list")
def partner() -> None:
    """Create and list partners."""


@app_command(
    "partner create", "partner create --code CD01 --name 成都渠道", of=partner, begins=True
)
@click.option("--code", required=True, metavar="C", help=word("usage.option.code"))
@click.option("--name", required=True, metavar="N", help=word("usage.option.name"))
@click.option(
    "--window-days",
    type=Whole(1, 366),
    metavar="N",
    help=word("usage.option.window_days"),
)
@click.option("--admin", metavar="MAIL", help=word("usage.option.admin"))
@click.option("--admin-name", metavar="N", help=word("usage.option.admin_name"))
async def create_partner(app: App, **given: Any) -> None:
    """Create a partner and print it as JSON, perhaps inviting its first administrator by mail."""
    operator = Principal.of_system(HEAD_OFFICE_ID, OPERATOR)
    made = await app.partners.create(operator, **given)
    invited = made.invited.mail_id if made.invited else None
    mailed = {"invitation": str(invited), "mail_file": app.mail_file(invited)} if invited else {}
    echo_json(_plain(made.partner) | mailed, indent=0)


@app_command("partner list", "partner list --data var", of=partner)
async def list_partners(app: App) -> None:
    """Print all partners as JSON."""
    echo_json([_plain(one) for one in await app.accounts.list_partners()])


def role_option(command: Command) -> Command:
    """`--role R`, with what each may."""
    alike: dict[frozenset[Permission], list[Role]] = {}
    for role in Role:
        alike.setdefault(frozenset(ROLES[role]), []).append(role)
    may = [_may(roles, permissions) for permissions, roles in alike.items()]
    return click.option(
        "--role",
        required=True,
        type=click.Choice([str(role) for role in Role]),
        metavar="R",
        help="\n\n".join([word("usage.option.role"), *may]),
    )(command)


def _may(roles: list[Role], permissions: frozenset[Permission]) -> str:
    # Between blanks, where a line may end.
    named = " · ".join(word("usage.role", code=one, name=word(f"role.{one}")) for one in roles)
    if len(permissions) == len(Permission):
        may = word("usage.role_of_all")
    else:
        listed = (word(f"word.{one}") for one in Permission if one in permissions)
        may = word("word.and").join(listed) or word("none")
    return f"{named}{word('word.colon')}{may}"


@usage.group("token", "token create --partner CD01 --role training_manager")
def token() -> None:
    """Issue bearer tokens."""


def _either_or(ctx: click.Context, _: click.Parameter, head_office: bool) -> None:
    if head_office == (ctx.params["partner"] is not None):
        raise usage.Misused(word("error.token_owner_unclear"), ctx)


def owned(command: Command) -> Command:
    """`--partner C` or `--head-office`, handed on as `partner`, None of the latter."""
    of_partner = click.option(
        "--partner", is_eager=True, metavar="C", help=word("usage.option.partner")
    )
    of_head_office = click.option(
        "--head-office",
        is_flag=True,
        callback=_either_or,
        expose_value=False,
        help=word("usage.option.head_office"),
    )
    return of_partner(of_head_office(command))


days_option = click.option(
    "--days",
    type=Whole(1, LONGEST_TOKEN_DAYS),
    default=365,
    show_default=True,
    metavar="N",
    help=word("usage.option.days"),
)


permission_option = click.option(
    "--permission",
    "permissions",
    multiple=True,
    type=click.Choice([str(one) for one in Permission]),
    metavar="P",
    help="\n\n".join(
        [
            word("usage.option.permission"),
            " · ".join(
                word("usage.role", code=one, name=word(f"word.{one}")) for one in Permission
            ),
        ]
    ),
)


@app_command(
    "token create",
    "token create --partner CD01 --role integration --permission read_figures",
    of=token,
)
@owned
@role_option
@permission_option
@days_option
@click.option("--label", default="", metavar="N", help=word("usage.option.label"))
async def create_token(
    app: App, partner: str | None, role: str, permissions: tuple[str, ...], days: int, label: str
) -> None:
    """Print a new bearer token, once: it is kept nowhere."""
    only = permissions or None
    issued = await app.tokens.issue(role=role, partner=partner, days=days, label=label, scopes=only)
    click.echo(issued.token)


@app_command("token list", "token list --partner CD01", of=token)
@owned
async def list_tokens(app: App, partner: str | None) -> None:
    """Print the tokens of a partner or of head office as JSON, without their secrets."""
    found = await app.tokens.list_tokens(partner)
    left_alone = await app.tokens.left_alone(found)
    its = await app.accounts.organisation(partner)
    who = await app.accounts.called(its.tenant_id, {one.maker for one in found}, texts())
    names = ("label", "role", "scopes", "created_at", "expires_at", "last_used_at", "revoked_at")
    echo_json(
        [
            {"id": one.token_id, "kind": "personal" if one.is_personal else "service"}
            | {name: getattr(one, name) for name in names}
            | {"made_by": who[one.maker]}
            | ({"notice": word("tokens.left_alone")} if one in left_alone else {})
            for one in found
        ]
    )


id_option = click.option(
    "--id", "token_id", required=True, type=Identifier(), metavar="I", help=word("usage.option.id")
)


@app_command("token revoke", "token revoke --id 0199…", of=token)
@id_option
async def revoke_token(app: App, token_id: UUID) -> None:
    """End a token at once."""
    await app.tokens.revoke(token_id)
    click.echo(word("token.revoked"))


@app_command("token rotate", "token rotate --id 0199… --overlap-days 7", of=token)
@id_option
@days_option
@click.option(
    "--overlap-days",
    type=Whole(0, MOST_OVERLAP_DAYS),
    default=7,
    show_default=True,
    metavar="N",
    help=word("usage.option.overlap_days"),
)
async def rotate_token(app: App, token_id: UUID, days: int, overlap_days: int) -> None:
    """Print a new token that may do the same, while the old one is good for some days yet."""
    issued = await app.tokens.rotate(token_id, days=days, overlap_days=overlap_days)
    click.echo(issued.token)


def _plain(partner: Tenant) -> dict[str, str]:
    id, code, name, zone = str(partner.tenant_id), partner.code, partner.name, partner.zone
    return {"id": id, "code": code, "name": name, "zone": zone}
