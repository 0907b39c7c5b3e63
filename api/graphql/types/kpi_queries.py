"""What may be asked about the catalog: its figures, series and curve, the scorecard, a forecast."""

from datetime import date
from typing import Annotated

import strawberry

from api.graphql.engine.arguments import asking, taking
from api.graphql.engine.context import Info
from api.graphql.types import kpi as kpis_of
from api.graphql.types.forecast import Forecast, forecast
from api.graphql.types.kpi import FirstOrderCurve, Kpi, KpiFigure, SeriesBy, SeriesPoint
from api.graphql.types.scorecard import Scorecard, scorecard
from domain.kpi.catalog import CATALOG
from services.reading.question import Question

Slugs = Annotated[
    list[str] | None, strawberry.argument(description="Which figures of the catalog; null: all.")
]


@strawberry.type
class KpiQueries:
    """Every query takes the same groups and the same two times."""

    @strawberry.field
    def kpi_catalog(self) -> list[Kpi]:
        return [Kpi.of(kpi) for kpi in CATALOG]

    @taking(asking(), description="Figures of the catalog.")
    async def kpis(self, info: Info, asked: Question, slugs: Slugs = None) -> list[KpiFigure]:
        return await kpis_of.kpi_figures(info, asked, slugs)

    @taking(asking(), description="One figure along months, groups or evenings.")
    async def series(
        self,
        info: Info,
        asked: Question,
        kpi: Annotated[str, strawberry.argument(description="Its slug.")],
        by: Annotated[SeriesBy, strawberry.argument(description="What the series goes along.")],
        since: Annotated[
            date | None, strawberry.argument(description="By evenings: the first of them.")
        ] = None,
    ) -> list[SeriesPoint]:
        return await kpis_of.series(info, asked, kpi, by, since)

    @taking(asking(), description="After how many days the first order came.")
    async def first_order_curve(self, info: Info, asked: Question) -> FirstOrderCurve:
        return await kpis_of.first_order_curve(info, asked)

    @taking(asking(), description="What the order rate may still become; null where it is final.")
    async def forecast(self, info: Info, asked: Question) -> Forecast | None:
        return await forecast(info, asked)

    @taking(
        asking("month", "cohort", "training_manager", required="month"),
        description="The points of a month by the scheme in force.",
    )
    async def scorecard(self, info: Info, asked: Question) -> Scorecard:
        return await scorecard(info, asked)
