"""Whoever waits for an answer, and may have gone before it is there."""

from collections.abc import Callable
from contextvars import ContextVar

FOLLOWING: ContextVar[Callable[[], None] | None] = ContextVar("following", default=None)
"""How the door through which a request came has a task end with the request."""


def end_with_asker() -> None:
    """From now on the task that calls this is cancelled when whoever asked has gone, as far as the
    door can tell: for what takes long and is for nobody else."""
    follow = FOLLOWING.get()
    if follow is not None:
        follow()
