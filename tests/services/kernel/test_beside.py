"""What grows with a partner is counted beside the event loop."""

import asyncio
from contextlib import suppress
from contextvars import ContextVar
from threading import Event, current_thread

from services.kernel.beside import THREADS, beside

ASKED_BY = ContextVar("asked_by", default="nobody")


async def test_counts_in_a_thread_of_its_own_with_what_surrounds_who_asks() -> None:
    ASKED_BY.set("陈老师")
    thread, asked_by = await beside(lambda: (current_thread().name, ASKED_BY.get()))
    assert thread.startswith("beside")
    assert asked_by == "陈老师"


async def test_what_nobody_waits_for_any_more_is_not_begun() -> None:
    is_over, begun = Event(), list[str]()
    busy = [asyncio.ensure_future(beside(is_over.wait)) for _ in range(THREADS)]
    left = asyncio.ensure_future(beside(begun.append, "left"))
    stayed = asyncio.ensure_future(beside(begun.append, "stayed"))
    await asyncio.sleep(0)
    left.cancel()
    with suppress(asyncio.CancelledError):
        await left
    is_over.set()
    await asyncio.gather(*busy, stayed)
    assert begun == ["stayed"]
