"""What is over of getting in is taken away: sessions, steps, links, challenges, ways to providers
that nobody came back for, and guesses that no limit remembers."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import asyncpg

from services.people.guessing import OF_ACCOUNT, OF_ADDRESS

EVERY: Final = timedelta(minutes=1)
MOST: Final = 1_000
"""Of each kind, at a time."""

FORGOTTEN: Final = max(OF_ACCOUNT.forgotten, OF_ADDRESS.forgotten)

_SWEEP = "select sweep_ways_in($1, $2, $3)"


class Sweeping:
    """A chore of the scheduler's leader."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._due: datetime | None = None

    async def sweep(self, across: asyncpg.Connection) -> int:
        """Answers how much there was; nothing before it is due again."""
        now = self._clock()
        if self._due is not None and now < self._due:
            return 0
        gone: int = await across.fetchval(_SWEEP, now, now - FORGOTTEN, MOST)
        self._due = now if gone >= MOST else now + EVERY
        return gone
