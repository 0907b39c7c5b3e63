"""`chudan verify` as a person runs it, beside running servers."""

import pytest

from domain.kpi.catalog import CATALOG
from infra.bootstrap import App
from infra.readside.projector import Projector, catch_up
from projections.figures.newcomers import NEWCOMERS
from projections.trainees.timeline import TIMELINE
from services.kernel.context import Principal
from services.people.access import Tenant
from tests import situation
from tests.api.cli.terminal import chudan
from tests.carrying import carry_out
from tests.infra.log.seals.sealed import sealer
from tests.situation import NAMES, examined, scheme_published
from tests.stored_series import fill

LIFE = (*situation.LIFE, scheme_published("2025-03", window_days=60))


async def verify(app: App, *arguments: str, language: str = "C.UTF-8") -> tuple[int, str, str]:
    """Exit status, standard output and standard error."""
    return await chudan(app.settings.environment, "verify", *arguments, language=language)


async def lived(app: App, manager: Principal) -> None:
    """A life that is recorded, sealed, and shown by the read models and the series."""
    await carry_out(app, manager, LIFE)
    await sealer(app, block=100).seal(manager.tenant)
    await catch_up(app, manager.tenant)
    await fill(app, manager.tenant, situation.march(20))


async def test_rows_that_are_the_logs_pass(app: App, partner: Tenant, manager: Principal) -> None:
    await lived(app, manager)
    status, output, _ = await verify(app, "--partner", partner.code)
    assert status == 0
    assert output.startswith("Compared ")
    assert output.endswith(" rows of 1 partner with the log.\n")


async def test_says_what_is_yet_to_be_filled_and_was_not_compared(
    app: App, partner: Tenant, manager: Principal
) -> None:
    await carry_out(app, manager, LIFE[:5])
    _, output, _ = await verify(app, "--partner", partner.code)
    told = f"Not compared: {len(CATALOG)} series of figures that are yet to be filled;"
    assert [line for line in output.splitlines() if line.startswith(told)]


@pytest.mark.parametrize("language", ["C.UTF-8", "zh_CN.UTF-8"])
async def test_names_every_row_that_was_touched_and_nothing_that_it_holds(
    app: App, partner: Tenant, manager: Principal, language: str
) -> None:
    await lived(app, manager)
    async with app.db.tenant(partner.tenant_id) as connection:
        people = await connection.plain.fetch(
            f"select trainee_id from {NEWCOMERS.table} order by 1"
        )
        gone, altered, copied = (row["trainee_id"] for row in people)
        fields = ", ".join(NEWCOMERS.columns).replace("trainee_id", "'trainee-new'")
        await connection.plain.execute(
            f"insert into {NEWCOMERS.table} (tenant_id, {', '.join(NEWCOMERS.columns)})"
            f" select tenant_id, {fields} from {NEWCOMERS.table} where trainee_id = $1",
            copied,
        )
        await connection.plain.execute(f"delete from {NEWCOMERS.table} where trainee_id = $1", gone)
        await connection.plain.execute(
            f"update {NEWCOMERS.table} set cohort_code = '某某某', facts = '{{}}'"
            " where trainee_id = $1",
            altered,
        )
    status, output, errors = await verify(app, "--partner", partner.code, language=language)
    assert status == 1
    table = NEWCOMERS.table
    told = output.splitlines()[:-1]
    if language == "C.UTF-8":
        assert sorted(told) == sorted(
            [
                f"{partner.code}: {table} lacks the row {gone}.",
                f"{partner.code}: {table} differs from the log in the row {altered}:"
                " cohort_code, facts.",
                f"{partner.code}: {table} has the row trainee-new, of which the log knows nothing.",
            ]
        )
        assert errors.splitlines()[-1].startswith("chudan: 3 rows are not what the log says.")
    else:
        assert len(told) == 3
        assert errors.splitlines()[-1].startswith("chudan: 3 行与事件日志不符。")
    assert not any(name in output + errors for name in (*NAMES, "某某某", "王主管"))


async def test_compares_what_is_behind_where_it_stands(
    app: App, partner: Tenant, manager: Principal
) -> None:
    await carry_out(app, manager, LIFE[:5])
    known = await app.log.position(partner.tenant_id)
    await Projector(app.db, app.log, [TIMELINE]).catch_up(partner.tenant_id)
    async with app.db.tenant(partner.tenant_id) as held:
        # Whatever projector runs beside this test passes over a checkpoint that is locked.
        await held.execute(
            "select from checkpoints where tenant_id = $1 and projection = $2 for update",
            TIMELINE.checkpoint,
        )
        await carry_out(app, manager, [examined("E0", "written", on=situation.march(2))])
        status, output, _ = await verify(app, "--partner", partner.code)
    assert status == 0
    assert (
        f"{partner.code}: timeline is 1 events behind the log; compared at position {known}."
        in output.splitlines()
    )


async def test_help_shows_an_example(app: App) -> None:
    status, output, _ = await verify(app, "--help")
    assert status == 0
    assert "chudan verify --partner CD01" in output
