"""What a worker's tests give commands with, and who hands their jobs to it."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from infra.bootstrap import App
from infra.settings import Settings
from infra.work.broker import make_broker
from infra.work.scheduler import Scheduler
from services.kernel.context import Context, Principal
from tests.infra.worker_process import HASTY


@pytest.fixture
async def scheduler(app: App, database: Settings) -> AsyncIterator[None]:
    """Runs while the test does."""
    broker = make_broker(database.broker_url)
    task = asyncio.ensure_future(Scheduler(app.db, broker, HASTY).run())
    yield
    task.cancel()
    await asyncio.wait([task])
    broker.close()


@pytest.fixture
def ctx(app: App, manager: Principal) -> Context:
    """The circumstances of the training manager of the test's partner."""
    return app.context(manager)
