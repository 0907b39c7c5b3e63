"""Is the process alive, and can it serve?"""

from typing import Any

import asyncpg
from litestar import Request, Response, get

from api.auth import OPEN, system


@get("/healthz", sync_to_thread=False, opt={OPEN: True})
def healthz() -> dict[str, str]:
    """Alive: the event loop turns."""
    return {"status": "alive"}


@get("/readyz", opt={OPEN: True})
async def readyz(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
    """Ready: the database answers and every projection of this version has been built.

    A parked projection is one tenant's trouble: it is shown, and does not take the others down; nor
    does a reactor, whatever its trouble, since nobody reads it.
    """
    try:
        lags = await system(request).lag()
        reactor_lags = await system(request).reactor_lag()
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        return Response({"status": "not_ready", "database": "unreachable"}, status_code=503)
    behind = [lag for lag in lags if lag.unbuilt]
    projections = [
        {
            "projection": lag.consumer,
            "tenantsBehind": lag.tenants_behind,
            "eventsBehind": lag.events_behind,
            "tenantsUnbuilt": lag.unbuilt,
            "parked": lag.parked,
        }
        for lag in lags
    ]
    reactors = [
        {
            "reactor": lag.consumer,
            "tenantsBehind": lag.tenants_behind,
            "eventsBehind": lag.events_behind,
            "parked": lag.parked,
        }
        for lag in reactor_lags
    ]
    status = "not_ready" if behind else "ready"
    content = {
        "status": status,
        "database": "reachable",
        "projections": projections,
        "reactors": reactors,
    }
    return Response(content, status_code=503 if behind else 200)
