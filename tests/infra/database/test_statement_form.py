"""What the product sends is of the form that Citus takes, and so is what the database holds.

Every session of tests ends by checking whatever the product sent in it (tests/conftest.py). Here
the paths that every installation goes are gone once, so that this file alone says much.
"""

from datetime import date
from uuid import UUID

import pytest

from infra.bootstrap import App
from infra.headoffice.head_office import SchemeRollout
from infra.headoffice.head_office_what_ifs import dispatch_what_ifs
from infra.readside.projector import catch_up
from infra.work.scheduler import hand_over
from projections.figures.evidence import get_evidence
from services.execute import execute
from services.kernel.context import Principal
from services.reporting.report import RequestReport
from services.teaching.cohort import OpenCohort
from services.trainees.trainee import EnrolTrainee, RecordTrialVerdict
from tests.statement_form.form import IMMUTABLE, WITHOUT_TENANT
from tests.statement_form.recording import SEEN, malformed
from tests.stored_series import ZONE, fill

DAY = date(2026, 6, 1)


async def test_what_is_sent_on_the_way_of_a_command_is_of_the_form(
    app: App, manager: Principal
) -> None:
    ctx, tenant = app.context(manager, idempotency_key="k"), manager.tenant
    await execute(ctx, OpenCohort("c", "c", DAY))
    await execute(app.context(manager), EnrolTrainee("c", "E1", "王小明", DAY))
    await execute(app.context(manager), RecordTrialVerdict("E1", "passed", DAY, "好"))
    requested = await execute(app.context(manager), RequestReport("2026-06", "zh-CN"))
    await catch_up(app, tenant)
    await fill(app, tenant, DAY)
    await hand_over(app.db, tenant)
    await app.jobs.get_job(tenant, UUID(requested.answer["job_id"]))
    async with app.db.across() as across:
        await SchemeRollout(app.db, app.log, app.clock).roll_out(across)
        await dispatch_what_ifs(app.db, across)
    async with app.db.snapshot(tenant) as connection:
        await get_evidence(connection, ZONE, cohort="c")
    await app.lags()
    senders = set(SEEN.values())
    assert {"infra/log/lookups.py", "infra/readside/stored_rows.py"} <= senders
    assert malformed() == []


async def test_the_tables_without_a_tenant_are_those_that_are_known(app: App) -> None:
    async with app.db.untenanted() as connection:
        rows = await connection.fetch(
            "select c.relname as name from pg_class c"
            " where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and not exists"
            " (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id')"
        )
    assert {row["name"] for row in rows} == WITHOUT_TENANT


@pytest.mark.parametrize("name", sorted(IMMUTABLE))
async def test_a_function_that_may_decide_is_immutable(app: App, name: str) -> None:
    async with app.db.untenanted() as connection:
        kinds = await connection.fetch("select provolatile from pg_proc where proname = $1", name)
    assert {row["provolatile"] for row in kinds} == {b"i"}
