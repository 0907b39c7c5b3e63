"""Figures about the running process and the projections, as Prometheus reads them."""

import time
from typing import Any

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
from infra.bootstrap import DATABASE_ERRORS

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

    def observe(self, route: str, method: str, status: int, started: float) -> None:
        """Counts a request. started: of time.perf_counter."""
        self.requests.labels(route, method, str(status)).inc()
        self.seconds.labels(route).observe(time.perf_counter() - started)


@get("/metrics", opt={OPEN: True})
async def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The metrics as text; without the lags while the database is away."""
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
