"""Figures that are opened: of the many lines behind them those that are asked for, at once."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from projections.kernel.paging import Paging
from services.reading.evaluations import AskedLines, FoundLines, OpenedAnswer
from services.reading.memo import Shared

Counting = Callable[[Sequence[AskedLines]], Coroutine[Any, Any, OpenedAnswer]]


class Opened:
    """Figures whose parts are counted together, as soon as some are asked for."""

    def __init__(self, count: Counting) -> None:
        self._count = count
        self._parts: dict[AskedLines, None] = {}
        self._counting: Shared[OpenedAnswer] | None = None

    async def answer(self, *parts: AskedLines) -> OpenedAnswer:
        """One in which these parts are, beside what else is asked for meanwhile."""
        if self._counting is None or not self._counting.is_wanted:
            self._parts = {}
            self._counting = Shared(self._counted())
        self._parts |= dict.fromkeys(parts)
        return await self._counting.wait()

    async def lines(self, of: str, paging: Paging) -> FoundLines:
        """A page of one kind of lines. Refuses `cursor_invalid`."""
        paging.window(0)  # What it refuses would be refused to all who are counted with it.
        part = AskedLines(of, paging)
        return (await self.answer(part)).parts[part]

    async def count(self, of: str) -> int:
        """How many lines of one kind there are."""
        part = AskedLines(of)
        return (await self.answer(part)).parts[part].total

    async def _counted(self) -> OpenedAnswer:
        await asyncio.sleep(0)  # Whoever else asks in this turn of the event loop has asked then.
        self._counting = None
        return await self._count(tuple(self._parts))
