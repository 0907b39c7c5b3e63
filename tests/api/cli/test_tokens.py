"""`chudan token create` as a person runs it."""

import pytest

from api.cli import REFUSED, WRONG_USAGE
from infra.bootstrap import App
from services.kernel.permissions import Permission
from services.kernel.roles import ROLES
from services.people.access import Tenant
from tests.api.cli.terminal import chudan, ended_within, every_command

OF_PARTNER = ("--role", "integration", "--partner")


@pytest.mark.parametrize("named", [(), ("read_figures",), ("read_figures", "read_orders")])
async def test_a_token_may_do_what_its_role_may_or_of_that_what_is_named(
    app: App, partner: Tenant, capsys: pytest.CaptureFixture[str], named: tuple[str, ...]
) -> None:
    only = [word for one in named for word in ("--permission", one)]
    asked = (*OF_PARTNER, partner.code, *only)
    assert await ended_within(app, "token create", asked) == 0
    principal = await app.accounts.principal_of_token(capsys.readouterr().out.strip())
    assert principal is not None
    assert {*principal.rights} == ({*named} or {*ROLES[principal.roles[0]]})


@pytest.mark.parametrize(
    ("named", "ended", "said"),
    [
        ("read_everything", WRONG_USAGE, "read_trainees"),
        ("manage_people", REFUSED, "The role Integration does not include this permission: manage"),
    ],
)
async def test_a_permission_that_is_none_or_none_of_the_role_is_refused(
    app: App, partner: Tenant, named: str, ended: int, said: str
) -> None:
    asked = (*OF_PARTNER, partner.code, "--permission", "read_figures", "--permission", named)
    status, _, told = await chudan(app.settings.environment, "token", "create", *asked)
    assert status == ended and said in " ".join(told.split())
    assert await app.tokens.list_tokens(partner.code) == []


def test_every_permission_is_named_in_the_help() -> None:
    create = dict(every_command())["token create"]
    (option,) = (one for one in create.params if one.name == "permissions")
    told = getattr(option, "help", "")
    assert [one for one in Permission if f"{one} (" not in told] == []
