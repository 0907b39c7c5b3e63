"""Work in threads that is not left alone when whoever waits for it is cancelled."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextvars import copy_context
from functools import partial
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
V = TypeVar("V")


async def run_whole(work: Callable[P, V], *args: P.args, **named: P.kwargs) -> V:
    """Runs work in a thread and lets it end before what it uses is closed, also when this is
    cancelled, however often."""
    within = partial(copy_context().run, work, *args, **named)
    # No task: a loop that is closed cancels all of those, whose threads work on.
    working = asyncio.get_running_loop().run_in_executor(None, within)
    cancelled: asyncio.CancelledError | None = None
    while not working.done():
        try:
            await asyncio.wait([working])
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is None:
        return working.result()
    working.exception()  # Which nobody asks for else, and the loop would tell of.
    raise cancelled


async def each_in_thread(found: Iterator[V]) -> AsyncIterator[V]:
    """What an iterator gives, each found in a thread; nothing that is None."""
    while (one := await run_whole(next, found, None)) is not None:
        yield one
