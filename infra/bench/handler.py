"""The peer of the dashboard query: a JSON handler written by hand over the same SQL.

It knows its tenant, asks nobody who the caller is, and takes no query language apart.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Any
from uuid import UUID

from litestar import Litestar, Request, get

from domain.kernel.values import Ratio
from domain.kpi.catalog import NEWCOMER_FIGURES
from domain.kpi.evaluation import Evaluated, evaluate_ways
from domain.kpi.evidence import Evidence
from domain.kpi.group import WHOLE, Way
from domain.kpi.rounding import Unit, shown
from infra.database.db import Database
from infra.settings import load_settings
from projections.figures.newcomers import NEWCOMERS, list_newcomers
from projections.figures.schemes import SCHEMES, get_scheme
from projections.kernel.progress import list_positions

TENANT, DAY = "CHUDAN_BENCH_TENANT", "CHUDAN_BENCH_DAY"


def create_app() -> Litestar:
    """For granian; the tenant and the day come from the environment."""
    settings = load_settings()
    tenant, day = UUID(os.environ[TENANT]), date.fromisoformat(os.environ[DAY])

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        async with Database.open(settings.dsn) as db:
            app.state.db = db
            yield

    @get("/board")
    async def answer(request: Request[Any, Any, Any]) -> dict[str, Any]:
        async with request.app.state.db.tenant(tenant) as connection:
            positions = await list_positions(connection, tenant, (NEWCOMERS, SCHEMES))
            scheme = await get_scheme(connection, tenant)
            newcomers = await list_newcomers(connection, tenant)
        ways: tuple[Way, ...] = ("all", "month", "cohort", "manager")
        evidence = Evidence(newcomers, scheme=scheme)
        found = evaluate_ways(ways, NEWCOMER_FIGURES, evidence, day)
        return {
            "position": min(positions),
            "whole": _figures(found["all"][WHOLE]),
            "months": [{"key": m, **_figures(f)} for m, f in found["month"].items()],
            "byCohort": [{"key": c, **_figures(f)} for c, f in found["cohort"].items()],
        }

    return Litestar([answer], lifespan=[lifespan], openapi_config=None)


def _figures(found: Evaluated) -> dict[str, Any]:
    rate = found["order_rate"]
    return {
        "entered": found["entered"].ratio.numerator,
        "wentLive": found["went_live"].ratio.numerator,
        "orderRate": _ratio(rate.ratio, "percent", found.rounding),
        "averageOrders": _ratio(found["average_orders"].ratio, "per_person", found.rounding),
        "floor": _ratio(rate.floor or rate.ratio, "percent", found.rounding),
        "ceiling": _ratio(rate.ceiling or rate.ratio, "percent", found.rounding),
        "isFinal": rate.is_final,
        "finalOn": rate.final_on,
    }


def _ratio(exact: Ratio, unit: Unit, rounding: str) -> dict[str, Any]:
    return {
        "numerator": exact.numerator,
        "denominator": exact.denominator,
        "value": exact.value,
        "shown": shown(exact, unit, rounding),
    }
