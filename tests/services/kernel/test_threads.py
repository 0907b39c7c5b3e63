"""Work in a thread ends before what it uses is closed."""

import asyncio
from threading import Event

import pytest

from services.kernel.threads import run_whole


async def test_who_is_cancelled_again_and_again_waits_for_the_work() -> None:
    begun, ending, before = asyncio.Event(), Event(), asyncio.all_tasks()
    loop = asyncio.get_running_loop()

    def work() -> None:
        loop.call_soon_threadsafe(begun.set)
        ending.wait()

    waiting = asyncio.create_task(run_whole(work))
    try:
        await begun.wait()
        for _ in range(3):
            # All that it has begun, as a loop does that is closed after a second Ctrl-C.
            for task in asyncio.all_tasks() - before:
                task.cancel()
            await asyncio.sleep(0)
            assert not waiting.done()
    finally:
        ending.set()
    with pytest.raises(asyncio.CancelledError):
        await waiting
