"""Transactions that do not come to their end."""

import asyncio
import logging

import pytest

from infra.bootstrap import App
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
