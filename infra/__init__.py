"""Adapters, runners and wiring: the database, the log, the projector, jobs, files, servers.

May import services, projections and the domain; never the doors in api/.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def _without(library: str) -> Iterator[None]:
    """What is imported meanwhile finds no such library."""
    loaded = sys.modules.pop(library, None)
    sys.modules[library] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[library]
        if loaded is not None:
            sys.modules[library] = loaded


# It would load rich for tracebacks with all that functions held, which nobody is to see: an eighth
# of every start.
with _without("rich"):
    import structlog  # noqa: F401
