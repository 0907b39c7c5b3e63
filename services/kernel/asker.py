"""Whoever waits for an answer, and may have gone before it is there."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from contextvars import ContextVar

LONG_WAIT: ContextVar[Callable[[], AbstractAsyncContextManager[None]]] = ContextVar(
    "long_wait", default=nullcontext
)
"""How the door through which a request came has it wait for what takes long."""


def long_wait() -> AbstractAsyncContextManager[None]:
    """Surrounds a wait for what takes long: it keeps none of the partner's other requests waiting,
    and ends once whoever asked has gone, as far as the door can tell. Refuses `client_gone`."""
    return LONG_WAIT.get()()
