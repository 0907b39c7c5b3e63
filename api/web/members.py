"""An opened figure: who and what it is made of, down to the records in the log."""

from collections.abc import Iterable, Mapping
from typing import Any

from litestar import Response, get

from api.web.board import PagesHere, ReaderHere, choice_of
from api.web.pages import PageRequest
from api.web.wording import Wording
from domain.errors import Refusal
from domain.kpi.catalog import kpi_by_slug
from domain.kpi.explanation import Explanation, explain
from domain.kpi.figures import figures
from domain.kpi.groups import Group, members
from projections.cohort_roster import list_trainees_by_id
from projections.newcomers import list_newcomers
from projections.projection import Connection
from projections.schemes import get_scheme
from projections.timeline import list_events_by_position
from services.permissions import Permission, may, require

MOST_POSITIONS = 200
"""As many records as one opened line may be made of."""


@get("/figures/members", include_in_schema=False)
async def members_page(request: PageRequest, pages: PagesHere, reader: ReaderHere) -> Response[str]:
    """The members of one group's figure. Refuses `kpi_unknown`, `month_invalid`, `day_invalid`."""
    require(reader.principal, Permission.READ_FIGURES)
    choice = choice_of(request.query_params)
    kpi = kpi_by_slug(request.query_params.get("kpi", ""))
    async with reader.app.db.tenant(reader.principal.tenant) as connection:
        newcomers = await list_newcomers(connection, cohort=choice.cohort)
        scheme = await get_scheme(connection)
        wanted = choice.group(newcomers)
        day = choice.on or reader.today
        group = members(newcomers, day, scheme, wanted)
        opened = explain(group, day, scheme)
        names: Mapping[str, str] = {}
        if may(reader.principal, Permission.READ_TRAINEES):
            people = await list_trainees_by_id(connection, trainee_ids=_people(opened))
            names = {trainee_id: row.name for trainee_id, row in people.items() if row.name}
    wording = pages.wording(request, reader.principal.zone)
    return pages.render(
        request,
        "_members.html" if request.htmx else "members.html",
        zone=reader.principal.zone,
        reader=reader,
        kpi=kpi,
        found=figures(group, day, scheme),
        opened=opened,
        names=names,
        title=_title(wanted, wording),
    )


@get("/figures/facts", include_in_schema=False)
async def facts_page(request: PageRequest, pages: PagesHere, reader: ReaderHere) -> Response[str]:
    """The records at some positions of the partner's log. Refuses `position_invalid`."""
    require(reader.principal, Permission.READ_FIGURES)
    positions = _positions(request.query_params.get("positions", ""))
    async with reader.app.db.tenant(reader.principal.tenant) as connection:
        found = await list_events_by_position(connection, positions=positions)
        names = await _names(connection, {row.actor for row in found.values()})
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


async def _names(connection: Connection, actors: Iterable[str]) -> dict[str, str]:
    """The names of the people among those who recorded something."""
    rows = await connection.fetch(
        "select 'user-' || user_id as actor, name from users"
        " where 'user-' || user_id = any($1::text[])",
        list(actors),
    )
    return {row["actor"]: row["name"] for row in rows}


def _people(opened: Explanation) -> list[str]:
    lines: Iterable[Any] = (*opened.members, *opened.trials, *opened.orders_excluded)
    return list({line.trainee_id for line in lines})


def _positions(text: str) -> list[int]:
    parts = text.split(",")
    if len(parts) > MOST_POSITIONS or not all(p.isascii() and p.isdigit() for p in parts):
        raise Refusal("position_invalid")
    return [int(part) for part in parts if len(part) < 19]


def _title(group: Group, wording: Wording) -> str:
    parts = [
        wording.month(group.month) if group.month else None,
        group.cohort and f"{wording.t('filter.cohort')} {group.cohort}",
        group.manager and f"{wording.t('filter.manager')} {group.manager}",
    ]
    return " · ".join(part for part in parts if part) or wording.t("members.everybody")


def _whence(source: Mapping[str, Any], wording: Wording) -> str:
    kind = source.get("kind")
    if kind == "imported":
        return wording.t("source.imported", **{k: source.get(k) for k in ("file", "sheet", "row")})
    return wording.t("source.integrated" if kind == "integrated" else "source.typed")
