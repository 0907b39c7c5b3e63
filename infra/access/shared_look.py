"""One look-up for all who ask while it is under way."""

import asyncio
import time
from collections.abc import Coroutine
from typing import Any


class SharedLook:
    """A look-up that others may wait for too. since: when it began, by the machine's running time.
    lasting: seconds after which what it sees is too old for who asks by then."""

    def __init__(self, found: Coroutine[Any, Any, Any], lasting: float) -> None:
        self.since, self._lasting = time.monotonic(), lasting
        self.found = asyncio.ensure_future(found)
        # Nobody may be left who is told of its failure.
        self.found.add_done_callback(lambda it: it.cancelled() or it.exception())

    @property
    def is_under_way(self) -> bool:
        return not self.found.done() and time.monotonic() < self.since + self._lasting
