"""`chudan projection`: read models and reactors that are parked before an event or pass over one,
and their ways out."""

from getpass import getuser
from typing import Any
from uuid import UUID

import rich_click as click

from api.cli import usage
from api.cli.lines import word
from api.cli.running import app_command, echo_json, partner_option
from domain.kernel.errors import Refusal
from infra.bootstrap import App, Parked, Repair, Skip, repair, repairable
from services.people.access import Tenant


@usage.group("projection", "projection list")
def projection() -> None:
    """What lacks something that was recorded, and its ways out."""


@app_command("projection list", "projection list --partner CD01", of=projection)
@partner_option(required=False)
async def list_incomplete(app: App, partner: str | None) -> None:
    """Prints what is parked, and what is passed over, as JSON."""
    known = {one.tenant_id: one for one in await app.accounts.list_organisations()}
    chosen = None
    if partner is not None:
        chosen = (await app.accounts.partner(partner, or_head_office=True)).tenant_id
    parked, skips = await app.list_parked(chosen), await app.list_skips(chosen)
    echo_json([*(_plain(one, known) for one in parked), *(_plain(one, known) for one in skips)])


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
        """Takes the way out, and refuses where it leads nowhere."""
        chosen = repairable(app, name)
        tenant_id = (await app.accounts.partner(partner, or_head_office=True)).tenant_id
        still = await repair(app, tenant_id, chosen, Repair(way, position, reason, getuser()))
        if still:
            raise Refusal(
                "read_model_still_parked", name=name, position=still.position, error=still.error
            )
        click.echo(word("projection.goes_on", partner=partner, projection=name))

    return take


retry, skip = map(_way_out, ("retry", "skip"))


def _plain(one: Parked | Skip, known: dict[UUID, Tenant]) -> dict[str, Any]:
    told = {
        "partner": known[one.tenant_id].code,
        "projection": one.consumer,
        "state": "parked",
        "position": one.position,
        "error": one.error,
        "since": one.at,
    }
    if isinstance(one, Skip):
        told |= {"state": "skips", "until": one.until, "by": one.actor, "reason": one.reason}
    return told
