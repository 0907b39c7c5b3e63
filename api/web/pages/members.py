"""An opened figure: who and what it is made of, down to the records in the log."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from litestar import Response, get

from api.web.kit.pages import PageRequest
from api.web.kit.sight import KpisHere, PagesHere, ReaderHere, look_at, title_of
from api.web.kit.wording import Wording
from api.web.pages.spreads import first_order_curve, spread
from domain.kernel.errors import Refusal
from domain.kpi.catalog import kpi_by_slug
from domain.kpi.evaluation import evaluate, open_figure
from domain.kpi.proof.explanation import explain
from domain.kpi.subjects.groups import members_of
from projections.kernel.projection import Connection
from projections.trainees.cohort_roster import TRAINEE_LIST
from projections.trainees.timeline import list_events_by_position
from services.kernel.permissions import Permission, may, require

MOST_POSITIONS = 200
"""As many records as one opened line may be made of."""


@get("/figures/members", include_in_schema=False)
async def members_page(
    request: PageRequest, pages: PagesHere, reader: ReaderHere, kpis: KpisHere
) -> Response[str]:
    """The people, orders, verdicts or classes that one group's figure is made of.

    Refuses `kpi_unknown`, `month_invalid`, `day_invalid`, `instant_invalid`.
    """
    kpi = kpi_by_slug(request.query_params.get("kpi", ""))
    sight = await look_at(request, reader, kpis)
    evidence, day, group = sight.moment.evidence, sight.day, sight.moment.group
    evaluated = evaluate([kpi], evidence, day, group)
    if kpi.is_headline:
        # The source's own are made of people and of orders (kpi.md), so both are told.
        people = members_of(evidence.newcomers, evidence.windows(day), group)
        opened: Any = explain(people, day, evidence.scheme)
        lines = (*opened.members, *opened.trials, *opened.orders_excluded)
    else:
        opened = open_figure(kpi, evidence, day, group)
        lines = opened.lines
    names: Mapping[str, str] = {}
    if may(reader.principal, Permission.READ_TRAINEES):
        async with reader.app.db.tenant(reader.principal.tenant) as connection:
            tenant_id = reader.principal.tenant
            people_by_id = await TRAINEE_LIST.by_id(connection, tenant_id, _people(lines))
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
        opened=opened,
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
        names = await _names(connection, tenant_id, {row.actor for row in found.values()})
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


async def _names(connection: Connection, tenant_id: UUID, actors: Iterable[str]) -> dict[str, str]:
    """The names of the people among those who recorded something."""
    rows = await connection.fetch(
        "select 'user-' || user_id as actor, name from users"
        " where tenant_id = $1 and 'user-' || user_id = any($2::text[])",
        tenant_id,
        list(actors),
    )
    return {row["actor"]: row["name"] for row in rows}


def _people(lines: Iterable[Any]) -> list[str]:
    return list({line.trainee_id for line in lines if line.trainee_id})


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
