"""What somebody would write by hand: a JSON handler for each question, over the same SQL.

It knows its callers as the product does, and carries out the same command; it takes no query
language apart, and writes each answer as it stands here.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Any

from litestar import Litestar, Request, get, post

from api.edge import EdgeMiddleware
from api.http.monitoring import Metrics
from domain.kernel.values import Ratio
from domain.kpi.catalog import NEWCOMER_FIGURES
from domain.kpi.evaluation import Evaluated, evaluate_ways
from domain.kpi.evidence import Basis, Evidence
from domain.kpi.group import WHOLE
from domain.kpi.rounding import Unit, shown
from infra.app import App
from infra.bench.figuring import WAYS
from infra.bootstrap import bootstrap, configure_logging
from infra.settings import load_settings
from projections.figures.newcomers import NEWCOMERS, list_newcomers
from projections.figures.schemes import SCHEMES, get_scheme
from projections.kernel.progress import list_positions
from projections.people.people import PEOPLE as STAFF
from projections.trainees.cohort_roster import STAYS
from services.execute import execute
from services.kernel.context import Principal
from services.trainees.trainee import EnrolTrainee

HandlerRequest = Request[Any, Any, Any]

PEOPLE = f"""
    select employee_no, its.name, its.post, manager.name as manager, its.status, entered_on,
        live_on, its.left_on
    from {STAYS.table} its left join {STAFF.table} manager
        on manager.tenant_id = $1 and manager.person_id = its.manager_id
    where its.tenant_id = $1 order by its.name_key, trainee_id limit 100
"""  # noqa: S608 - a name of ours


@get("/me")
async def me(request: HandlerRequest) -> dict[str, Any]:
    _, caller = await _caller(request)
    permissions = sorted(caller.rights)
    return {"actor": caller.actor, "role": caller.role, "permissions": permissions}


@get("/people")
async def people(request: HandlerRequest) -> list[dict[str, Any]]:
    app, caller = await _caller(request)
    async with app.db.tenant(caller.tenant) as tenant:
        return [dict(row) for row in await tenant.fetch(PEOPLE)]


@post("/people", status_code=200)
async def enrol(request: HandlerRequest, data: EnrolTrainee) -> dict[str, Any]:
    app, caller = await _caller(request)
    done = await execute(app.context(caller), data)
    return {"id": done.stream_id, "position": done.position}


@get("/board")
async def board(request: HandlerRequest, day: date) -> dict[str, Any]:
    app, caller = await _caller(request)
    async with app.db.tenant(caller.tenant) as tenant:
        positions = await list_positions(tenant, (NEWCOMERS, SCHEMES))
        scheme = await get_scheme(tenant)
        newcomers = await list_newcomers(tenant)
    found = evaluate_ways(WAYS, NEWCOMER_FIGURES, Basis(Evidence(newcomers, scheme=scheme), day))
    return {
        "position": min(positions),
        "whole": _figures(found["all"][WHOLE]),
        "months": [{"key": m, **_figures(f)} for m, f in found["month"].items()],
        "byCohort": [{"key": c, **_figures(f)} for c, f in found["cohort"].items()],
    }


def create_app() -> Litestar:
    """The application, for granian."""
    settings = load_settings()

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        async with bootstrap(settings) as system:
            app.state.system = system
            yield

    return Litestar([me, people, enrol, board], lifespan=[lifespan], openapi_config=None)


def create_guarded_app() -> Litestar:
    """The same behind what the product puts around every answer: identifier, metrics, a line in the
    log, headers."""
    settings = load_settings()
    configure_logging(settings.log_format, settings.log_level)
    app = create_app()
    app.asgi_handler = EdgeMiddleware(app.asgi_handler, Metrics())
    return app


async def _caller(request: HandlerRequest) -> tuple[App, Principal]:
    app: App = request.app.state.system
    token = request.headers["authorization"].removeprefix("Bearer ")
    principal = await app.accounts.principal_of_token(token)
    if principal is None:
        raise PermissionError
    return app, principal


def _figures(found: Evaluated) -> dict[str, Any]:
    order_rate = found["order_rate"]

    def ratio(exact: Ratio, unit: Unit = "percent") -> dict[str, Any]:
        return {
            "numerator": exact.numerator,
            "denominator": exact.denominator,
            "value": exact.value,
            "shown": shown(exact, unit, found.rounding),
        }

    return {
        "entered": found["entered"].ratio.numerator,
        "wentLive": found["went_live"].ratio.numerator,
        "orderRate": ratio(order_rate.ratio),
        "averageOrders": ratio(found["average_orders"].ratio, "per_person"),
        "floor": ratio(order_rate.floor or order_rate.ratio),
        "ceiling": ratio(order_rate.ceiling or order_rate.ratio),
        "isFinal": order_rate.is_final,
        "finalOn": order_rate.final_on,
    }
