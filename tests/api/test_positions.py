"""The positions that somebody follows: every move is noticed, and nobody else's."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import date
from itertools import count

import pytest

from api import positions
from api.positions import follow_positions
from infra.bootstrap import App, bootstrap
from infra.readside.projector import catch_up
from infra.settings import Settings
from tests.browser.story import Told, join
from tests.servers import QUICK
from tests.situation import batch_opened


@pytest.fixture(scope="module")
async def app(database: Settings) -> AsyncIterator[App]:
    async with bootstrap(database, hasher=QUICK) as app:
        yield app


async def moves(told: Told, code: str) -> int:
    """A move of the partner's figures; answers the position."""
    position = await told.does(batch_opened(code, name=code, on=date(2024, 1, 1)))
    await catch_up(told.app, told.principal.tenant)
    return position


async def test_tells_a_page_that_came_late(app: App) -> None:
    told = await join(app, "LATE")
    position = await moves(told, "A")
    follower = follow_positions(app, told.principal.tenant, 0)
    assert await anext(follower) == position
    await follower.aclose()


async def test_tells_every_page_of_the_partner_and_no_other(app: App) -> None:
    ours, theirs = await join(app, "OURS"), await join(app, "THEIRS")
    start = [await moves(told, "A") for told in (ours, theirs)]
    watching = [follow_positions(app, ours.principal.tenant, start[0]) for _ in range(2)]
    other = follow_positions(app, theirs.principal.tenant, start[1])
    told = [asyncio.ensure_future(anext(follower)) for follower in (*watching, other)]
    position = await moves(ours, "B")
    assert [await told[0], await told[1]] == [position, position]
    assert not told[2].done()
    assert await moves(theirs, "B") == await told[2]
    for follower in (*watching, other):
        await follower.aclose()


async def sign_of_life(follower: AsyncIterator[int | None]) -> None:
    """Returns when the stream says that it is there."""
    async for position in follower:
        if position is None:
            return


async def test_says_that_it_is_there_while_figures_move_all_the_time(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(positions, "SIGN_OF_LIFE_EVERY", 1.0)
    busy, quiet = await join(app, "BUSY"), await join(app, "QUIET")
    followers = [follow_positions(app, told.principal.tenant, 0) for told in (busy, quiet)]
    signs = [asyncio.ensure_future(sign_of_life(follower)) for follower in followers]
    numbers = count()
    with suppress(TimeoutError):
        async with asyncio.timeout(60):  # Until then a machine may be as quick or slow as it is.
            while not all(sign.done() for sign in signs):
                await moves(busy, f"B{next(numbers)}")
    assert [sign.done() for sign in signs] == [True, True]
    for follower in followers:
        await follower.aclose()


async def test_stops_looking_when_nobody_watches(app: App) -> None:
    told = await join(app, "ALONE")
    position = await moves(told, "A")
    follower = follow_positions(app, told.principal.tenant, 0)
    assert await anext(follower) == position
    await follower.aclose()
    assert app.positions.looking is not None
    await app.positions.looking
