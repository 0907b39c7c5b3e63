"""`chudan projection`: the read models that are parked before an event, and their ways out."""

from getpass import getuser
from typing import Any
from uuid import UUID

import rich_click as click

from api.cli import usage
from api.cli.lines import word
from api.cli.running import app_command, echo_json, partner_option
from domain.kernel.errors import Refusal
from infra.bootstrap import App, Parked, Repair, repair
from services.people.access import Tenant


@usage.group("projection", "projection list")
def projection() -> None:
    """What is parked, and its ways out."""


@app_command("projection list", "projection list --partner CD01", of=projection)
@partner_option(required=False)
async def list_parked(app: App, partner: str | None) -> None:
    """Prints the read models that are parked as JSON."""
    chosen = None if partner is None else (await app.accounts.partner(partner)).tenant_id
    known = {one.tenant_id: one for one in await app.accounts.list_partners()}
    echo_json([_plain(one, known) for one in await app.list_parked(chosen)])


def _way_out(way: Any) -> click.Command:
    @app_command(
        f"projection {way}",
        f"projection {way} newcomers --partner CD01 --position 4711 --reason …",
        of=projection,
    )
    @click.argument("name")
    @partner_option()
    @click.option(
        "--position",
        required=True,
        type=usage.Whole(0),
        metavar="N",
        help=word("usage.option.position"),
    )
    @click.option("--reason", required=True, metavar="R", help=word("usage.option.reason"))
    async def take(app: App, name: str, partner: str, position: int, reason: str) -> None:
        """Takes the way out, and refuses where it is parked after all."""
        (chosen,) = app.rebuilder.chosen(name)
        tenant_id = (await app.accounts.partner(partner)).tenant_id
        still = await repair(app, tenant_id, chosen, Repair(way, position, reason, getuser()))
        if still:
            raise Refusal(
                "read_model_still_parked", name=name, position=still.position, error=still.error
            )
        click.echo(word("projection.goes_on", partner=partner, projection=name))

    return take


retry, skip = map(_way_out, ("retry", "skip"))


def _plain(one: Parked, known: dict[UUID, Tenant]) -> dict[str, Any]:
    return {
        "partner": known[one.tenant_id].code,
        "projection": one.consumer,
        "position": one.position,
        "error": one.error,
        "since": one.at,
    }
