"""`chudan rebuild` and `chudan verify`: read models anew, and compared with the log, which is
compared with its seals."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
import rich_click as click
from rich.progress import Progress

from api.cli.bars import progress_bar
from api.cli.lines import word
from api.cli.running import app_command, echo_json, partner_option
from domain.kernel.errors import Refusal
from infra.bootstrap import (
    CLAIMS,
    SEALS,
    App,
    LogDifference,
    LogVerified,
    RowDifference,
    Seal,
    Verified,
    other_seal_key,
    read_models_incomplete,
    short_of,
)
from projections import PROJECTIONS
from projections.kernel.projection import Projection
from services.people.access import Tenant

MOST_LINES = 100
"""Rows of one read model of one partner that are named, and stretches of its log; the rest are
counted."""


@app_command("rebuild", "rebuild newcomers --partner CD01")
@click.argument("projection", required=False)
@partner_option(required=False)
async def rebuild(app: App, projection: str | None, partner: str | None) -> None:
    """Makes one read model, or all, anew from the log."""
    done = await rebuild_all(app, projection, partner)
    echo_json(done)
    require_rebuilt(done)


def require_rebuilt(done: Iterable[Mapping[str, Any]]) -> None:
    """Requires that read models could be made anew for everybody. Refuses `rebuild_incomplete`."""
    failed = [(one["projection"], its) for one in done for its in one["failed"]]
    if failed:
        table, its = failed[0]
        raise Refusal(
            "rebuild_incomplete",
            failed=len(failed),
            projection=table,
            partner=its["partner"],
            position=its["position"] or "?",
            error=its["error"],
        )


async def rebuild_all(
    app: App, projection: str | None = None, partner: str | None = None
) -> list[dict[str, Any]]:
    """Makes one read model, or all, anew; what was done of each, and of whom it could not be."""
    plans = await _planned(app, projection, partner)
    codes = {one.tenant_id: one.code for one in await app.accounts.list_organisations()}
    with progress_bar() as progress:
        total = sum(len(plan.tenants) for plan in plans)
        bar = progress.add_task(word("rebuild.progress"), total=total)
        return [await _rebuilt(app, plan, codes, lambda: progress.advance(bar)) for plan in plans]


class _Plan(msgspec.Struct, frozen=True):
    """Of which partners a read model is made anew, and of how many a broken-off run of the same
    request has done so."""

    projection: Projection[Any]
    tenants: Sequence[UUID]
    done_before: int = 0
    request: str | None = None


async def _planned(app: App, chosen: str | None, partner: str | None) -> list[_Plan]:
    rebuilder, request = app.rebuilder, chosen or "all"
    projections = rebuilder.chosen(chosen)
    if partner is not None:
        tenant_id = (await app.accounts.partner(partner, or_head_office=True)).tenant_id
        return [_Plan(one, [tenant_id]) for one in projections]
    everybody = await rebuilder.tenants()
    left = [(one, rebuilder.remaining(one, everybody, request)) for one in projections]
    return [_Plan(one, tenants, len(everybody) - len(tenants), request) for one, tenants in left]


async def _rebuilt(
    app: App, plan: _Plan, codes: Mapping[UUID, str], advance: Callable[[], object]
) -> dict[str, Any]:
    events, failed = 0, list[dict[str, Any]]()
    async for rebuilt in app.rebuilder.rebuild(plan.projection, plan.tenants, plan.request):
        events += rebuilt.events
        if rebuilt.error:
            its = {"partner": codes[rebuilt.tenant_id], "position": rebuilt.position}
            failed.append({**its, "error": rebuilt.error})
        advance()
    return {
        "projection": plan.projection.table,
        "partners": len(plan.tenants) - len(failed),
        "done_before": plan.done_before,
        "events": events,
        "failed": failed,
    }


@app_command("verify", "verify --partner CD01")
@partner_option(required=False)
async def verify(app: App, partner: str | None) -> None:
    """Compares the log with its seals, and every row of the read models with the log."""
    await verify_all(app, partner)


async def verify_all(app: App, partner: str | None = None) -> None:
    """Says what differs, and refuses what `chudan verify` does."""
    partners = (
        await app.accounts.list_organisations()
        if partner is None
        else [await app.accounts.partner(partner, or_head_office=True)]
    )
    done, logs = list[Verified](), list[LogVerified]()
    with progress_bar() as progress:
        compared = len(partners) * (len(PROJECTIONS) + 3)
        bar = progress.add_task(word("verify.progress"), total=compared)
        if partner is None:
            logs += app.log_verifier.missing_partners({one.tenant_id for one in partners})
            for log in logs:
                _say(progress, _log_lines(str(log.tenant_id), log))
        for one in partners:
            logs.append(await app.log_verifier.verify(one.tenant_id))
            _say(progress, _log_lines(one.code, logs[-1]))
            progress.advance(bar)
            async for verified in _verified(app, one.tenant_id):
                done.append(verified)
                _say(progress, _lines(one, verified))
                progress.advance(bar)
    if unfilled := sum(one.unfilled for one in done):
        click.echo(word("verify.unfilled", series=unfilled))
    rows = sum(one.rows for one in done)
    click.echo(word("verify.compared", rows=rows, count=len({one.tenant_id for one in done})))
    others = {one.other for one in logs if one.other}
    forged = {one.tenant_id for one in logs if one.findings and not one.other}
    forged |= {one.tenant_id for one in done if one.projection == CLAIMS and one.findings}
    if forged:
        # No read model that is made anew from such a log is any better.
        folder = app.settings.data / SEALS
        raise Refusal("log_forged", partners=len(forged), folder=str(folder))
    if others:
        given = app.settings.given()
        raise other_seal_key(given.seal_keys, others, is_made=given.is_seal_key_made)
    differing = sum(len(one.findings) for one in done)
    if differing:
        raise Refusal("rows_differ", rows=differing)
    failed = sum(one.error is not None for one in done)
    if failed:
        raise Refusal("verify_incomplete", failed=failed)
    if incomplete := [one for one in done if one.is_incomplete]:
        raise read_models_incomplete((one.tenant_id, one.projection) for one in incomplete)


async def _verified(app: App, tenant_id: UUID) -> AsyncIterator[Verified]:
    yield await app.verifier.verify_claims(tenant_id)
    for projection in PROJECTIONS:
        yield await app.verifier.verify(tenant_id, projection)
    yield await app.verifier.verify_series(tenant_id)


def _say(progress: Progress, lines: list[str]) -> None:
    if lines:
        is_drawn = progress.console.is_terminal
        if is_drawn:
            progress.stop()
        click.echo("\n".join(lines))
        if is_drawn:
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
    if one.skips:
        lines.append(word("verify.skips", **its, commands=one.skips))
    if one.error is not None:
        lines.append(
            word("verify.not_replayed", **its | {"position": one.stopped}, error=one.error)
        )
    lines += [_difference(partner, finding) for finding in one.findings[:MOST_LINES]]
    more = len(one.findings) - MOST_LINES
    if more > 0:
        lines.append(word("verify.more", **its, rows=more))
    return lines


def _log_lines(partner: str, one: LogVerified) -> list[str]:
    if one.other:
        return []  # Nothing can be told of a log by another key; that is said once, of all.
    lines = [_change(partner, seal) for seal in one.changes]
    lines += [_forgery(partner, finding) for finding in one.findings[:MOST_LINES]]
    if (more := len(one.findings) - MOST_LINES) > 0:
        lines.append(word("verify.log_more", partner=partner, findings=more))
    if one.sealed < one.head:
        place = {"first": one.sealed + 1, "last": one.head}
        lines.append(word("verify.unsealed", partner=partner, **place))
    return lines


def _change(partner: str, seal: Seal) -> str:
    said = "verify.key_handed_over" if seal.is_handed_over else "verify.key_begun_anew"
    return word(
        said,
        partner=partner,
        position=seal.until,
        key=short_of(seal.key),
        former=short_of(seal.former),
    )


def _forgery(partner: str, finding: LogDifference) -> str:
    first, last = finding.first, finding.last
    at = str(first) if first == last else f"{first}-{last}"
    what = word(f"verify.thing.{finding.thing}", at=at)
    return word(f"verify.log_{finding.kind}", partner=partner, what=what)


def _difference(partner: Tenant, finding: RowDifference) -> str:
    key = " ".join(str(part) for part in finding.key)
    return word(
        f"verify.{finding.kind}",
        partner=partner.code,
        table=finding.table,
        key=key if finding.as_of is None else f"{key} @ {finding.as_of}",
        columns=", ".join(finding.columns),
    )
