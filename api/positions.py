"""The positions of a partner's figures, for whoever is told of each move."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from random import uniform
from uuid import UUID

from infra.bootstrap import App, out_of_turn

SIGN_OF_LIFE_EVERY = 15.0
"""Seconds after which a stream at the latest says that it is still there, whatever moves meanwhile;
as early as after half of them, so that those which began together do not all do so together."""

LEAST_PAUSE = 0.5
"""Seconds between two positions that somebody is told: during an import they move all the time."""


async def follow_positions(app: App, tenant_id: UUID, after: int = -1) -> AsyncIterator[int | None]:
    """Each position past `after` that the figures reach (the latest, not every one), and None now
    and then, so that the caller can look whether anybody listens still, and may. Who waits for the
    next one does so out of their turn."""
    clock = asyncio.get_running_loop().time

    def next_sign() -> float:
        return clock() + SIGN_OF_LIFE_EVERY * uniform(0.5, 1.0)  # noqa: S311 - nobody's secret

    due, pause = next_sign(), 0.0
    with app.positions.follow(tenant_id) as follower:
        while True:
            reached = None
            async with out_of_turn():
                await asyncio.sleep(pause)
                if clock() < due:
                    with suppress(TimeoutError):
                        async with asyncio.timeout_at(due):
                            reached = await follower.news()
            pause = 0.0
            if reached is None:
                due = next_sign()
                yield None
            elif reached > after:
                after, pause = reached, LEAST_PAUSE
                yield reached
