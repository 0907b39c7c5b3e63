"""Work in threads that is not left alone when whoever waits for it is cancelled."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
V = TypeVar("V")


async def run_whole(work: Callable[P, V], *args: P.args, **named: P.kwargs) -> V:
    """Runs work in a thread and lets it end before what it uses is closed, also when this is
    cancelled."""
    task = asyncio.create_task(asyncio.to_thread(work, *args, **named))
    try:
        return await asyncio.shield(task)
    finally:
        await asyncio.wait([task])


async def each_in_thread(found: Iterator[V]) -> AsyncIterator[V]:
    """What an iterator gives, each found in a thread; nothing that is None."""
    while (one := await run_whole(next, found, None)) is not None:
        yield one
