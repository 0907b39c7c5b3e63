"""What a log tells those who follow it, and when."""

import asyncio
from uuid import uuid4

import pytest

from infra.bootstrap import App
from infra.log import tenant_log
from infra.log.tenant_log import TenantLog
from services.people.access import Tenant
from tests.infra.log.appends import an_append, enrolled


async def test_who_changes_one_thing_after_a_while_waits_for_nothing_else(
    app: App, partner: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    if app.log._notifying is not None:
        await asyncio.wait([app.log._notifying])  # Of the partner that was taken in.
    channel = f"heads_{uuid4().hex}"
    monkeypatch.setattr(tenant_log, "CHANNEL", channel)
    monkeypatch.setattr(tenant_log, "NOTIFY_EVERY", 20.0)
    told = asyncio.Event()
    async with (
        app.db.listening(channel, told.set),
        TenantLog.open(app.db, app.log.secret_keys) as log,
    ):
        trainee = enrolled(f"trainee-{uuid4()}")
        await log.append(an_append(partner.tenant_id, trainee=trainee))
        async with asyncio.timeout(10):
            await told.wait()
