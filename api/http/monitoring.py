"""What watches the process: is it alive, can it serve, and its figures for Prometheus."""

from functools import cache
from typing import Any

import structlog
from litestar import Request, Response, get
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from api.auth import OPEN, system
from api.errors import told
from infra.bootstrap import DATABASE_ERRORS, Lag

METRICS = "metrics"
"""Where the application's state keeps them."""


class Metrics:
    """The collectors of one application. Labels never hold a path with an id, or a tenant."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.requests = Counter(
            "chudan_http_requests",
            "HTTP requests by route, method and status.",
            ("route", "method", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "chudan_http_request_seconds",
            "Seconds until an HTTP response was sent.",
            ("route",),
            registry=self.registry,
        )
        self._of = cache(self._labelled)

        def gauge(name: str, text: str, *labels: str) -> Gauge:
            return Gauge(f"chudan_{name}", text, labels, registry=self.registry)

        behind = "Events that a {} is behind its tenants' logs."
        parked = "Tenants whose {} is parked before an event that it cannot digest."
        self.behind, self.parked = (
            {
                kind: gauge(f"{kind}_{name}", text.format(kind), kind)
                for kind in ("projection", "reactor")
            }
            for name, text in (("events_behind", behind), ("parked", parked))
        )
        self.series_behind = gauge(
            "series_tenants_behind", "Tenants whose stored series are not of their newest position."
        )

    def _labelled(self, route: str, method: str, status: int) -> tuple[Counter, Histogram]:
        return self.requests.labels(route, method, str(status)), self.seconds.labels(route)

    def observe(self, route: str, method: str, status: int, seconds: float) -> None:
        """Counts a request that took so long."""
        counter, histogram = self._of(route, method, status)
        counter.inc()
        histogram.observe(seconds)


@get("/healthz", sync_to_thread=False, opt={OPEN: True})
def healthz() -> dict[str, str]:
    """Alive: the event loop turns."""
    return {"status": "alive"}


@get("/readyz", opt={OPEN: True})
async def readyz(request: Request[Any, Any, Any]) -> Response[dict[str, Any]]:
    """Ready: the database answers and its disk is not full, this process has the secret keys in
    use, and every projection of this version has been built. code: what is not so.

    What else of the installation does not answer is named (away), and so is what people are
    answered in spite of (warnings): a full disk that keeps files alone, logs that nobody seals. A
    parked projection is one tenant's trouble: it is shown, and does not take the others down; nor
    does a reactor, whatever its trouble, since nobody reads it.
    """
    try:
        await system(request).require_room()
        await system(request).require_secret_keys()
        lags = await system(request).lags()
        warnings = await system(request).list_warnings()
    except DATABASE_ERRORS as error:
        code = told(error, structlog.get_logger("api"), "not_ready").code
        return Response({"status": "not_ready", "code": code}, status_code=503)
    content = {
        "away": await system(request).list_away(),
        "warnings": warnings,
        "projections": [
            _shown("projection", lag, tenantsUnbuilt=lag.unbuilt) for lag in lags["projection"]
        ],
        "reactors": [_shown("reactor", lag) for lag in lags["reactor"]],
    }
    if any(lag.unbuilt for lag in lags["projection"]):
        not_ready = {"status": "not_ready", "code": "read_models_incomplete"}
        return Response(not_ready | content, status_code=503)
    return Response({"status": "ready"} | content)


def _shown(kind: str, lag: Lag, **more: int) -> dict[str, Any]:
    return {
        kind: lag.consumer,
        "tenantsBehind": lag.tenants_behind,
        "eventsBehind": lag.events_behind,
        **more,
        "parked": lag.parked,
    }


@get("/metrics", opt={OPEN: True})
async def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The metrics as text; without the lags while the database cannot be asked."""
    collected: Metrics = request.app.state[METRICS]
    try:
        lags = await system(request).lags()
        collected.series_behind.set(await system(request).series_behind())
    except DATABASE_ERRORS:
        lags = {}
    for kind, consumers in lags.items():
        for lag in consumers:
            collected.behind[kind].labels(lag.consumer).set(lag.events_behind)
            collected.parked[kind].labels(lag.consumer).set(lag.parked)
    content = generate_latest(collected.registry)
    return Response(content, headers={"content-type": CONTENT_TYPE_LATEST})
