"""`chudan partner`: tenants."""

import json
from pathlib import Path
from typing import Any

import rich_click as click

from api.cli.running import data_option, run
from infra.bootstrap import App
from services.people.access import Tenant


@click.group(epilog="Example: chudan partner list")
def partner() -> None:
    """Create and list partners."""


@partner.command(epilog="Example: chudan partner create --code CD01 --name 成都渠道")
@data_option
@click.option("--code", required=True, metavar="C", help="Unique code.")
@click.option("--name", required=True, metavar="N", help="Name that people read.")
@click.option(
    "--window-days", type=click.IntRange(1, 366), metavar="N", help="Days of the figures' window."
)
def create(data: Path | None, code: str, name: str, window_days: int | None) -> None:
    """Create a partner and print it as JSON."""

    async def body(app: App) -> Tenant:
        return await app.accounts.create_partner(code, name, window_days=window_days)

    click.echo(json.dumps(_plain(run(data, body)), ensure_ascii=False))


@partner.command("list", epilog="Example: chudan partner list --data var")
@data_option
def list_(data: Path | None) -> None:
    """Print all partners as JSON."""

    async def body(app: App) -> list[Tenant]:
        return await app.accounts.list_partners()

    click.echo(json.dumps([_plain(p) for p in run(data, body)], ensure_ascii=False, indent=2))


def _plain(partner: Tenant) -> dict[str, Any]:
    return {
        "id": str(partner.tenant_id),
        "code": partner.code,
        "name": partner.name,
        "zone": partner.zone,
    }
