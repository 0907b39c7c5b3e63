"""A stored series that is not what the log says is found, whichever row it is."""

from datetime import timedelta

from domain.kernel.values import name_key
from domain.kpi.catalog import CATALOG
from domain.people.partner import HEAD_OFFICE_ID
from infra.bootstrap import App
from infra.readside.projector import Projector
from infra.readside.verify import RowDifference
from projections.figures.newcomers import NEWCOMERS
from tests.carrying import record
from tests.situation import START, march, ordered
from tests.stored_series import fill, partner_with, written

DAY = START + timedelta(days=20)


async def test_series_that_the_log_gives_pass_each_where_it_stands(app: App) -> None:
    principal = await partner_with(app)
    tenant = principal.tenant
    nothing = await app.verifier.verify_series(tenant)
    assert (nothing.rows, nothing.findings, nothing.behind) == (0, (), 0)
    assert nothing.unfilled == len(CATALOG)
    assert (await app.verifier.verify_series(HEAD_OFFICE_ID)).unfilled == 0
    await fill(app, tenant, DAY)
    await record(app, principal, ordered("E0", "N-x", on=march(10)))
    await Projector(app.db, app.log).catch_up(tenant)
    await fill(app, tenant, DAY + timedelta(days=40), CATALOG[:3])
    found = await app.verifier.verify_series(tenant)
    assert (found.findings, found.error, found.behind, found.unfilled) == ((), None, 1, 0)
    assert found.rows == len(await written(app, tenant))


async def test_an_altered_a_missing_and_a_surplus_row_are_named(app: App) -> None:
    tenant = (await partner_with(app)).tenant
    await fill(app, tenant, DAY)
    of_one = await app.log.owner(tenant, "person_name", name_key("王主管"))
    async with app.db.tenant(tenant) as connection:
        for statement in (
            "update kpi_series set numerator = 77 where series = 'entered_v1' and way = 'all'",
            "delete from kpi_series where series = 'entered_v1' and way = 'month'",
            "update kpi_series set is_final = not is_final"
            f" where series = 'employed_v1' and key = '{of_one}'",
            "insert into hq_series select tenant_id, series, '2001-01', 1, 1, true, rounding"
            " from hq_series where series = 'entered_v1' and month = ''",
        ):
            assert await connection.plain.execute(statement) != "UPDATE 0"
    found = await app.verifier.verify_series(tenant)
    assert set(found.findings) == {
        RowDifference("altered", "kpi_series", ("entered_v1", "all", ""), None, ("numerator",)),
        RowDifference("missing", "kpi_series", ("entered_v1", "month", "2025-03"), None),
        RowDifference(
            "altered", "kpi_series", ("employed_v1", "manager", of_one), None, ("is_final",)
        ),
        RowDifference("surplus", "hq_series", ("entered_v1", "2001-01"), None),
    }


async def test_a_series_made_of_an_altered_read_model_is_found(app: App) -> None:
    tenant = (await partner_with(app)).tenant
    async with app.db.tenant(tenant) as connection:
        await connection.plain.execute(f"delete from {NEWCOMERS.table}")
    await fill(app, tenant, DAY)
    found = await app.verifier.verify_series(tenant)
    assert {finding.table for finding in found.findings} == {"kpi_series", "hq_series"}
