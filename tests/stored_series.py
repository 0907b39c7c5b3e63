"""What the tests look at of the stored series, and the figures that they are compared with."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from domain.kernel.values import Ratio
from domain.kpi.catalog import CATALOG
from domain.kpi.evaluation import Evaluated, evaluate_every_way
from domain.kpi.evidence import Basis
from domain.kpi.group import Way
from domain.kpi.kpi import Kpi
from infra.bootstrap import App
from infra.readside.projector import Projector
from infra.readside.series import SeriesFiller
from projections.figures.evidence import SOURCES, get_evidence
from projections.figures.kpi_series import get_series
from projections.kernel.progress import list_positions
from services.kernel.context import Principal
from tests.carrying import carry_out, new_partner
from tests.situation import (
    BEGINNING,
    TOPICS,
    class_planned,
    left,
    manager_changed,
    march,
    ordered,
    passed_gate,
    plan_changed,
    transferred,
    went_live,
)

ZONE = ZoneInfo("Asia/Shanghai")
NEW = msgspec.structs.replace(CATALOG[0], slug="another")
"""A KPI that nobody has heard of yet."""

WAYS: tuple[Way, ...] = ("all", "month", "cohort", "manager", "training_manager")
LIFE = (
    *BEGINNING,
    passed_gate("E0", on=march(2)),
    went_live("E0", on=march(2)),
    passed_gate("E1", on=march(3)),
    went_live("E1", on=march(3)),
    ordered("E0", "N2", on=march(4)),
    class_planned("K1", cohort="B2", on=march(6)),
    plan_changed("K1", to=march(7), topics=TOPICS[:2], approved=march(5)),
    manager_changed("E1", to="王主管", on=march(6)),
    transferred("E0", to="B2", on=march(7)),
    left("E1", on=march(8)),
)

Stored = dict[Way, dict[str, Evaluated] | None]
Computed = dict[Way, dict[str, Evaluated]]


class Written(NamedTuple):
    """A row, and the transaction that wrote it last."""

    values: tuple[Any, ...]
    by: str


def filler(app: App, day: date, kpis: Sequence[Kpi] = CATALOG) -> SeriesFiller:
    """On the evening of a day."""
    evening = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    return SeriesFiller(app.db, lambda: evening, kpis)


async def fill(app: App, tenant_id: UUID, day: date, kpis: Sequence[Kpi] = CATALOG) -> int:
    """Fills a tenant's series; answers how many were due."""
    return await filler(app, day, kpis).fill(tenant_id)


async def computed(app: App, tenant_id: UUID, day: date, kpis: Sequence[Kpi] = CATALOG) -> Computed:
    """From the read models as they are, on that evening, when the day is not over."""
    async with app.db.snapshot(tenant_id) as connection:
        evidence = await get_evidence(connection, ZONE)
    return evaluate_every_way(kpis, Basis(evidence, day, today=day))


async def stored(app: App, tenant_id: UUID, day: date, kpis: Sequence[Kpi] = CATALOG) -> Stored:
    """What is read for the day and the newest state."""
    async with app.db.snapshot(tenant_id) as connection:
        position = max(await list_positions(connection, SOURCES))
        return {
            way: await get_series(connection, way=way, kpis=kpis, day=day, position=position)
            for way in WAYS
        }


async def written(app: App, tenant_id: UUID) -> dict[tuple[str, str, str], Written]:
    """Every row by its key."""
    async with app.db.tenant(tenant_id) as connection:
        rows = await connection.plain.fetch("select xmin::text as by, * from kpi_series")
    return {
        (row["series"], row["way"], row["key"]): Written(tuple(row)[1:], row["by"]) for row in rows
    }


async def seen_by_head_office(app: App, tenant_id: UUID) -> dict[tuple[str, str], Ratio]:
    """The tenant's figures by series and month."""
    async with app.db.head_office() as connection:
        rows = await connection.fetch(
            "select series, month, numerator, denominator from hq_series where tenant_id = $1",
            tenant_id,
        )
    return {(row[0], row[1]): Ratio(row[2], row[3]) for row in rows}


async def look_round(work: SeriesFiller) -> None:
    """Until nobody is due."""
    while await work.round():
        pass


async def filled_at(app: App, tenant_id: UUID) -> datetime:
    """When the tenant's series were filled last."""
    async with app.db.tenant(tenant_id) as connection:
        at: datetime = await connection.plain.fetchval(
            "select max(filled_at) from series_checkpoints"
        )
    return at


async def rest(app: App, *tenants: UUID) -> None:
    """As if the tenants' series had been filled long ago."""
    for tenant_id in tenants:
        async with app.db.tenant(tenant_id) as connection:
            await connection.plain.execute(
                "update series_checkpoints set filled_at = now() - interval '1 hour'"
            )


async def partner_with(app: App) -> Principal:
    """A partner with a history, in the read models."""
    principal = await new_partner(app)
    await carry_out(app, principal, LIFE)
    await Projector(app.db, app.log).catch_up(principal.tenant)
    return principal
