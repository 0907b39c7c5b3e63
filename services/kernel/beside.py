"""Beside the event loop: what grows with a partner and takes Python's whole attention.

Threads of its own, fewer than there are cores: with two that count at once the loop waits for both
of them at every turn (an exchange of 0.3 ms took 62), and files and downloads have other threads.
"""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
V = TypeVar("V")

THREADS = max(1, (os.cpu_count() or 1) - 1)

_threads = ThreadPoolExecutor(THREADS, thread_name_prefix="beside")


async def beside(count: Callable[P, V], *args: P.args, **named: P.kwargs) -> V:
    """What the function answers; it is not begun when nobody waits for it any more."""
    run = partial(copy_context().run, count, *args, **named)
    return await asyncio.get_running_loop().run_in_executor(_threads, run)
