"""`chudan migrate`: the schema."""

import asyncio
import json
from pathlib import Path

import rich_click as click

from api.cli.running import data_option, settings_for
from infra.bootstrap import check_database, connected
from infra.bootstrap import migrate as bring_up_to_date
from infra.settings import Settings


@click.command(epilog="Example: chudan migrate --data var")
@data_option
def migrate(data: Path | None) -> None:
    """Bring the schema up to date; prints how many migrations were applied, as JSON."""
    with connected(settings_for(data)) as settings:
        applied = asyncio.run(_migrate(settings))
    click.echo(json.dumps({"applied": applied}))


async def _migrate(settings: Settings) -> int:
    await check_database(settings.dsn("owner"))
    return await bring_up_to_date(settings.dsn("owner"), settings.role_passwords)
