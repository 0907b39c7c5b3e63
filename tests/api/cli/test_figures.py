"""`chudan figures` as a person runs it, beside running servers."""

import json

from domain.kpi.catalog import CATALOG
from infra.bootstrap import App
from infra.readside.projector import catch_up
from services.kernel.context import Principal
from services.people.access import Tenant
from services.words.texts import read_texts
from tests import situation
from tests.api.cli.terminal import chudan
from tests.carrying import carry_out
from tests.situation import scheme_published

LIFE = (*situation.LIFE, scheme_published("2025-03", window_days=60))


async def figures(app: App, *arguments: str, language: str = "C.UTF-8") -> tuple[int, str, str]:
    """Exit status, standard output and standard error."""
    return await chudan(app.settings.environment, "figures", *arguments, language=language)


async def test_prints_every_figure_of_the_catalog(
    app: App, partner: Tenant, manager: Principal
) -> None:
    await carry_out(app, manager, LIFE)
    await catch_up(app, partner.tenant_id)
    status, output, _ = await figures(app, "--partner", partner.code, "--on", "2025-06-30")
    assert status == 0
    assert "Order rate" in output
    assert "no data yet" in output
    # What is no terminal cuts no name.
    assert [kpi for kpi in CATALOG if read_texts("en")(kpi.name_id) not in output] == []
    assert "…" not in output
    _, output, _ = await figures(app, "--partner", partner.code, language="zh_CN.UTF-8")
    assert "出单率" in output


async def test_of_a_month_in_which_nobody_went_live_it_says_so_and_no_fraction_of_nothing(
    app: App, partner: Tenant, manager: Principal
) -> None:
    await carry_out(app, manager, LIFE)
    _, output, _ = await figures(
        app, "--partner", partner.code, "--month", "2020-01", language="zh_CN.UTF-8"
    )
    assert f"{partner.name} · 2020-01：" in output
    (line,) = (line for line in output.splitlines() if "出单率" in line)
    assert "无人上岗" in line and "暂定" not in line
    assert "0/0" not in output


async def test_prints_exact_fractions_for_programs(
    app: App, partner: Tenant, manager: Principal
) -> None:
    await carry_out(app, manager, LIFE)
    await catch_up(app, partner.tenant_id)
    status, output, _ = await figures(app, "--partner", partner.code, "--format", "json")
    told = json.loads(output)
    assert status == 0
    assert [figure["slug"] for figure in told["figures"]] == [kpi.slug for kpi in CATALOG]
    assert told["position"] == await app.log.position(partner.tenant_id)
    entered = next(figure for figure in told["figures"] if figure["slug"] == "entered")
    assert entered["ratio"]["denominator"] == 1


async def test_refuses_a_month_that_is_none(app: App, partner: Tenant) -> None:
    status, _, errors = await figures(app, "--partner", partner.code, "--month", "2026-13")
    assert status == 1
    assert len(errors.strip().splitlines()) == 1
