"""`chudan rebuild`: read models anew, beside the live ones."""

import json
from pathlib import Path
from typing import Any

import rich_click as click
from rich.progress import Progress

from api.cli.bars import progress_bar
from api.cli.running import data_option, run
from domain.kernel.errors import Refusal
from infra.bootstrap import App
from projections.kernel.projection import Projection


@click.command(epilog="Example: chudan rebuild newcomers --partner CD01")
@data_option
@click.argument("projection", required=False)
@click.option("--partner", metavar="C", help="Only this partner, by code (default: all).")
def rebuild(data: Path | None, projection: str | None, partner: str | None) -> None:
    """Recompute one read model, or all, from the log; prints what was done as JSON.

    Readers see the old rows until the new ones are complete. May be interrupted at any time: the
    same command goes on where it was.
    """

    async def body(app: App) -> list[dict[str, Any]]:
        chosen = app.rebuilder.chosen(projection)
        with progress_bar() as progress:
            return [await _one(app, one, partner, progress) for one in chosen]

    done = run(data, body)
    click.echo(json.dumps(done, ensure_ascii=False, indent=2))
    failed = sum(len(one["failed"]) for one in done)
    if failed:
        raise Refusal("rebuild_incomplete", failed=failed)


async def _one(
    app: App, projection: Projection[Any], partner: str | None, progress: Progress
) -> dict[str, Any]:
    if partner is None:
        everybody = await app.rebuilder.tenants()
        tenants = app.rebuilder.remaining(projection, everybody)
        skipped = len(everybody) - len(tenants)
    else:
        tenants, skipped = [(await app.accounts.partner(partner)).tenant_id], 0
    bar = progress.add_task(projection.name, total=len(tenants))
    events, failed = 0, []
    async for rebuilt in app.rebuilder.rebuild(projection, tenants):
        events += rebuilt.events
        if rebuilt.error:
            failed.append({"partner": str(rebuilt.tenant_id), "error": rebuilt.error})
        progress.advance(bar)
    return {
        "projection": projection.table,
        "partners": len(tenants) - len(failed),
        "done_before": skipped,
        "events": events,
        "failed": failed,
    }
