"""The HTTP application: every door mounted by name, one composition root behind them.

Run as a factory by the server that api/http/server.py sets up.
"""

import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

import structlog
from litestar import Litestar, Request, Response
from litestar.enums import MediaType
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler
from litestar.plugins import PluginProtocol
from litestar.plugins.core import MsgspecDIPlugin

from api.auth import SYSTEM, Credentials, language_of
from api.compression import COMPRESSION
from api.edge import EdgeMiddleware
from api.errors import STATUSES, body, status_of, told
from api.graphql.engine.execution import Engine
from api.graphql.schema import build_schema, sdl
from api.http import downloads, feed, graphql, imports, monitoring
from api.http.proxies import TrustedProxies
from api.in_turn import TURNS, InTurn
from api.requests import LARGEST_BODY, BoundedAddress, ClientGoneError, FormRequest
from api.streams import STREAMS, Streams
from api.web.kit.assets import Assets
from api.web.kit.refusal_page import RefusalPage, is_for_people
from api.web.kit.renderer import Renderer
from api.web.pages.ide import Ide
from api.web.pages.places import PLACES
from api.web.routes import routes as pages
from domain.kernel.errors import Refusal
from infra.bootstrap import (
    Turns,
    bootstrap,
    configure_logging,
    demo_accounts,
    end_with_parent,
    tune_garbage_collector,
    utc_now,
)
from infra.settings import Settings, load_settings

DOORS: tuple[BaseRouteHandler, ...] = (
    monitoring.healthz,
    monitoring.readyz,
    monitoring.metrics,
    feed.feed,
    downloads.files,
    downloads.exports,
    imports.imports,
    imports.import_template,
    imports.import_filled,
    graphql.graphql,
    graphql.graphql_schema,
)
"""Every door beside the pages; a new one is added here."""

MACHINE_DOORS = frozenset(path.split("/")[1] for door in DOORS for path in door.paths) | {"static"}
"""Where refusals are JSON, whoever asks."""

SWITCH_SECONDS = 0.001
"""For which the event loop waits at every turn beside a thread that counts; Python's own is five
times as long."""

RENDERER = "renderer"
"""Where the application's state keeps what draws the pages."""


class Application(Litestar):
    """Without what litestar adds for pydantic where that is installed, as tests have it: nothing of
    ours is made of it, and to load it took as long as all the rest of making the application."""

    @staticmethod
    def _get_default_plugins(plugins: list[PluginProtocol]) -> list[PluginProtocol]:
        return [*plugins, MsgspecDIPlugin()]


def create_app(
    settings: Settings | None = None, clock: Callable[[], datetime] = utc_now
) -> Litestar:
    """The application. Nothing connects before its lifespan begins.

    settings: default from the environment, with the addresses of all servers. Raises
    FileNotFoundError while the assets are not made (`make setup`).
    """
    chosen = settings or load_settings()
    if settings is None:
        # The factory of a process of its own: granian's workers begin with nothing set up.
        end_with_parent()
        configure_logging(chosen.log_format, chosen.log_level)
    collected = monitoring.Metrics()
    schema, assets = build_schema(), Assets.load()
    renderer = Renderer(assets, PLACES, demo_accounts(chosen))

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        async with bootstrap(chosen, clock) as system:
            app.state[SYSTEM] = system
            app.state[graphql.ENGINE] = Engine(schema, system)
            if settings is None:
                system.evaluators.warm()
            yield

    app = Application(
        route_handlers=[*DOORS, *pages(assets, renderer)],
        middleware=[BoundedAddress, Credentials, InTurn],
        compression_config=COMPRESSION,
        exception_handlers={
            Refusal: refused,
            ClientGoneError: gone,
            HTTPException: refused_by_litestar,
            Exception: failed,
        },
        lifespan=[lifespan],
        openapi_config=None,
        logging_config=None,
        request_class=FormRequest,
        request_max_body_size=LARGEST_BODY,
    )
    app.state[monitoring.METRICS] = collected
    app.state[TURNS] = Turns()
    app.state[STREAMS] = Streams(chosen.streams_of_person, chosen.streams_of_partner)
    app.state[graphql.SDL] = sdl(schema)
    app.state[graphql.IDE] = Ide(assets)
    app.state[RENDERER] = renderer
    app.asgi_handler = EdgeMiddleware(app.asgi_handler, collected)
    app.asgi_handler = TrustedProxies(app.asgi_handler, chosen.trusted_proxies)
    if settings is None:
        tune_garbage_collector()
        sys.setswitchinterval(SWITCH_SECONDS)
    return app


def refused(request: Request[Any, Any, Any], refusal: Refusal) -> Response[Any]:
    """A rule of the business said no."""
    return _answer(request, status_of(refusal), refusal)


def gone(_: Request[Any, Any, Any], refusal: ClientGoneError) -> Response[None]:
    """What the log and the metrics say of a request that its sender left, by the status of nginx
    for it: nobody is sent it."""
    return Response(None, status_code=status_of(refusal), media_type=MediaType.TEXT)


def refused_by_litestar(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """A refusal of litestar's own, without its words, which may repeat the input."""
    status = error.status_code
    known = (code for code, its in STATUSES.items() if its == status)
    code = next(known, "request_invalid" if status < 500 else "internal_error")
    return _answer(request, status, Refusal(code))


def failed(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """What is no refusal. Where something broke, the log has the traceback, the caller the
    request's identifier."""
    return refused(request, told(error, structlog.get_logger("api"), "request_failed"))


def _answer(request: Request[Any, Any, Any], status: int, refusal: Refusal) -> Response[Any]:
    """A page for people, JSON for machines."""
    if is_for_people(request, MACHINE_DOORS):
        return RefusalPage(request.app.state[RENDERER], refusal, status)
    headers = {"www-authenticate": "Bearer"} if status == 401 else {}
    content = body(refusal.code, refusal.params, language_of(request))
    return Response(content, status_code=status, headers=headers, media_type=MediaType.JSON)
