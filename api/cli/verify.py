"""`chudan verify`: read models compared with the log, row by row."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID

import rich_click as click
from rich.progress import Progress

from api.cli.bars import progress_bar
from api.cli.lines import word
from api.cli.running import data_option, run
from domain.kernel.errors import Refusal
from infra.bootstrap import App, RowDifference, Verified
from projections import PROJECTIONS
from services.people.access import Tenant

MOST_LINES = 100
"""Rows of one read model of one partner that are named; the rest are counted."""


@click.command(epilog="Example: chudan verify --partner CD01")
@data_option
@click.option("--partner", metavar="C", help="Only this partner, by code (default: all).")
def verify(data: Path | None, partner: str | None) -> None:
    """Replay the log and compare every row of the read models with it, also the kept past
    and the stored series.

    Names each row that is missing, altered or surplus, one line each; of an altered row the
    columns, never what they hold. Exit status 1 where there is one. Reads only: it may run beside
    `chudan serve`, and be interrupted at any time.
    """

    async def body(app: App) -> list[Verified]:
        partners = (
            await app.accounts.list_partners()
            if partner is None
            else [await app.accounts.partner(partner)]
        )
        done = []
        with progress_bar() as progress:
            bar = progress.add_task("verify", total=len(partners) * (len(PROJECTIONS) + 1))
            for one in partners:
                async for verified in _verified(app, one.tenant_id):
                    done.append(verified)
                    _say(progress, _lines(one, verified))
                    progress.advance(bar)
        return done

    done = run(data, body)
    rows = sum(one.rows for one in done)
    click.echo(word("verify.compared", rows=rows, partners=len({one.tenant_id for one in done})))
    differing = sum(len(one.findings) for one in done)
    if differing:
        raise Refusal("rows_differ", rows=differing)
    failed = sum(one.error is not None for one in done)
    if failed:
        raise Refusal("verify_incomplete", failed=failed)


async def _verified(app: App, tenant_id: UUID) -> AsyncIterator[Verified]:
    for projection in PROJECTIONS:
        yield await app.verifier.verify(tenant_id, projection)
    yield await app.verifier.verify_series(tenant_id)


def _say(progress: Progress, lines: list[str]) -> None:
    if lines:
        progress.stop()
        click.echo("\n".join(lines))
        progress.start()


def _lines(partner: Tenant, one: Verified) -> list[str]:
    its: dict[str, Any] = {
        "partner": partner.code,
        "projection": one.projection,
        "position": one.position,
    }
    lines = []
    if one.parked is not None:
        lines.append(word("verify.parked", **its, error=one.parked))
    elif one.behind:
        lines.append(word("verify.behind", **its, events=one.behind))
    if one.error is not None:
        lines.append(word("verify.not_replayed", **its, error=one.error))
    lines += [_difference(partner, finding) for finding in one.findings[:MOST_LINES]]
    more = len(one.findings) - MOST_LINES
    if more > 0:
        lines.append(word("verify.more", **its, rows=more))
    return lines


def _difference(partner: Tenant, finding: RowDifference) -> str:
    key = " ".join(str(part) for part in finding.key)
    return word(
        f"verify.{finding.kind}",
        partner=partner.code,
        table=finding.table,
        key=key if finding.as_of is None else f"{key} @ {finding.as_of}",
        columns=", ".join(finding.columns),
    )
