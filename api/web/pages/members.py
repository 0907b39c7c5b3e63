"""An opened figure: who and what it is made of, down to the records in the log."""

from collections.abc import Mapping
from typing import Any

from litestar import Response, get

from api.web.kit.pages import PageRequest
from api.web.kit.sight import PagesHere, ReaderHere, look_at, title_of
from api.web.kit.wording import Wording
from api.web.pages.spreads import first_order_curve, spread
from domain.kernel.errors import Refusal
from domain.kpi.catalog import kpi_by_slug
from domain.kpi.evaluation import evaluate
from domain.kpi.proof.breakdown import break_down
from domain.kpi.proof.explanation import explain
from projections.trainees.cohort_roster import TRAINEE_LIST
from projections.trainees.timeline import list_events_by_position
from services.kernel.permissions import Permission, may, require

MOST_POSITIONS = 200
"""As many records as one opened line may be made of."""


@get("/figures/members", include_in_schema=False)
async def members_page(request: PageRequest, pages: PagesHere, reader: ReaderHere) -> Response[str]:
    """The people, orders, verdicts or classes that one group's figure is made of.

    Refuses `kpi_unknown`, `month_invalid`, `day_invalid`, `instant_invalid`.
    """
    kpi = kpi_by_slug(request.query_params.get("kpi", ""))
    sight = await look_at(request, reader)
    evidence, day, group = sight.moment.evidence, sight.day, sight.moment.group
    evaluated = evaluate([kpi], evidence, day, group)
    found = break_down(kpi, evidence, day, group)
    facts = explain(evidence, day, group) if kpi.facts else None
    people = {line.trainee_id for line in found.lines if line.trainee_id}
    people.update(facts.people if facts else ())
    names: Mapping[str, str] = {}
    if may(reader.principal, Permission.READ_TRAINEES):
        async with reader.app.db.tenant(reader.principal.tenant) as connection:
            tenant_id = reader.principal.tenant
            people_by_id = await TRAINEE_LIST.by_id(connection, tenant_id, list(people))
        names = {trainee_id: row.name for trainee_id, row in people_by_id.items() if row.name}
    wording = pages.wording(request, reader.principal.zone)
    return pages.render(
        request,
        "_opened.html" if request.htmx else "opened.html",
        zone=reader.principal.zone,
        reader=reader,
        kpi=kpi,
        found=evaluated.figures[kpi.slug],
        rounding=evaluated.rounding,
        breakdown=found,
        facts=facts,
        names=names,
        title=title_of(sight, wording),
        spread=spread(kpi, sight.moment, wording),
        curve=first_order_curve(kpi, sight.moment, wording),
    )


@get("/figures/facts", include_in_schema=False)
async def facts_page(request: PageRequest, pages: PagesHere, reader: ReaderHere) -> Response[str]:
    """The records at some positions of the partner's log. Refuses `position_invalid`."""
    require(reader.principal, Permission.READ_FIGURES)
    positions = _positions(request.query_params.get("positions", ""))
    async with reader.app.db.tenant(reader.principal.tenant) as connection:
        tenant_id = reader.principal.tenant
        found = await list_events_by_position(connection, tenant_id, positions=positions)
    actors = {row.actor for row in found.values()}
    names = await reader.app.accounts.names_of(tenant_id, list(actors))
    wording = pages.wording(request, reader.principal.zone)
    return pages.render(
        request,
        "_facts.html",
        zone=reader.principal.zone,
        facts=[
            (row, names.get(row.actor, row.actor), _whence(row.source, wording))
            for _, row in sorted(found.items())
        ],
    )


def _positions(text: str) -> list[int]:
    parts = text.split(",")
    if len(parts) > MOST_POSITIONS or not all(p.isascii() and p.isdigit() for p in parts):
        raise Refusal("position_invalid")
    return [int(part) for part in parts if len(part) < 19]


def _whence(source: Mapping[str, Any], wording: Wording) -> str:
    kind = source.get("kind")
    if kind == "imported":
        return wording.t("source.imported", **{k: source.get(k) for k in ("file", "sheet", "row")})
    return wording.t("source.integrated" if kind == "integrated" else "source.typed")
