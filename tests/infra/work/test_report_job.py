"""Whom a report names, and as whom."""

from collections.abc import Awaitable, Callable
from datetime import date

import asyncpg

from domain.reporting.report import Report
from infra.bootstrap import App
from infra.work.report_job import read_content
from services.execute import execute
from services.kernel.context import Context, Principal, Role
from services.kernel.roles import in_role
from services.kernel.work import Work
from services.people.access import Tenant
from services.people.inviting import become_person
from services.people.person import RenamePerson
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


async def test_who_recorded_it_is_called_as_at_the_request_however_late_it_is_rendered(
    app: App, partner: Tenant
) -> None:
    its = app.context(partner.operator)
    person_id = await become_person(its, name="杜玉璇", email="d@partner.example", roles=())
    user_id = await app.accounts.add_account(partner, "d@partner.example", "杜玉璇", person_id)
    who = in_role(partner.tenant_id, f"user-{user_id}", Role.TRAINING_MANAGER)
    await record(app, who, batch_opened("A1", on=START), enrolled("E0", on=START))
    report = await asked_for(app.context(who))
    await execute(its, RenamePerson(person_id, its.today, "杜鹃"))
    content = await read_content(app, partner.tenant_id, report)
    assert {one.actor for one in content.records} == {"杜玉璇"}
