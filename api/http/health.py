"""Is the process alive, and can it serve?"""

from typing import Any

from litestar import Request, Response, get

from api.auth import OPEN, system
from infra.bootstrap import DATABASE_ERRORS, Lag


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
        lags = await system(request).lags()
    except DATABASE_ERRORS:
        return Response({"status": "not_ready", "database": "unreachable"}, status_code=503)
    is_ready = not any(lag.unbuilt for lag in lags["projection"])
    content = {
        "status": "ready" if is_ready else "not_ready",
        "database": "reachable",
        "projections": [
            _shown("projection", lag, tenantsUnbuilt=lag.unbuilt) for lag in lags["projection"]
        ],
        "reactors": [_shown("reactor", lag) for lag in lags["reactor"]],
    }
    return Response(content, status_code=200 if is_ready else 503)


def _shown(kind: str, lag: Lag, **more: int) -> dict[str, Any]:
    return {
        kind: lag.consumer,
        "tenantsBehind": lag.tenants_behind,
        "eventsBehind": lag.events_behind,
        **more,
        "parked": lag.parked,
    }
