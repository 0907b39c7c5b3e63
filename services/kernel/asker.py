"""Whoever waits for an answer, and may have gone before it is there."""

from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager, nullcontext
from contextvars import ContextVar

LongWait = Callable[[], AbstractAsyncContextManager[None]]

_LONG_WAIT: ContextVar[LongWait] = ContextVar("long_wait", default=nullcontext)


def long_wait() -> AbstractAsyncContextManager[None]:
    """Surrounds a wait for what takes long: it keeps none of the partner's other requests waiting,
    and ends once whoever asked has gone, as far as the door can tell. Refuses `client_gone`."""
    return _LONG_WAIT.get()()


@contextmanager
def waiting_by(wait: LongWait) -> Iterator[None]:
    """While what came through a door waits so for what takes long."""
    before = _LONG_WAIT.set(wait)
    try:
        yield
    finally:
        _LONG_WAIT.reset(before)
