"""What may be asked about the catalog: its figures, series and curve, the scorecard, a forecast."""

from datetime import date, datetime

import strawberry

from api.graphql.engine.asked import question
from api.graphql.engine.context import Info
from api.graphql.types import kpi as kpis_of
from api.graphql.types.forecast import Forecast, forecast
from api.graphql.types.kpi import FirstOrderCurve, Kpi, KpiFigure, SeriesBy, SeriesPoint
from api.graphql.types.scorecard import Scorecard, scorecard
from domain.kpi.catalog import CATALOG


@strawberry.type
class KpiQueries:
    """Every query takes the same groups and the same two times."""

    @strawberry.field
    def kpi_catalog(self) -> list[Kpi]:
        return [Kpi.of(kpi) for kpi in CATALOG]

    @strawberry.field
    async def kpis(
        self,
        info: Info,
        slugs: list[str] | None = None,
        month: str | None = None,
        cohort: str | None = None,
        manager: str | None = None,
        training_manager: str | None = None,
        happened_by: date | None = None,
        known_by: datetime | None = None,
        known_by_position: int | None = None,
        min_position: int | None = None,
    ) -> list[KpiFigure]:
        await info.context.reach(min_position)
        asked = question(
            info, month, cohort, manager, training_manager, happened_by, known_by, known_by_position
        )
        return await kpis_of.kpi_figures(info, asked, slugs)

    @strawberry.field
    async def series(
        self,
        info: Info,
        kpi: str,
        by: SeriesBy,
        since: date | None = None,
        month: str | None = None,
        cohort: str | None = None,
        manager: str | None = None,
        training_manager: str | None = None,
        happened_by: date | None = None,
        known_by: datetime | None = None,
        known_by_position: int | None = None,
        min_position: int | None = None,
    ) -> list[SeriesPoint]:
        await info.context.reach(min_position)
        asked = question(
            info, month, cohort, manager, training_manager, happened_by, known_by, known_by_position
        )
        return await kpis_of.series(info, asked, kpi, by, since)

    @strawberry.field
    async def first_order_curve(
        self,
        info: Info,
        month: str | None = None,
        cohort: str | None = None,
        manager: str | None = None,
        training_manager: str | None = None,
        happened_by: date | None = None,
        known_by: datetime | None = None,
        known_by_position: int | None = None,
        min_position: int | None = None,
    ) -> FirstOrderCurve:
        await info.context.reach(min_position)
        asked = question(
            info, month, cohort, manager, training_manager, happened_by, known_by, known_by_position
        )
        return await kpis_of.first_order_curve(info, asked)

    @strawberry.field
    async def forecast(
        self,
        info: Info,
        month: str | None = None,
        cohort: str | None = None,
        manager: str | None = None,
        training_manager: str | None = None,
        happened_by: date | None = None,
        known_by: datetime | None = None,
        known_by_position: int | None = None,
        min_position: int | None = None,
    ) -> Forecast | None:
        await info.context.reach(min_position)
        asked = question(
            info, month, cohort, manager, training_manager, happened_by, known_by, known_by_position
        )
        return await forecast(info, asked)

    @strawberry.field
    async def scorecard(
        self,
        info: Info,
        month: str,
        cohort: str | None = None,
        manager: str | None = None,
        happened_by: date | None = None,
        known_by: datetime | None = None,
        known_by_position: int | None = None,
        min_position: int | None = None,
    ) -> Scorecard:
        await info.context.reach(min_position)
        asked = question(
            info, month, cohort, None, manager, happened_by, known_by, known_by_position
        )
        return await scorecard(info, asked)
