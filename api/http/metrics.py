"""Figures about the running process and the projections, as Prometheus reads them."""

import time
from typing import Any

import asyncpg
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
        self.behind = Gauge(
            "chudan_projection_events_behind",
            "Events that a projection is behind its tenants' logs.",
            ("projection",),
            registry=self.registry,
        )
        self.parked = Gauge(
            "chudan_projection_parked",
            "Tenants whose projection is parked before an event that it cannot digest.",
            ("projection",),
            registry=self.registry,
        )
        self.reactor_behind = Gauge(
            "chudan_reactor_events_behind",
            "Events that a reactor is behind its tenants' logs.",
            ("reactor",),
            registry=self.registry,
        )
        self.reactor_parked = Gauge(
            "chudan_reactor_parked",
            "Tenants whose reactor is parked before events that it cannot react to.",
            ("reactor",),
            registry=self.registry,
        )

        self.series_behind = Gauge(
            "chudan_series_tenants_behind",
            "Tenants whose stored series are not of their newest position.",
            registry=self.registry,
        )

    def observe(self, route: str, method: str, status: int, started: float) -> None:
        """started: of time.perf_counter."""
        self.requests.labels(route, method, str(status)).inc()
        self.seconds.labels(route).observe(time.perf_counter() - started)


@get("/metrics", opt={OPEN: True})
async def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Answers although the database is away: then without anybody's lag."""
    collected: Metrics = request.app.state[METRICS]
    try:
        lags = await system(request).lag()
        reactor_lags = await system(request).reactor_lag()
        collected.series_behind.set(await system(request).series_behind())
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        lags, reactor_lags = [], []
    for lag in lags:
        collected.behind.labels(lag.consumer).set(lag.events_behind)
        collected.parked.labels(lag.consumer).set(lag.parked)
    for lag in reactor_lags:
        collected.reactor_behind.labels(lag.consumer).set(lag.events_behind)
        collected.reactor_parked.labels(lag.consumer).set(lag.parked)
    content = generate_latest(collected.registry)
    return Response(content, headers={"content-type": CONTENT_TYPE_LATEST})
