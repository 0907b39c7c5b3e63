"""Work in threads that is not left alone when whoever waits for it is cancelled."""

import asyncio
from collections.abc import Callable
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
