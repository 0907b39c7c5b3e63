"""Transactions that do not come to their end."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest
from structlog.testing import capture_logs

from infra.bootstrap import App
from infra.database import db
from infra.database.db import Database
from services.kernel.context import Principal
from tests.carrying import new_partner


async def test_a_statement_that_is_cancelled_under_way_leaves_no_transaction_behind(
    app: App, caplog: pytest.LogCaptureFixture
) -> None:
    principal: Principal = await new_partner(app)
    under_way = asyncio.Event()

    async def wait_for_ever() -> None:
        async with app.db.tenant(principal.tenant) as tenant:
            under_way.set()
            await tenant.plain.fetchval("select pg_sleep(60)")

    with caplog.at_level(logging.ERROR, logger="asyncio"):
        for _ in range(5):
            under_way.clear()
            task = asyncio.create_task(wait_for_ever())
            await under_way.wait()
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
    assert caplog.messages == []


@pytest.mark.parametrize(
    "begin",
    [Database.untenanted, lambda db: db.listening("any", print)],
    ids=["in a transaction", "while it listens"],
)
async def test_who_is_cancelled_is_cancelled_though_the_connection_is_lost_as_well(
    app: App, begin: Callable[[Database], AbstractAsyncContextManager[object]]
) -> None:
    has_begun = asyncio.Event()

    async def wait_for_ever() -> None:
        async with begin(app.db):
            has_begun.set()
            await asyncio.Event().wait()

    waiting = asyncio.create_task(wait_for_ever())
    await has_begun.wait()
    for pool in app.db._pools.values():
        for holder in pool._holders:
            if not holder.is_idle():
                holder.terminate()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_whoever_keeps_a_connection_at_the_end_is_told_and_waited_for_no_longer(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "CLOSING_SECONDS", 0.05)
    keys, has_begun = app.log.secret_keys, asyncio.Event()

    async def kept_for_ever(database: Database) -> None:
        async with database.untenanted():
            has_begun.set()
            await asyncio.Event().wait()

    with capture_logs() as told:
        async with Database.open(keys.dsn, keys.renew) as database:
            keeping = asyncio.create_task(kept_for_ever(database))
            await has_begun.wait()
    keeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await keeping
    (line,) = told
    assert (line["event"], line["role"], line["connections"]) == ("connections_kept", "app", 1)
    assert any("kept_for_ever" in task for task in line["tasks"])
