"""The HTTP server in front of the application: how many connections it holds, and how long one of
them may say nothing."""

import gc
from importlib import import_module

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

HEADER_SECONDS = 15
"""In which the head of a request must have come, from the connection's beginning or from the
request before it."""


def serve_http(
    factory: str,
    host: str,
    port: int,
    *,
    workers: int,
    connections: int,
    header_seconds: int = HEADER_SECONDS,
) -> None:
    """Serves an application until SIGTERM or SIGINT. A worker that dies is replaced, unless it
    dies again within seconds.

    factory: what makes the application, as `module:name`; the module is loaded here, so that each
    worker begins with it. connections: that each worker holds at
    once; the system keeps those that come beyond, as many again as it allows (net.core.somaxconn),
    until one of them is closed.
    """
    import_module(factory.partition(":")[0])
    gc.freeze()  # What a worker never looks at stays shared with the others.
    Granian(
        factory,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        factory=True,
        workers=workers,
        respawn_failed_workers=True,
        workers_kill_timeout=3,
        log_level=LogLevels.warning,
        # By itself it waits for the first bytes, which say which HTTP it is, without any end.
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=header_seconds * 1000),
        backlog=connections,
        backpressure=connections,
    ).serve()
