"""The application: put together once, over what was opened."""

import asyncio
from typing import Any

import pytest
from argon2 import extract_parameters
from argon2.profiles import RFC_9106_LOW_MEMORY

from infra.app import READS_AT_ONCE
from infra.bootstrap import App
from infra.database.db import POOL_SIZE
from infra.turns import Turns, out_of_turn
from tests.carrying import new_partner


def test_no_part_of_it_can_be_replaced(app: App) -> None:
    with pytest.raises(AttributeError, match="log is set already"):
        app.log = app.log


async def test_hashes_passwords_as_rfc_9106_recommends_it_where_nothing_else_is_asked(
    other_process: App,
) -> None:
    hashed = await other_process.passwords.hash("correct horse battery")
    assert extract_parameters(hashed) == RFC_9106_LOW_MEMORY


async def test_who_asks_for_more_than_there_are_connections_leaves_some_to_others(
    app: App,
) -> None:
    ours, theirs = [(await new_partner(app)).tenant for _ in range(2)]
    begun, going = list[Any](), asyncio.Event()

    async def lasting(tenant: Any) -> None:
        begun.append(tenant)
        await going.wait()

    async with asyncio.TaskGroup() as group:
        for _ in range(2 * POOL_SIZE):
            group.create_task(app.read(ours, lasting))
        while len(begun) < READS_AT_ONCE:  # noqa: ASYNC110 - by the tasks
            await asyncio.sleep(0)
        assert await app.read(theirs, lambda tenant: tenant.fetchval("select $1::uuid")) == theirs
        assert len(begun) == READS_AT_ONCE
        going.set()
    assert len(begun) == 2 * POOL_SIZE


async def test_what_waits_within_a_read_gives_back_the_turn_of_its_request(app: App) -> None:
    ours, turns = (await new_partner(app)).tenant, Turns(at_once=1)

    async def another() -> None:
        async with turns.turn(ours):
            pass

    async def waiting(_: Any) -> bool:
        async with out_of_turn():
            other = asyncio.create_task(another())
            for _ in range(10):
                await asyncio.sleep(0)
            return other.done()

    async with turns.turn(ours):
        assert await app.read(ours, waiting)
