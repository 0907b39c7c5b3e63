"""Whom a report names, and as whom."""

from collections.abc import Awaitable, Callable
from datetime import date

import asyncpg

from domain.reporting.report import Report
from infra.bootstrap import App
from infra.work.report_job import read_content
from services.execute import execute
from services.kernel.context import Context, Principal
from services.kernel.work import Work
from services.reporting.report import RequestReport
from tests.carrying import record
from tests.situation import batch_opened, enrolled, enrolment_corrected
from tests.staff import registered, registration_corrected

START = date(2026, 6, 1)
_CLOCK_SET_BACK = """
    update heads set recorded_at = recorded_at + interval '1 hour' where tenant_id = $1
"""


async def asked_for(ctx: Context, month: str = "2026-06") -> Report:
    done = await execute(ctx, RequestReport(month))
    return await Work(ctx).load(Report, done.stream_id)


async def test_names_of_the_instant_of_the_request_but_after_it_are_in_no_report(
    app: App, manager: Principal, owner: Callable[[], Awaitable[asyncpg.Connection]]
) -> None:
    await record(
        app,
        manager,
        registered("M1", name="钱主管", on=START, post="supervisor"),
        batch_opened("A1", on=START),
        enrolled("E0", on=START, name="王一一", manager="M1"),
    )
    # A clock that was set back: until it is there again, all is of one instant.
    await (await owner()).execute(_CLOCK_SET_BACK, manager.tenant)
    report = await asked_for(app.context(manager))
    await record(
        app,
        manager,
        enrolment_corrected("E0", name="王依依"),
        registration_corrected("M1", name="钱多多"),
    )
    content = await read_content(app, manager.tenant, report)
    assert {*content.names.values(), *content.called.values()} == {"王一一", "钱主管"}
